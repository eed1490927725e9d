"""A SYN meets the server's TIME_WAIT (or a forgotten connection) of its own 4-tuple and is not accepted.

Two clients behind one address translation that hands out the same port; a device that rewrites sequence
numbers makes the second ISN lie behind the first connection's end, which a Linux client alone never does.
"""

import time

from netlab import attempt, exchange, http_server, request
from wire import DROP, RST, SYN

ODD_ACK = "tcp.flags == 0x10 && tcp.srcport == 8080 && tcp.ack != 1"


class Backward:
    """Shifts a client's sequence numbers so that its ISN lies 5 million behind what the server last saw."""

    def __init__(self):
        self.last, self.shift = 0, {}

    def first(self, f, forward):
        if forward and f.tcp:
            self.last = f.seq + len(f.payload)

    def second(self, f, forward):
        if not f.tcp:
            return None
        key = f.sport if forward else f.dport
        if forward and f.is_(SYN) and key not in self.shift:
            self.shift[key] = self.last - 5_000_000 - f.seq
        if forward:
            f.seq = f.seq + self.shift.get(key, 0)
        elif f.ack:
            f.ack = f.ack - self.shift.get(key, 0)
        return [(0.0, f.seal())]


def build(net, inside, outside, eat_resets=False):
    first, second, router, server = net.hosts_named("first second router server")
    router.router()
    for host in (first, second):
        host.sysctl("net.ipv4.tcp_timestamps=0")
    seqs = Backward()

    def behind_second(f, forward):
        if eat_resets and forward and f.tcp and f.flags & RST:
            return DROP
        return seqs.second(f, forward)

    net.cable(first, inside + ".1.10/24", router, inside + ".1.1/24", rule=seqs.first)
    net.cable(second, inside + ".2.10/24", router, inside + ".2.1/24", rule=behind_second)
    net.cable(router, outside + ".9/24", server, outside + ".80/24", delay=0.003)
    first.route(f"default via {inside}.1.1")
    second.route(f"default via {inside}.2.1")
    # Only one outside port: the second client gets the tuple the first one used.
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth2 meta l4proto tcp masquerade to :41000
        }
    }""")
    router.sysctl("net.netfilter.nf_conntrack_tcp_timeout_time_wait=1", "net.netfilter.nf_conntrack_tcp_timeout_close=1")
    server.serve(8080, http_server(close=True))
    return first, second, router, server


def served(host, addr, wait=5):
    sock = host.try_connect(addr, 8080, timeout=wait)
    if sock:
        attempt(exchange, sock, request())
        attempt(sock.recv, 10)
        sock.close()
    return bool(sock)


def quick(net):
    """ACK of the old connection, reset, SYN again 10 ms later."""
    first, second, router, server = build(net, "192.168", "10.24.6")
    says = "a translator hands the tuple of a connection the server closed 1.5 s ago to another client: its SYN meets TIME_WAIT, the server answers with the old connection's ACK, a reset clears it and the next SYN works"
    net.capture(server, "server", says, expect={"tcp.flags == 0x02": 3, ODD_ACK + " && tcp.len == 0": ">=1", "tcp.flags == 0x04": 1, "http.response": 2})
    net.capture(second, "client", "the second client's own view: an odd ACK to its SYN, its reset, and success 10 ms later",
                expect={"tcp.flags == 0x02": 2, "tcp.flags == 0x04": 1, "http.response": 1})
    served(first, "10.24.6.80")
    time.sleep(1.5)
    router.sh("conntrack -F", check=False)
    served(second, "10.24.6.80")


def stuck(net):
    """The client's resets never reach the server: every SYN draws the old ACK."""
    first, second, router, server = build(net, "172.17", "10.25.6", eat_resets=True)
    net.capture(server, "stuck-server", "as server.pcapng, but a firewall eats the client's resets: each SYN of the reused tuple draws the old connection's ACK",
                expect={"tcp.flags == 0x02": ">=4", ODD_ACK: ">=3", "tcp.flags.reset == 1": 0})
    net.capture(second, "stuck-client", "the client's view of that: odd ACK and reset after each SYN, no connection",
                expect={"tcp.flags == 0x04": ">=3", "http.response": 0})
    served(first, "10.25.6.80")
    time.sleep(1.5)
    router.sh("conntrack -F", check=False)
    served(second, "10.25.6.80", wait=3.5)


def near_miss_accepted(net):
    """A fixed client port reconnects at once; newer numbers, so TIME_WAIT lets it in."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.26.6.9/24", server, "10.26.6.80/24", delay=0.003)
    server.serve(8080, http_server(close=True))
    net.capture(server, "near-miss-accepted-server", "one client port reconnects three times into the server's TIME_WAIT; newer sequence numbers, each SYN is accepted at once",
                headline="none", expect={"tcp.flags == 0x02": 3, "tcp.flags == 0x12": 3, "http.response": 3})
    for _ in range(3):
        sock = client.connect("10.26.6.80", 8080, sport=42424)
        exchange(sock, request())
        attempt(sock.recv, 10)
        sock.close()
        time.sleep(0.6)


CASES = [quick, stuck, near_miss_accepted]
