"""SYNs that draw nothing: eaten on the path, or by the host itself."""

from netlab import exchange, http_server, request
from wire import DROP, SYN

DROP_PORT = """table inet filter {
    chain input {
        type filter hook input priority 0
        tcp dport %d drop
    }
}"""


def path(net):
    """A device on the way eats the SYNs; the server never sees them."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.14.0.9/24", server, "10.14.0.25/24", delay=0.01,
              rule=lambda f, forward: DROP if f.tcp and f.dport == 25 else None)
    net.capture(client, "client", "SYNs to port 25 are eaten on the way: 1 s apart four times, then 2 s, until the application gives up after 8.5 s",
                expect={"tcp.flags == 0x02": ">=6", "tcp.flags == 0x12": 0})
    client.try_connect("10.14.0.25", 25, timeout=8.5)


def host(net):
    """The SYN reaches the host, whose filter drops it behind the capture point; another port works."""
    client, server = net.hosts_named("client server")
    net.cable(client, "192.168.201.9/24", server, "192.168.201.44/24", delay=0.0015)
    server.nft(DROP_PORT % 5432)
    server.serve(80, http_server())
    says = "the server's own filter drops the SYNs to port 5432, port 80 is served meanwhile"
    for where, name in ((client, "host-client"), (server, "server")):
        net.capture(where, name, says, expect={"tcp.flags == 0x02 && tcp.dstport == 5432": ">=4", "http.response": 1})
    with client.connect("192.168.201.44", 80) as sock:
        exchange(sock, request())
    client.try_connect("192.168.201.44", 5432, timeout=4.5)


def classic(net):
    """Exponential back-off from the first retry (tcp_syn_linear_timeouts=0), IPv6."""
    client, server = net.hosts_named("client server")
    client.sysctl("net.ipv4.tcp_syn_linear_timeouts=0")
    net.cable(client, "2001:db8:14::9/64", server, "2001:db8:14::25/64", delay=0.02,
              rule=lambda f, forward: DROP if f.tcp else None)
    net.capture(client, "ipv6-client", "IPv6, no linear SYN timeouts: SYNs at 0, 1, 3, 7 s without an answer",
                expect={"tcp.flags == 0x02": 4, "tcp.flags == 0x12": 0})
    client.try_connect("2001:db8:14::25", 443, timeout=9)


def near_miss_retry(net):
    """The first SYN is lost, the second answered."""
    client, server = net.hosts_named("client server")
    lost = []

    def lose_first(f, forward):
        if f.is_(SYN) and not lost:
            lost.append(1)
            return DROP
        return None

    net.cable(client, "10.14.3.9/24", server, "10.14.3.80/24", delay=0.012, rule=lose_first)
    server.serve(80, http_server())
    net.capture(client, "near-miss-retry-client", "one SYN is lost, its repetition after 1 s is answered: a delay, not a failure (at most a warning)",
                headline="syn-no-answer|none", expect={"tcp.flags == 0x02": 2, "http.response": 1})
    with client.connect("10.14.3.80", 80) as sock:
        exchange(sock, request())


CASES = [path, host, classic, near_miss_retry]
