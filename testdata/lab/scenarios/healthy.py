"""Nothing is wrong: no problem and no warning may come out of these."""

import os
import socket
import subprocess
import time

from netlab import abort, attempt, background, chatter, download, echo, exchange, http_server, request, sender
from wire import DROP

NO_RESET = {"tcp.flags.reset == 1": 0}


def ok(net, host, name, says, expect=None, **options):
    net.capture(host, name, says, headline="none", expect=NO_RESET if expect is None else expect, **options)


def http_keep_alive(net):
    client, server, addr = net.pair("10.110.0.20/24", "10.110.0.80/24")
    server.serve(80, http_server(think=0.02, body=b"<html>hello</html>\n"))
    for host, name in ((client, "http-keep-alive-client"), (server, "http-keep-alive-server")):
        ok(net, host, name, "eight requests over one HTTP connection, closed by the client", {**NO_RESET, "http.response": 8})
    with client.connect(addr, 80) as sock:
        for n in range(8):
            exchange(sock, request(f"/page/{n}"))
            time.sleep(0.15)


def light_loss(net):
    dropped = []

    def lose_one(f, forward):
        if not forward and len(f.payload) > 1000:
            dropped.append(f.seq)
            return DROP if len(dropped) == 61 else None
        return None

    client, server, addr = net.pair("10.111.0.20/24", "10.111.0.80/24", delay=0.006, rule=lose_one)
    server.serve(80, sender(230_000))
    for host, name in ((client, "light-loss-client"), (server, "light-loss-server")):
        ok(net, host, name, "a 230 kB download; one of 160 segments was lost and repeated within a round trip",
           {**NO_RESET, "tcp.analysis.fast_retransmission || tcp.analysis.retransmission || tcp.analysis.out_of_order": 1}, snaplen=110)
    download(client, addr, 80, 230_000)


def bulk_upload(net):
    client, server, addr = net.pair("10.112.0.20/24", "10.112.0.80/24", delay=0.01)

    def take(conn):
        got = 0
        while got < 120_000:
            got += len(conn.recv(65536))
        conn.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        conn.recv(10)

    server.serve(8080, take)
    ok(net, client, "bulk-upload-client", "a 120 kB upload without loss", snaplen=120)
    with client.connect(addr, 8080) as sock:
        sock.sendall(b"PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 120000\r\n\r\n" + b"u" * 120_000)
        sock.recv(4096)


def keepalives(net):
    client, server, addr = net.pair("10.113.0.20/24", "10.113.0.22/24", delay=0.008)
    server.serve(22, echo)

    def keep(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 3)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 3)

    ok(net, client, "keepalive-client", "a session that idles for 20 s with answered keepalives and then goes on",
       {**NO_RESET, "tcp.analysis.keep_alive": ">=5", "tcp.analysis.keep_alive_ack": ">=5"})
    with client.connect(addr, 22, prepare=keep) as sock:
        exchange(sock, b"ls -l\r\n")
        time.sleep(20)
        exchange(sock, b"exit\r\n")


def tls(net):
    client, server, addr = net.pair("10.114.0.20/24", "10.114.0.43/24", delay=0.005)
    key, cert = os.path.join(net.out, "key.pem"), os.path.join(net.out, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "3", "-subj", "/CN=app.example"], capture_output=True, check=True, timeout=20)
    server.spawn(["openssl", "s_server", "-quiet", "-accept", "443", "-key", key, "-cert", cert, "-www"])
    time.sleep(0.5)
    for host, name in ((client, "tls-client"), (server, "tls-server")):
        ok(net, host, name, "TLS 1.3 handshake, one request, close_notify, orderly close", {"tls.handshake.type == 1": 1, "tls.app_data": ">=2"})
    client.sh(f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 5 openssl s_client -quiet -connect {addr}:443 -servername app.example -ign_eof", check=False)
    time.sleep(0.3)


def loopback(net):
    host = net.host("host")
    host.serve(8080, http_server())
    ok(net, host, "loopback-any", "two requests over loopback, -i any", {**NO_RESET, "http.response": ">=2"}, iface="any", linktype="LINUX_SLL2")
    with host.connect("127.0.0.1", 8080) as sock:
        exchange(sock, request())
        time.sleep(0.2)
        exchange(sock, request("/2"))


def ipv6(net):
    client, server, addr = net.pair("2001:db8:110::20/64", "2001:db8:110::80/64")
    server.serve(80, http_server(think=0.05), addr="::")
    ok(net, client, "ipv6-client", "three requests over IPv6", {**NO_RESET, "http.response": 3})
    with client.connect(addr, 80) as sock:
        for _ in range(3):
            exchange(sock, request())


def jumbo(net):
    client, server, addr = net.pair("10.115.0.20/24", "10.115.0.80/24", delay=0.001, mtu=9000)
    server.serve(80, sender(60_000))
    ok(net, client, "jumbo-client", "a 60 kB download with an MTU of 9000", {**NO_RESET, "tcp.len > 8000": ">=4"}, snaplen=120)
    download(client, addr, 80, 60_000)


def offload(net):
    client, server = net.hosts_named("client server")
    net.link(client, "10.116.0.20/24", server, "10.116.0.80/24", offload=True)
    server.serve(80, sender(150_000))
    for host, name in ((client, "offload-client"), (server, "offload-server")):
        ok(net, host, name, "a 150 kB download recorded before segmentation: segments far above the MSS, checksums unfinished", {**NO_RESET, "tcp.len > 3000": ">=3"}, snaplen=120)
    download(client, "10.116.0.80", 80, 150_000)


def half_close(net):
    client, server, addr = net.pair("10.117.0.20/24", "10.117.0.80/24")

    def sort(conn):
        lines = b""
        while data := conn.recv(4096):
            lines += data
        time.sleep(0.3)
        for line in sorted(lines.split()):
            conn.sendall(line + b"\n")
            time.sleep(0.02)

    server.serve(7000, sort)
    for host, name in ((client, "half-close-client"), (server, "half-close-server")):
        ok(net, host, name, "the client sends its request and half-closes, the server answers at length and closes")
    with client.connect(addr, 7000) as sock:
        sock.sendall(b"pear\napple\nfig\n")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass


def server_closes(net):
    client, server, addr = net.pair("172.20.17.20/24", "172.20.17.80/24", delay=0.015)
    server.serve(80, http_server(close=True))
    ok(net, client, "server-closes-client", "five requests with Connection: close, the server closes first each time", {**NO_RESET, "http.response": 5})
    for n in range(5):
        with client.connect(addr, 80) as sock:
            exchange(sock, request(f"/{n}"))
            attempt(sock.recv, 10)


def health_checks(net):
    prober, server, addr = net.pair("10.118.0.2/24", "10.118.0.80/24", delay=0.0005)
    server.serve(80, http_server())
    client = prober
    ok(net, server, "health-checks-server", "a balancer's checks every second (connect, reset) beside a served request (info at most)",
       {"tcp.flags.reset == 1": 5, "http.response": 1})
    with client.connect(addr, 80) as sock:
        exchange(sock, request())
    for _ in range(5):
        abort(prober.connect(addr, 80))
        time.sleep(1)


def nginx_short(net):
    client, server, addr = net.pair("192.168.77.20/24", "192.168.77.80/24", delay=0.001)
    conf = os.path.join(net.out, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"daemon off; pid {net.out}/nginx.pid; error_log /dev/null; events {{ worker_connections 64; }}\n"
                "http { access_log off; keepalive_timeout 0; server { listen 80; location / { return 200 'ok'; } } }\n")
    server.spawn(["nginx", "-p", net.out, "-c", conf])
    time.sleep(0.5)
    ok(net, client, "nginx-short-client", "forty short HTTP connections to nginx, some of them at once", {**NO_RESET, "http.response": 40})

    def five():
        for _ in range(5):
            with client.connect(addr, 80) as sock:
                exchange(sock, request())
                attempt(sock.recv, 10)

    for job in [background(five) for _ in range(8)]:
        job.join(10)


def postgres(net):
    client, server, addr = net.pair("10.119.0.20/24", "10.119.0.54/24", delay=0.0008)

    def database(conn):
        conn.recv(4096)
        conn.sendall(b"R\0\0\0\x08\0\0\0\0S\0\0\0\x19client_encoding\0UTF8\0Z\0\0\0\5I")
        while data := conn.recv(4096):
            if data[:1] == b"X":
                return
            time.sleep(0.01 * (len(data) % 7))
            conn.sendall(b"T\0\0\0\x1a\0\1id\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0" + b"D\0\0\0\x0b\0\1\0\0\0\1" + b"7" + b"C\0\0\0\rSELECT 1\0Z\0\0\0\5I")

    server.serve(5432, database)
    ok(net, server, "postgres-server", "a database session: start-up, twelve queries with pauses, terminate")
    with client.connect(addr, 5432) as sock:
        exchange(sock, b"\0\0\0\x29\0\3\0\0user\0app\0database\0shop\0\0")
        for n in range(12):
            text = b"SELECT id FROM t WHERE k = %d\0" % n
            exchange(sock, b"Q" + (len(text) + 4).to_bytes(4, "big") + text)
            time.sleep(0.07 * (n % 4))
        sock.sendall(b"X\0\0\0\4")
        attempt(sock.recv, 10)


def linger_zero(net):
    client, server, addr = net.pair("10.121.7.20/24", "10.121.7.80/24")
    server.serve(80, http_server())
    ok(net, client, "linger0-client", "three answered requests, each connection closed with a reset on purpose (info at most)",
       {"tcp.flags.reset == 1": 3, "http.response": 3})
    for _ in range(3):
        sock = client.connect(addr, 80)
        exchange(sock, request())
        time.sleep(0.25)
        abort(sock)


def slow_answers(net):
    client, server, addr = net.pair("10.122.7.20/24", "10.122.7.80/24", delay=0.02)
    server.serve(80, http_server(think=1.3))
    ok(net, client, "slow-answers-client", "the server thinks for 1.3 s before each of three answers; the network is fine (info at most)", {**NO_RESET, "http.response": 3})
    with client.connect(addr, 80) as sock:
        for _ in range(3):
            exchange(sock, request())


def server_push(net):
    client, server, addr = net.pair("10.123.7.20/24", "10.123.7.80/24", delay=0.02)

    def push(conn):
        conn.recv(4096)
        for n in range(10):
            conn.sendall(b"data: event %d\n\n" % n)
            time.sleep(0.5)

    server.serve(80, push)
    ok(net, client, "server-push-client", "a server-sent event stream: one request, ten events half a second apart")
    with client.connect(addr, 80) as sock:
        sock.sendall(request("/events"))
        while sock.recv(4096):
            pass


def interactive(net):
    client, server, addr = net.pair("2001:db8:111::20/64", "2001:db8:111::22/64", delay=0.04)
    server.serve(22, echo, addr="::")
    ok(net, server, "ipv6-interactive-server", "a typed session over IPv6, one character at a time, 80 ms away")
    with client.connect(addr, 22) as sock:
        for char in b"uptime\r":
            exchange(sock, bytes([char]))
            time.sleep(0.12)


def both_close(net):
    client, server, addr = net.pair("10.124.7.20/24", "10.124.7.80/24", delay=0.03)
    server.serve(7000, lambda conn: (conn.recv(100), conn.sendall(b"bye\n"), time.sleep(0.03)))
    ok(net, client, "both-close-client", "both sides close at the same moment, their FINs cross")
    sock = client.connect(addr, 7000)
    exchange(sock, b"bye\n")
    sock.close()
    time.sleep(0.2)


def mild_reordering(net):
    """Two neighbours change places now and then; nothing is repeated."""
    count = [0]

    def swap(f, forward):
        if not forward and len(f.payload) > 1000:
            count[0] += 1
            if count[0] % 11 == 0:
                return [(0.0004, bytes(f.raw))]
        return None

    client, server, addr = net.pair("10.125.7.20/24", "10.125.7.80/24", delay=0.005, rule=swap)
    server.serve(80, sender(90_000))
    ok(net, client, "mild-reordering-client", "a 90 kB download in which a few segments arrive some tenths of a millisecond late (info at most)", NO_RESET, snaplen=120)
    download(client, addr, 80, 90_000)


def page_load(net):
    """A browser: six connections at once to two servers, some kept, some closed by the server."""
    client, one, two = net.hosts_named("client one two")
    net.switch((client, "192.168.178.31/24"), (one, "192.168.178.80/24"), (two, "192.168.178.90/24"))
    client.sysctl("net.ipv4.ip_default_ttl=128")
    one.serve(80, http_server(think=0.03, body=b"p" * 2500))
    two.serve(8080, http_server(think=0.01, body=b"i" * 900, close=True))
    ok(net, client, "page-load-any", "a page load over six connections to two servers, -i any, everything answered", {**NO_RESET, "http.response": 21},
       iface="any", linktype="LINUX_SLL2")

    def kept():
        with client.connect("192.168.178.80", 80) as sock:
            for n in range(4):
                sock.sendall(request(f"/part/{n}"))
                left = 2500
                while left > 0:
                    left -= len(sock.recv(65536))
                time.sleep(0.05)
            time.sleep(0.4)
            sock.setblocking(False)
            attempt(sock.recv, 65536)

    def closed():
        for n in range(3):
            with client.connect("192.168.178.90", 8080) as sock:
                sock.sendall(request(f"/img/{n}"))
                while sock.recv(65536):
                    pass

    for job in [background(work) for work in (kept, closed, kept, closed, kept, closed)]:
        job.join(10)


def begun_before(net):
    """The capture starts in the middle of two sessions."""
    client, server, addr = net.pair("10.126.7.20/24", "10.126.7.80/24", delay=0.012)
    server.serve(80, http_server())
    socks = [client.connect(addr, 80) for _ in range(2)]
    for sock in socks:
        exchange(sock, request())
    ok(net, server, "mid-stream-server", "two sessions that began before the capture go on and end in order", {**NO_RESET, "tcp.flags.syn == 1": 0})
    for n in range(6):
        exchange(socks[n % 2], request(f"/{n}"))
        time.sleep(0.3)
    for sock in socks:
        sock.close()


def one_direction(net):
    """A tap that sees the client's half only."""
    client, server, addr = net.pair("10.127.7.20/24", "10.127.7.80/24", delay=0.012)
    server.serve(80, http_server())
    ok(net, client, "one-direction-client", "only the client's packets were recorded; the acknowledgements show that it was answered", {**NO_RESET, "tcp.srcport == 80": 0},
       filter="tcp and src host 10.127.7.20")
    with client.connect(addr, 80) as sock:
        for n in range(6):
            exchange(sock, request(f"/{n}"))
            time.sleep(0.2)


def satellite(net):
    client, server, addr = net.pair("100.72.0.20/24", "100.72.0.80/24", delay=0.31)
    # Known already: an ARP exchange this slow would have the SYN repeated.
    client.neighbour(addr, server.mac())
    server.neighbour("100.72.0.20", client.mac())
    server.serve(80, http_server(body=b"s" * 6000))
    ok(net, client, "satellite-client", "three requests over a path of 620 ms, nothing lost", {**NO_RESET, "tcp.analysis.retransmission": 0})
    with client.connect(addr, 80) as sock:
        for n in range(3):
            sock.sendall(request(f"/{n}"))
            left = 6000
            while left > 0:
                left -= len(sock.recv(65536))


def old_stack(net):
    """No window scaling, SACK or timestamps on either side; TTL 255."""
    client, server, addr = net.pair("10.128.7.20/24", "10.128.7.80/24", delay=0.006)
    for host in (client, server):
        host.sysctl("net.ipv4.tcp_window_scaling=0", "net.ipv4.tcp_sack=0", "net.ipv4.tcp_timestamps=0", "net.ipv4.ip_default_ttl=255")
    server.serve(21, http_server(body=b"o" * 3000))
    ok(net, server, "old-stack-server", "five exchanges between stacks without scaling, SACK and timestamps", NO_RESET)
    with client.connect(addr, 21) as sock:
        for n in range(5):
            sock.sendall(request(f"/{n}"))
            time.sleep(0.3)
            sock.recv(65536)


def router_many(net):
    """-i any on a masquerading router with two inside hosts."""
    one, two, router, server = net.hosts_named("one two router server")
    router.router()
    net.switch((one, "192.168.60.11/24"), (two, "192.168.60.12/24"), (router, "192.168.60.1/24"))
    net.cable(router, "203.0.113.60/24", server, "203.0.113.80/24", delay=0.007)
    for host in (one, two):
        host.route("default via 192.168.60.1")
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth1 masquerade
        }
    }""")
    server.serve(443, http_server(think=0.01))
    ok(net, router, "router-any", "-i any on a masquerading router: two inside hosts, long and short connections, all served", {**NO_RESET, "http.response": ">=20"}, iface="any")
    for job in [chatter(one, "203.0.113.80", 443, 2), chatter(two, "203.0.113.80", 443, 2)]:
        job.join(6)


def sensor(net):
    """A few bytes every second, one way."""
    client, server, addr = net.pair("2001:db8:128::20/64", "2001:db8:128::83/64", delay=0.05)
    server.serve(8883, lambda conn: [None for _ in iter(lambda: conn.recv(100), b"")], addr="::")
    ok(net, client, "ipv6-sensor-client", "a sensor sends twelve bytes every second, the server only acknowledges", NO_RESET)
    with client.connect(addr, 8883) as sock:
        for n in range(9):
            sock.sendall(b"t=%04d c=21\n" % n)
            time.sleep(1)


def late_reset(net):
    """The server has closed; its reset for the client's last words comes after a complete exchange."""
    client, server, addr = net.pair("10.129.7.20/24", "10.129.7.80/24", delay=0.004)
    server.serve(443, http_server(close=True))
    ok(net, client, "late-alert-client", "answer, the server's close, then 24 bytes like a TLS close_notify from the client and a bare reset for them (info at most)",
       {"tcp.flags.reset == 1": ">=1", "http.response": 1})
    sock = client.connect(addr, 443)
    exchange(sock, request())
    time.sleep(0.2)
    attempt(sock.sendall, b"\x15\x03\x03\x00\x13" + bytes(range(19)))
    time.sleep(0.1)
    sock.close()


def vlan(net):
    client, server = net.hosts_named("client server")
    far = net.trunk(client, "10.137.7.20/24", server, "10.137.7.80/24", [77])
    server.serve(80, http_server())
    ok(net, far, "vlan-middle", "three requests recorded on a trunk with VLAN tags", {**NO_RESET, "vlan.id == 77": ">=8"}, filter=None)
    with client.connect("10.137.7.80", 80) as sock:
        for _ in range(3):
            exchange(sock, request())
            time.sleep(0.1)


def tunnel(net):
    client, server = net.hosts_named("client server")
    net.tunnel(client, "10.8.3.2/24", server, "10.8.3.1/24", delay=0.015)
    server.serve(80, http_server())
    ok(net, server, "raw-ip-server", "three requests recorded on a tun interface (raw IP)", {**NO_RESET, "http.response": 3}, iface="tun0")
    with client.connect("10.8.3.1", 80) as sock:
        for _ in range(3):
            exchange(sock, request())
            time.sleep(0.1)


def disorder(net):
    """Packets take paths of unequal length: a flight arrives in another order than it was sent."""
    late = [0, 9, 1, 12, 3, 0, 14, 5, 2, 8, 6]  # ms
    count = [0]

    def scatter(f, forward):
        if not forward and len(f.payload) > 1000:
            count[0] += 1
            return [(late[count[0] % len(late)] / 4000, bytes(f.raw))]
        return None

    client, server, addr = net.pair("10.138.7.20/24", "10.138.7.80/24", delay=0.025, rule=scatter)
    server.serve(80, sender(120_000))
    ok(net, client, "disorder-client", "a 120 kB download whose segments arrive up to 3.5 ms late and in disorder on a path of 50 ms; nothing is lost (info at most)", NO_RESET, snaplen=120)
    download(client, addr, 80, 120_000)


CASES = [http_keep_alive, light_loss, bulk_upload, keepalives, tls, loopback, ipv6, jumbo, offload, half_close, server_closes,
         health_checks, nginx_short, postgres, linger_zero, slow_answers, server_push, interactive, both_close, mild_reordering,
         page_load, begun_before, one_direction, satellite, old_stack, router_many, sensor, late_reset, vlan, tunnel, disorder]
