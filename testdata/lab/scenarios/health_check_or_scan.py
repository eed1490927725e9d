"""Connections that are not meant to carry anything."""

import time

from netlab import abort, exchange, http_server, request


def syn_probe(net):
    """A load balancer's half-open check: SYN, SYN-ACK, RST every second."""
    prober, server, client = net.hosts_named("lb server client")
    net.switch((prober, "10.80.0.2/24"), (server, "10.80.0.50/24"), (client, "10.80.0.77/24"))
    server.serve(80, http_server())
    for host, name in ((prober, "client"), (server, "server")):
        net.capture(host, name, "a balancer probes port 80 once a second with SYN, SYN-ACK, RST; new port and ISN each time (info)",
                    expect={"tcp.flags == 0x12": ">=6", "tcp.flags == 0x04": 6})
    with client.connect("10.80.0.50", 80) as sock:
        exchange(sock, request())
        prober.sh("hping3 -q -c 6 -i 1 -S -p 80 -s 30211 10.80.0.50 || true")
        exchange(sock, request())


def connect_probe(net):
    """Connect, then leave with a reset, every 0.8 s; IPv6."""
    prober, server = net.hosts_named("lb server")
    net.cable(prober, "2001:db8:80::2/64", server, "2001:db8:80::50/64", delay=0.001)
    server.serve(8443, http_server(), addr="::")
    net.capture(server, "connect-server", "IPv6: a balancer connects and resets without sending anything, every 0.8 s (info)",
                expect={"tcp.flags.reset == 1": 7, "tcp.len > 0": 0})
    for _ in range(7):
        abort(prober.connect("2001:db8:80::50", 8443))
        time.sleep(0.8)


def scan(net):
    """One source tries forty ports of one host."""
    scanner, server = net.hosts_named("scanner server")
    net.cable(scanner, "198.51.100.66/24", server, "198.51.100.20/24", delay=0.004)
    for port in (22, 80):
        server.serve(port, http_server())
    net.capture(server, "scan-server", "one source tries ports 1 to 99 of this host: two are open, the others refuse (info)",
                expect={"tcp.flags == 0x02": ">=60", "tcp.flags == 0x14": ">=50"})
    scanner.sh("timeout 8 hping3 --scan 1-99 -S -i u20000 198.51.100.20 || true")


def near_miss_aborted_by_client(net):
    """A client that leaves with a reset after its answer."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.82.0.2/24", server, "10.82.0.50/24", delay=0.001)
    server.serve(80, http_server())
    net.capture(client, "near-miss-answered-client", "a client gets its answer and closes with a reset (SO_LINGER 0): nothing was lost (info at most)",
                headline="none|linger0-abort", expect={"http.response": 1, "tcp.flags.reset == 1": 1})
    sock = client.connect("10.82.0.50", 80)
    exchange(sock, request())
    time.sleep(0.3)
    abort(sock)


CASES = [syn_probe, connect_probe, scan, near_miss_aborted_by_client]
