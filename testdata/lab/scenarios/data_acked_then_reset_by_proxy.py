"""A proxy in front of the real server accepts the connection, cannot reach its upstream and closes."""

import os
import time

from netlab import attempt, background, chatter, exchange, http_server, request, response

NGINX = """
daemon off; worker_processes 1; pid %(dir)s/nginx.pid; error_log /dev/null;
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events { worker_connections 64; }
stream {
    server {
        listen %(listen)s;
        proxy_connect_timeout %(timeout)s;
        proxy_pass %(upstream)s;
    }
}
"""

HAPROXY = """
global
    maxconn 100
defaults
    mode tcp
    timeout connect 2s
    timeout client 20s
    timeout server 20s
    %(option)s
listen in
    bind :%(port)s
    retries %(retries)s
    server app %(upstream)s
"""


def nginx(host, listen, upstream, timeout="5s"):
    path = os.path.join(host.net.out, "nginx.conf")
    with open(path, "w") as f:
        f.write(NGINX % {"dir": host.net.out, "listen": listen, "upstream": upstream, "timeout": timeout})
    host.spawn(["nginx", "-p", host.net.out, "-c", path])
    time.sleep(0.6)


def haproxy(host, port, upstream, retries=1, option=""):
    path = os.path.join(host.net.out, "haproxy.cfg")
    with open(path, "w") as f:
        f.write(HAPROXY % {"port": port, "upstream": upstream, "retries": retries, "option": option})
    host.spawn(["haproxy", "-db", "-f", path])
    time.sleep(0.6)


def redirect(host, port, proxy_port):
    """What a service mesh does: whoever comes for the application gets the sidecar."""
    host.nft(f"""table ip mesh {{
        chain pre {{
            type nat hook prerouting priority -100
            tcp dport {port} redirect to :{proxy_port}
        }}
    }}""")


def ask(client, addr, port, times=1, pause=0.4, **options):
    """Sends a request on each of several connections; returns how many got an answer."""
    answered = 0
    for n in range(times):
        s = client.connect(addr, port, **options)
        answered += bool(attempt(exchange, s, request(f"/api/v1/items/{n}", addr)))
        s.close()
        time.sleep(pause)
    return answered


RESET = "tcp.flags == 0x14 && tcp.seq == 1 && tcp.ack > 1"


def sidecar(net):
    """nginx as sidecar, the application behind it is down."""
    client, pod = net.hosts_named("client pod")
    net.cable(client, "10.6.2.2/16", pod, "10.6.3.3/16", delay=0.0002)
    redirect(pod, 8080, 15006)
    nginx(pod, 15006, "127.0.0.1:8080")
    net.capture(client, "client", "requests to 10.6.3.3:8080 are accepted by a sidecar whose application is down: handshake, data, ACK, then a reset with seq 1",
                expect={RESET + " && tcp.srcport == 8080": ">=2", "tcp.srcport == 8080 && tcp.len > 0": 0})
    net.capture(pod, "any", "-i any in the pod: the client's connection, and the sidecar's own attempt on 127.0.0.1:8080 that is refused just before the client is reset",
                iface="any", linktype="LINUX_SLL2",
                expect={RESET + " && tcp.srcport == 8080": ">=2", "tcp.flags == 0x14 && ip.src == 127.0.0.1": ">=2"})
    ask(client, "10.6.3.3", 8080, times=4)


def gateway(net):
    """A stream proxy whose upstream drops SYNs: the reset comes after the proxy's connect timeout."""
    client, proxy, app = net.hosts_named("client proxy app")
    net.cable(client, "192.168.150.14/24", proxy, "192.168.150.2/24", delay=0.004)
    net.link(proxy, "10.244.1.1/24", app, "10.244.1.23/24")
    app.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 6379 drop
        }
    }""")
    nginx(proxy, 6380, "10.244.1.23:6379", timeout="3s")
    net.capture(client, "timeout-client", "a TCP proxy accepts and acknowledges the command, then resets after 3 s: its connect() to the upstream found no answer",
                expect={RESET: 1})
    net.capture(proxy, "timeout-any", "-i any on that proxy: its SYNs to the upstream stay unanswered for 3 s, then the client is reset",
                iface="any", expect={RESET: 1, "tcp.flags == 0x02 && tcp.dstport == 6379": ">=2"})
    s = client.connect("192.168.150.2", 6380)
    attempt(exchange, s, b"*1\r\n$4\r\nPING\r\n")
    s.close()


def ipv6(net):
    """The same over IPv6, one instance only."""
    client, pod = net.hosts_named("client pod")
    net.cable(client, "fd00:10:244::9/64", pod, "fd00:10:244::2:51/64", delay=0.0005)
    nginx(pod, "[::]:9090", "127.0.0.1:19090")
    net.capture(client, "ipv6-client", "IPv6: a proxy accepts, acknowledges the request and resets: its upstream is down",
                expect={RESET: ">=1"})
    ask(client, "fd00:10:244::2:51", 9090)


def haproxy_fin(net):
    """HAProxy ends the connection with FIN when its server refuses."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "172.30.8.40/24", proxy, "172.30.8.5/24", delay=0.0003)
    haproxy(proxy, 5000, "127.0.0.1:5001")
    net.capture(client, "fin-client", "HAProxy accepts, acknowledges the request and closes with FIN after its retry: the server behind it refuses",
                headline="server-closed-without-answer|data-acked-then-reset-by-proxy",
                expect={"tcp.flags.fin == 1 && tcp.srcport == 5000 && tcp.seq == 1": 1, "tcp.srcport == 5000 && tcp.len > 0": 0})
    net.capture(proxy, "fin-any", "-i any beside HAProxy: the refused connections to 127.0.0.1:5001, then the FIN to the client",
                iface="any", headline="data-acked-then-reset-by-proxy|server-closed-without-answer",
                expect={"tcp.flags == 0x14 && tcp.srcport == 5001": ">=2"})
    ask(client, "172.30.8.5", 5000)


def haproxy_nolinger(net):
    """HAProxy with nolinger: FIN or reset, zero bytes served."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "172.30.9.40/24", proxy, "172.30.9.5/24", delay=0.0003)
    haproxy(proxy, 5000, "127.0.0.1:5001", option="option nolinger")
    net.capture(client, "nolinger-client", "HAProxy with nolinger: request acknowledged, FIN then reset, nothing served; the server behind it refuses",
                headline="data-acked-then-reset-by-proxy|server-closed-without-answer",
                expect={"tcp.flags.reset == 1 && tcp.srcport == 5000": ">=1", "tcp.srcport == 5000 && tcp.len > 0": 0})
    ask(client, "172.30.9.5", 5000)


def near_miss_healthy(net):
    """The same sidecar with a living application."""
    client, pod = net.hosts_named("client pod")
    net.cable(client, "10.6.12.2/16", pod, "10.6.13.3/16", delay=0.0002)
    redirect(pod, 8080, 15006)
    nginx(pod, 15006, "127.0.0.1:8080")
    pod.serve(8080, http_server(think=0.01))
    net.capture(client, "near-miss-healthy-client", "the same sidecar with a living application: every request answered",
                headline="none", expect={"tcp.flags.reset == 1": 0, "http.response": 3})
    net.capture(pod, "near-miss-healthy-any", "-i any in that pod: both legs of three answered requests",
                headline="none", iface="any", expect={"tcp.flags.reset == 1": 0})
    if ask(client, "10.6.13.3", 8080, times=3) != 3:
        raise OSError("no answer")


def near_miss_served(net):
    """A server that answers and then closes with bytes unread: its own reset, after an answer."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.70.1.15/24", server, "10.70.1.80/24", delay=0.001)

    def early_answer(conn):
        conn.recv(100)
        conn.sendall(response(b"too large\n", "413 Payload Too Large"))
        time.sleep(0.05)

    server.serve(8081, early_answer)
    net.capture(client, "near-miss-served-client", "the server answers 413 and closes while the upload is unread: its reset follows an answer, no proxy is involved",
                headline="close-with-unread-data", expect={"http.response": 1, "tcp.flags.reset == 1 && tcp.srcport == 8081": ">=1"})
    s = client.connect("10.70.1.80", 8081)
    attempt(s.sendall, b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"x" * 4000)
    time.sleep(0.6)
    s.close()


def near_miss_refused(net):
    """The port is closed: the SYN itself is refused."""
    client, pod = net.hosts_named("client pod")
    net.link(client, "10.6.22.2/16", pod, "10.6.23.3/16")
    net.capture(client, "near-miss-refused-client", "no proxy and no listener: the SYN is refused, nothing was acknowledged",
                headline="conn-refused-rst", expect={"tcp.flags == 0x14 && tcp.seq == 1": 3})
    for _ in range(3):
        client.try_connect("10.6.23.3", 8080)
        time.sleep(0.3)


def tls_first(net):
    """The first data is a ClientHello, the server is 60 ms away, and other traffic goes on."""
    client, proxy = net.hosts_named("client proxy")
    client.sysctl("net.ipv4.ip_default_ttl=128", "net.ipv4.tcp_timestamps=0")
    net.cable(client, "100.70.1.23/16", proxy, "100.70.9.44/16", delay=0.03)
    nginx(proxy, 443, "127.0.0.1:8443", timeout="2s")
    proxy.nft("""table ip filter {
        chain output {
            type filter hook output priority 0
            tcp dport 8443 drop
        }
    }""")
    proxy.serve(8080, http_server(think=0.02))
    net.capture(client, "tls-client", "two TLS clients reach a proxy 60 ms away whose upstream is silent: ClientHello acknowledged, reset after 2 s; beside it healthy traffic to another port",
                expect={RESET + " && tcp.srcport == 443": 2, "http.response": ">=8"})
    busy = chatter(client, "100.70.9.44", 8080, 6, gap=0.5)
    for _ in range(2):
        client.sh("timeout 6 openssl s_client -connect 100.70.9.44:443 -servername pay.example </dev/null", check=False)
    busy.join(5)


def raw_ip(net):
    """Through a VPN interface: packets without an Ethernet header."""
    client, pod = net.hosts_named("client pod")
    net.tunnel(client, "10.8.0.6/24", pod, "10.8.0.1/24")
    nginx(pod, 8000, "127.0.0.1:18000")
    net.capture(client, "raw-ip-client", "recorded on a tun interface (raw IP): two requests acknowledged and then reset by a proxy without upstream",
                iface="tun0", expect={RESET + " && tcp.srcport == 8000": ">=1"})
    ask(client, "10.8.0.1", 8000, times=3)


def far_upstream(net):
    """The upstream lives on another host that refuses; recorded on the proxy's two interfaces apart."""
    client, proxy, app = net.hosts_named("client proxy app")
    net.cable(client, "172.22.40.11/24", proxy, "172.22.40.2/24", delay=0.0004)
    net.cable(proxy, "10.244.7.1/24", app, "10.244.7.19/24", delay=0.003)
    app.serve(22, http_server())
    nginx(proxy, 9042, "10.244.7.19:9042")
    net.capture(proxy, "front-server", "the proxy's client side alone: two requests acknowledged and reset 6 ms later; its upstream on another host refuses",
                iface="eth0", expect={RESET: 2})
    net.capture(proxy, "back-client", "the proxy's upstream side alone: its connection attempts are refused",
                iface="eth1", headline="conn-refused-rst", expect={"tcp.flags == 0x14 && tcp.srcport == 9042": 2})
    net.capture(proxy, "both-any", "-i any on the proxy: each client connection, the refused attempt behind it, the reset",
                iface="any", expect={RESET: 2, "tcp.flags == 0x14 && ip.src == 10.244.7.19": 2})
    ask(client, "172.22.40.2", 9042, times=2)


def before_request(net):
    """HAProxy gives up before the client has said anything; the late request meets a closed connection."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "172.30.10.40/24", proxy, "172.30.10.5/24", delay=0.002)
    haproxy(proxy, 5000, "127.0.0.1:5001")
    net.capture(client, "early-fin-client", "HAProxy closes with FIN after 1 s because its server refuses; the client's first request, sent later, draws a bare reset",
                headline="data-acked-then-reset-by-proxy|server-closed-without-answer|data-after-close",
                expect={"tcp.flags.fin == 1 && tcp.srcport == 5000 && tcp.seq == 1": 1, "tcp.flags == 0x04 && tcp.srcport == 5000": ">=1"})
    s = client.connect("172.30.10.5", 5000)
    time.sleep(1.4)
    attempt(exchange, s, request())
    time.sleep(0.2)


def near_miss_503(net):
    """HAProxy in HTTP mode says what is wrong."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "172.30.11.40/24", proxy, "172.30.11.5/24", delay=0.002)
    path = os.path.join(net.out, "haproxy.cfg")
    with open(path, "w") as f:
        f.write(HAPROXY.replace("mode tcp", "mode http") % {"port": 8080, "upstream": "127.0.0.1:5001", "retries": 0, "option": ""})
    proxy.spawn(["haproxy", "-db", "-f", path])
    time.sleep(0.6)
    net.capture(client, "near-miss-503-client", "HAProxy in HTTP mode answers 503 for its dead server and closes in order: an answer, no reset",
                headline="none", expect={"http.response.code == 503": 2, "tcp.flags.reset == 1": 0})
    ask(client, "172.30.11.5", 8080, times=2)


def long_request(net):
    """The request takes three segments; four clients at once; the proxy gives up after 5 s."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "10.210.3.8/24", proxy, "10.210.3.2/24", delay=0.012)
    proxy.nft("""table ip filter {
        chain output {
            type filter hook output priority 0
            tcp dport 7777 drop
        }
    }""")
    nginx(proxy, 7000, "127.0.0.1:7777", timeout="5s")
    net.at_both(client, proxy, "four uploads of three segments each are acknowledged by a proxy and reset 5 s later, when its connect() to the upstream has timed out", "long-",
                expect={"tcp.flags == 0x14 && tcp.srcport == 7000 && tcp.seq == 1": 4, "tcp.srcport == 7000 && tcp.len > 0": 0})

    def upload():
        sock = client.try_connect("10.210.3.2", 7000)
        attempt(sock.sendall, b"POST /in HTTP/1.1\r\nHost: in.example\r\nContent-Length: 3400\r\n\r\n" + b"v" * 3400)
        attempt(sock.recv, 10)
        sock.close()

    jobs = []
    for _ in range(4):
        jobs.append(background(upload))
        time.sleep(0.35)
    for job in jobs:
        job.join(9)


def mixed_ends(net):
    """Who speaks at once is reset, who waits is closed with FIN: the same proxy, the same dead upstream."""
    client, proxy = net.hosts_named("client proxy")
    net.cable(client, "10.212.2.2/24", proxy, "10.212.2.40/24", delay=0.001)
    nginx(proxy, 8080, "127.0.0.1:18080")
    net.capture(client, "mixed-ends-client", "three requests sent at once are acknowledged and reset; two connections that wait 50 ms are closed with FIN before their request, which draws a bare reset",
                headline="data-acked-then-reset-by-proxy|server-closed-without-answer",
                expect={RESET: ">=2", "tcp.flags.fin == 1 && tcp.srcport == 8080 && tcp.seq == 1": ">=2"})
    for wait in (0, 0.05, 0, 0.05, 0):
        s = client.connect("10.212.2.40", 8080)
        time.sleep(wait)
        attempt(exchange, s, request("/pay"))
        s.close()
        time.sleep(0.3)


CASES = [sidecar, gateway, ipv6, haproxy_fin, haproxy_nolinger, near_miss_healthy, near_miss_served, near_miss_refused, tls_first, raw_ip,
         far_upstream, before_request, near_miss_503,
         long_request,
         mixed_ends]
