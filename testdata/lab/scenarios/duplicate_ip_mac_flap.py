"""Two machines use one address."""

import time

from netlab import attempt, echo, exchange


def two_owners(net):
    client, right, wrong = net.hosts_named("client right wrong")
    net.switch((client, "10.169.2.9/24"), (right, "10.169.2.50/24"), (wrong, "10.169.2.50/24"))
    right.serve(5000, echo)
    # An answer that comes later may replace the entry at once.
    client.sysctl("net.ipv4.neigh.eth0.locktime=0")
    net.capture(client, "client", "two machines answer ARP for 10.169.2.50; the client's entry moves from one to the other, its session meets a machine that does not know it and is reset",
                expect={"arp.opcode == 2 && arp.src.proto_ipv4 == 10.169.2.50": ">=2", "tcp.flags.reset == 1": ">=1"})
    client.neighbour("10.169.2.50", right.mac())
    sock = client.connect("10.169.2.50", 5000)
    exchange(sock, b"one\n")
    # Without an entry the client asks, and both owners answer.
    for _ in range(2):
        client.ip("neigh del 10.169.2.50 dev eth0")
        client.try_connect("10.169.2.50", 5001, timeout=0.5)
        time.sleep(0.2)
    # Which answer wins is a race of microseconds; the case does not wait for it.
    client.neighbour("10.169.2.50", wrong.mac())
    attempt(exchange, sock, b"two\n")
    client.try_connect("10.169.2.50", 5000, timeout=1)
    time.sleep(0.3)


CASES = [two_owners]
