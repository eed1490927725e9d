"""The application accepts too slowly: what the kernel does with connections beyond the backlog."""

import time

from netlab import attempt, background, http_server, request

SYNACK = "tcp.flags == 0x12"


def crowd(client, addr, port, count, wait, say=b""):
    """Connects `count` times at once; each connection that comes up sends a request."""
    def one():
        sock = client.try_connect(addr, port, timeout=wait)
        if sock and say:
            attempt(sock.sendall, say)
    return [background(one) for _ in range(count)]


def syn_dropped(net):
    """The queue is full: new SYNs stay unanswered until the application accepts."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.36.1.20/24", server, "10.36.1.99/24", delay=0.001)
    listener = server.listen(8080, backlog=2)
    for host, name in ((client, "syn-client"), (server, "syn-server")):
        net.capture(host, name, "three connections fill the accept queue (backlog 2); the next SYNs stay unanswered until the application accepts after 3.5 s",
                    headline="accept-queue-overflow|syn-no-answer", expect={"tcp.flags == 0x02": ">=9", SYNACK: ">=6"})
    crowd(client, "10.36.1.99", 8080, 3, 2, request())
    time.sleep(0.3)
    jobs = crowd(client, "10.36.1.99", 8080, 3, 8, request())
    time.sleep(3.2)
    handle = http_server()
    listener.settimeout(3)
    for _ in range(6):
        taken = attempt(listener.accept)
        if taken:
            background(handle, taken[0])
    for job in jobs:
        job.join(3)


def almost_full(net, subnet, port, backlog, delay, **sysctls):
    """A listener whose queue has room for one more: a backlog of n holds n + 1."""
    client, server = net.hosts_named("client server")
    for key, value in sysctls.items():
        server.sysctl(f"net.ipv4.{key}={value}")
    net.cable(client, subnet + ".20/24", server, subnet + ".99/24", delay=delay)
    listener = server.listen(port, backlog=backlog)
    return client, server, listener


def ack_ignored(net):
    """Room for one, six handshakes at once: the surplus ACKs and the data behind them are ignored."""
    client, server, listener = almost_full(net, "172.26.1", 9000, 8, 0.03)
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, name, "a listener with backlog 8 accepts nobody; of six handshakes at once five find the queue full: their ACKs and requests are ignored, SYN-ACKs and requests are repeated until the application accepts after 5 s",
                    expect={SYNACK: ">=20", "tcp.flags.reset == 1": "0-2", "tcp.len > 0 && tcp.dstport == 9000": ">=25"})
    for job in crowd(client, "172.26.1.99", 9000, 8, 2, request()):
        job.join(3)
    jobs = crowd(client, "172.26.1.99", 9000, 6, 8, request())
    time.sleep(5)
    listener.settimeout(1.5)
    for _ in range(14):
        taken = attempt(listener.accept)
        if taken:
            background(http_server(), taken[0])
    for job in jobs:
        job.join(3)
    time.sleep(2)


def aborted(net):
    """tcp_abort_on_overflow=1: the surplus handshake ACKs are answered with a reset."""
    client, server, _ = almost_full(net, "10.37.1", 5432, 8, 0.02, tcp_abort_on_overflow=1)
    for host, name in ((client, "abort-client"), (server, "abort-server")):
        net.capture(host, name, "tcp_abort_on_overflow=1: of six handshakes at once five find the queue full, and their ACKs draw bare resets",
                    expect={SYNACK: 14, "tcp.flags == 0x04 && tcp.srcport == 5432 && tcp.seq == 1": 5})
    for job in crowd(client, "10.37.1.99", 5432, 8, 4):
        job.join(5)
    crowd(client, "10.37.1.99", 5432, 6, 4)
    time.sleep(1.5)


def near_miss_burst(net):
    """Eight connections at once to a listener with room."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.38.1.20/24", server, "10.38.1.99/24", delay=0.02)
    server.serve(8080, http_server())
    net.capture(server, "near-miss-burst-server", "eight clients at once, all accepted and answered",
                headline="none", expect={SYNACK: 8, "http.response": 8, "tcp.flags.reset == 1": 0})
    jobs = []

    def one():
        with client.connect("10.38.1.99", 8080) as sock:
            sock.sendall(request())
            sock.recv(4096)

    jobs = [background(one) for _ in range(8)]
    for job in jobs:
        job.join(5)


def ipv6_any(net):
    """IPv6, -i any on the server, no timestamps."""
    client, server = net.hosts_named("client server")
    client.sysctl("net.ipv4.tcp_timestamps=0", "net.ipv4.ip_default_ttl=128")
    net.cable(client, "2001:db8:212::20/64", server, "2001:db8:212::99/64", delay=0.02)
    server.listen(6443, addr="::", backlog=6)
    net.capture(server, "ipv6-any", "IPv6, -i any: a listener with backlog 6 accepts nobody; of five handshakes at once four find the queue full, ACKs and requests are ignored",
                iface="any", expect={SYNACK: ">=18", "tcp.flags.reset == 1": 0, "tcp.len > 0 && tcp.dstport == 6443": ">=15"})
    for job in crowd(client, "2001:db8:212::99", 6443, 6, 2, request()):
        job.join(3)
    crowd(client, "2001:db8:212::99", 6443, 5, 8, request())
    time.sleep(6)


CASES = [syn_dropped, ack_ignored, aborted, near_miss_burst,
         ipv6_any]
