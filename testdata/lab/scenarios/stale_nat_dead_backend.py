"""Connections made before a moment die together, those made after it work."""

import time

from netlab import attempt, echo, exchange


def moved(net):
    """The translator sends new connections to another server; the old server is switched off."""
    client, router, old, new = net.hosts_named("client router old new")
    router.router()
    net.cable(client, "10.34.1.9/24", router, "10.34.1.1/24", delay=0.003)
    net.switch((router, "10.34.2.1/24"), (old, "10.34.2.31/24"), (new, "10.34.2.32/24"))
    client.route("default via 10.34.1.1")
    for host in (old, new):
        host.route("default via 10.34.2.1")
        host.serve(6379, echo)
    router.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.96.7.7 tcp dport 6379 dnat to 10.34.2.31
        }
    }""")
    net.capture(client, "client", "four connections are translated to a server that is switched off; they all stay unanswered while four later ones, translated to another server, work",
                headline="stale-nat-dead-backend|rto-death|idle-timeout-silent", expect={"tcp.analysis.retransmission": ">=12", "tcp.flags == 0x12": 8, "tcp.flags.reset == 1": 0})
    before = [client.connect("10.96.7.7", 6379) for _ in range(4)]
    for sock in before:
        exchange(sock, b"PING\r\n")
    time.sleep(0.5)
    router.sh("nft flush chain ip nat pre; nft add rule ip nat pre ip daddr 10.96.7.7 tcp dport 6379 dnat to 10.34.2.32")
    old.nft("table ip f {\n chain i {\n type filter hook input priority 0\n drop\n }\n}\n")
    after = [client.connect("10.96.7.7", 6379) for _ in range(4)]
    for sock in before:
        attempt(sock.sendall, b"PING\r\n")
        time.sleep(0.1)
    for n in range(8):
        exchange(after[n % 4], b"PING\r\n")
        time.sleep(0.8)


CASES = [moved]
