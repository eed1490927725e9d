"""Several hosts behind one source address, and a server that remembers one timestamp per address.

tcp_tw_recycle left Linux in 4.12. Its rule (tcp_peer_is_proven, kernels 3.6 to 4.11) is applied here by a
filter between the capture point and the server's stack; clients, masquerade and server are real.
"""

import contextlib
import time

from netlab import attempt, background, http_server, exchange, request
from wire import Cable, DROP, FIN, SYN

REMEMBERED = 60.0  # seconds, TCP_PAWS_MSL
OLDER = 1  # ticks a SYN's timestamp may lie behind, TCP_PAWS_WINDOW
AHEAD = 2_500_000  # ticks (ms) by which the first host's timestamp clock leads


def behind(older, newer):
    return (newer - older + 0x80000000) % 2**32 - 0x80000000


class PerHostPaws:
    """The rule, as a cable rule in front of the server."""

    def __init__(self, lifetime=REMEMBERED):
        self.lifetime, self.seen, self.closing = lifetime, {}, set()

    def __call__(self, f, forward):
        if not f.tcp or f.tsval is None:
            return None
        if not forward:
            if f.flags & FIN:
                self.closing.add((f.dst, f.dport))
            return None
        now = time.monotonic()
        last, when = self.seen.get(f.src, (0, -self.lifetime))
        fresh = now - when < self.lifetime
        if f.is_(SYN):
            self.closing.discard((f.src, f.sport))
            return DROP if fresh and behind(f.tsval, last) > OLDER else None
        if f.flags & FIN and (f.src, f.sport) in self.closing:
            if not fresh or behind(last, f.tsval) >= 0:
                self.seen[f.src] = (f.tsval, now)
        return None


def build(net, prefix, outside, server_addr, port):
    """first and lagging --- router (masquerade) --- nic (the rule) --- server."""
    first, lagging, router, nic, server = net.hosts_named("first lagging router nic server")
    router.router()
    # One timestamp clock per host instead of one per connection.
    for host in (first, lagging):
        host.sysctl("net.ipv4.tcp_timestamps=2")

    def lead(f, forward):
        if not f.tcp:
            return None
        f.shift_timestamps(value=AHEAD if forward else 0, echo=0 if forward else -AHEAD)
        return [(0.0, f.seal())]

    net.cable(first, prefix + ".1.11/24", router, prefix + ".1.1/24", rule=lead)
    net.link(lagging, prefix + ".2.12/24", router, prefix + ".2.1/24")
    first.route(f"default via {prefix}.1.1")
    lagging.route(f"default via {prefix}.2.1")
    net.link(router, outside + ".9/24", nic, "")
    net.link(nic, "", server, server_addr + "/24")
    Cable(nic, "eth0", "eth1", delay=0.0002, rule=PerHostPaws())
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth2 masquerade
        }
    }""")
    server.serve(port, http_server(close=True))
    return first, lagging, router, nic


def ask(host, addr, port, wait):
    sock = host.try_connect(addr, port, timeout=wait)
    if sock:
        attempt(exchange, sock, request())
        attempt(sock.recv, 10)
        sock.close()


def repeat(host, addr, port, wait, pause, until):
    while time.monotonic() < until:
        ask(host, addr, port, wait)
        time.sleep(pause)


def mixed(net):
    """Two hosts ask all the time; the lagging one's SYNs die while the other's memory is fresh."""
    first, lagging, router, nic = build(net, "192.168", "10.15.8", "10.15.8.80", 80)
    dropped = "tcp.flags == 0x02"
    net.capture(nic, "server", "two hosts behind one masquerade address, each with its own timestamp clock; the server drops the SYNs whose timestamp lies behind the last one remembered for that address (rule of tcp_tw_recycle, applied by a filter)",
                iface="eth0", expect={dropped: ">=12", "tcp.flags == 0x12": ">=5"})
    net.capture(lagging, "client", "the lagging host's own view: SYN after SYN without an answer",
                headline="syn-no-answer", expect={dropped: ">=5", "tcp.flags == 0x12": "0-2"})
    net.capture(router, "middle", "outside the masquerading router: both hosts' SYNs leave from one address, those of the lagging clock stay unanswered",
                iface="eth2", expect={dropped: ">=12", "tcp.flags == 0x12": ">=5"})
    ask(lagging, "10.15.8.80", 80, 2)
    until = time.monotonic() + 14
    busy = background(repeat, first, "10.15.8.80", 80, 2, 1.1, until)
    time.sleep(0.7)
    repeat(lagging, "10.15.8.80", 80, 2.5, 0.3, until)
    busy.join(5)


def forgotten(net):
    """As mixed, until 60 s after the other host's last connection, when the lagging host gets through."""
    first, lagging, router, nic = build(net, "172.16", "10.66.3", "10.66.3.8", 8080)
    net.capture(nic, "recovery-server", "as server.pcapng; the other host falls silent, and 60 s later the lagging host's SYN is answered again",
                iface="eth0", expect={"tcp.flags == 0x02": ">=12", "tcp.flags == 0x12": ">=5"})
    until = time.monotonic() + 6
    busy = background(repeat, first, "10.66.3.8", 8080, 2, 1.2, until)
    time.sleep(0.5)
    repeat(lagging, "10.66.3.8", 8080, 3.5, 0.3, until)
    busy.join(5)
    repeat(lagging, "10.66.3.8", 8080, 5.0, 8.0, until + 62)
    for _ in range(2):
        ask(lagging, "10.66.3.8", 8080, 3)


forgotten.limit = 110


def near_miss_one_clock(net):
    """The same router and rule, both hosts on one clock: every SYN is answered."""
    first, second, router, nic, server = net.hosts_named("first second router nic server")
    router.router()
    for host, part in ((first, 1), (second, 2)):
        host.sysctl("net.ipv4.tcp_timestamps=2")
        net.link(host, f"192.168.{part}.11/24", router, f"192.168.{part}.1/24")
        host.route(f"default via 192.168.{part}.1")
    net.link(router, "10.16.8.9/24", nic, "")
    net.link(nic, "", server, "10.16.8.80/24")
    Cable(nic, "eth0", "eth1", delay=0.0002, rule=PerHostPaws())
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth2 masquerade
        }
    }""")
    server.serve(80, http_server(close=True))
    net.capture(nic, "near-miss-one-clock-server", "two hosts behind one address whose timestamps run alike: every SYN is answered",
                iface="eth0", headline="none", expect={"tcp.flags == 0x02": 8, "tcp.flags == 0x12": 8})
    for _ in range(4):
        for host in (first, second):
            ask(host, "10.16.8.80", 80, 3)
            time.sleep(0.4)


def near_miss_overload(net):
    """SYNs of one address unanswered whatever their timestamps: the listener's queue is full."""
    client, server = net.hosts_named("client server")
    server.sysctl("net.ipv4.tcp_max_syn_backlog=8")
    net.cable(client, "10.17.8.9/24", server, "10.17.8.80/24", delay=0.001)
    server.listen(80, backlog=1)
    net.capture(server, "near-miss-overload-server", "nobody accepts and the queue is full: SYNs of one host, rising timestamps, stay unanswered",
                headline="accept-queue-overflow|syn-no-answer", expect={"tcp.flags == 0x02": ">=6", "tcp.flags == 0x12": ">=2"})
    held = [client.try_connect("10.17.8.80", 80, timeout=1.5) for _ in range(5)]
    time.sleep(1)
    for sock in filter(None, held):
        with contextlib.suppress(OSError):
            sock.close()


def among_others(net):
    """As mixed, while a host with an address of its own is served all the time; IPv4 TTL 128 on the lagging one."""
    first, lagging, router, nic = build(net, "10.201", "10.202.8", "10.202.8.80", 8000)
    lagging.sysctl("net.ipv4.ip_default_ttl=128", "net.ipv4.tcp_syn_linear_timeouts=0")
    single = net.host("single")
    single.sysctl("net.ipv4.tcp_timestamps=2")
    _, port = net.link(single, "10.201.3.13/24", router, "10.201.3.1/24")
    single.route("default via 10.201.3.1")
    # This one keeps its own address: the server routes it back through the router.
    router.nft("table ip nat {\n chain post {\n ip saddr 10.201.3.13 accept\n }\n}\n")
    router.sh("nft flush chain ip nat post; nft add rule ip nat post ip saddr != 10.201.3.13 oifname eth2 masquerade")
    net.hosts[4].route("10.201.3.0/24 via 10.202.8.9")
    net.capture(nic, "others-server", "two hosts behind one masquerade address with different timestamp clocks, the lagging one's SYNs are dropped; a host with an address of its own is served all the time",
                iface="eth0", expect={"tcp.flags == 0x02": ">=20", "tcp.flags == 0x12 && ip.dst == 10.201.3.13": ">=8"})
    until = time.monotonic() + 13
    jobs = [background(repeat, first, "10.202.8.80", 8000, 2, 1.4, until), background(repeat, single, "10.202.8.80", 8000, 2, 0.9, until)]
    time.sleep(0.5)
    repeat(lagging, "10.202.8.80", 8000, 3.5, 0.2, until)
    for job in jobs:
        job.join(5)


CASES = [mixed, forgotten, near_miss_one_clock, near_miss_overload, among_others]
