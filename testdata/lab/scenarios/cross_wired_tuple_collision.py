"""Two connections of one client port meet as one tuple at the real server.

Direct path: client:P -> real server. Balanced path: client:P -> virtual address, FULLNAT, and a
module at the real server that gives its stack the client's address back.
"""

import time

from fullnat import Site, database, query, session
from netlab import attempt, chatter, http_server
from wire import Cable, Hop, Preserve

CROSSED = "tcp.flags == 0x04 && ip.src == %s"


def direct_first(net):
    """The direct connection is there; the balanced one takes its tuple over and is closed again."""
    site = Site(net, "10.141.8.77", "10.112.61.163", {("10.141.16.9", 3306): ("10.112.61.163", 3269)},
                "10.112.60.4", lifetime=7.0)
    site.server.serve(3269, database)
    says = "port 61902 holds a direct connection to 10.112.61.163:3269 when it also connects to the virtual address 10.141.16.9:3306; both become one tuple at the server, the direct one goes unanswered and its resets come from the virtual address"
    crossed = CROSSED % "10.141.16.9"
    net.capture(site.client, "client", says, expect={crossed: ">=2", "tcp.flags == 0x04 && ip.src == 10.112.61.163": ">=1",
                                                    "tcp.flags == 0x10 && ip.src == 10.141.16.9 && tcp.ack != 1": ">=1"})
    net.capture(site.nic, "server", "the same on the server's wire, before addresses are restored: the balanced connection carries option 254 with the client's address; resets for the direct connection's data go to the balancer",
                iface="eth0", expect={"tcp.option_kind == 254": ">=1", "tcp.flags == 0x04 && ip.dst == 10.112.60.4": ">=2"})
    net.capture(site.server, "stack-server", "the same in the server's stack, addresses restored: one tuple, two senders with two sequence spaces",
                expect={"tcp.flags == 0x02": ">=2"})
    net.capture(site.lvs, "middle", "the balancer's server side: challenge ACK, reset and later resets that belong to no data on this leg, beside the direct connection",
                iface="eth1", expect={"tcp.flags == 0x04 && ip.dst == 10.112.60.4": ">=2"})
    direct = session(site.client, "10.112.61.163", 3269, 61902)
    time.sleep(1)
    balanced = session(site.client, "10.141.16.9", 3306, 61902)
    query(balanced, "SELECT name FROM orders LIMIT 1")
    balanced.close()
    time.sleep(0.3)
    query(direct, "SELECT id FROM users WHERE name = 'x'", wait=9)
    direct.close()


def only_balanced_leg(net):
    """As direct_first, a capture that holds the balanced connection alone."""
    site = Site(net, "10.141.9.31", "10.112.71.20", {("10.141.16.30", 3306): ("10.112.71.20", 3306)}, "10.112.70.4")
    site.server.serve(3306, database)
    net.capture(site.lvs, "balanced-leg-middle", "at the balancer, filtered on the virtual address: odd ACK for the SYN, reset, success, and late resets that answer nothing on this leg",
                iface="eth0", filter="host 10.141.16.30 and tcp", headline="cross-wired-tuple-collision",
                expect={"tcp.flags == 0x04 && ip.src == 10.141.16.30": ">=3"})
    direct = session(site.client, "10.112.71.20", 3306, 40112)
    balanced = session(site.client, "10.141.16.30", 3306, 40112)
    balanced.close()
    time.sleep(0.2)
    query(direct, "UPDATE users SET seen = NOW()", wait=4)


def both_open(net):
    """Both connections stay open; the direct one's data meets the balanced one's socket."""
    site = Site(net, "192.168.14.9", "192.168.77.8", {("192.168.200.1", 8306): ("192.168.77.8", 3306)}, "192.168.78.2")
    site.server.serve(3306, database)
    net.capture(site.client, "both-open-client", "both connections share port 33333 and stay open: the direct one's queries are answered by ACKs on the balanced one, which works",
                expect={"tcp.analysis.duplicate_ack && ip.src == 192.168.200.1": ">=2"})
    net.capture(site.server, "both-open-server", "the same in the server's stack with restored addresses: two sequence spaces of one tuple go on side by side",
                expect={"tcp.flags == 0x02": ">=2"})
    direct = session(site.client, "192.168.77.8", 3306, 33333)
    balanced = session(site.client, "192.168.200.1", 8306, 33333)
    for n in range(3):
        query(direct, f"SELECT {n} FROM direct_side", wait=0.9)
        query(balanced, f"SELECT {n} FROM balanced_side")
    time.sleep(2)


def virtual_first(net):
    """The balanced connection is there; the direct connect() never succeeds."""
    site = Site(net, "10.77.3.40", "10.78.0.12", {("10.79.0.1", 3306): ("10.78.0.12", 3306)}, "10.78.0.2")
    site.server.serve(3306, database)
    net.capture(site.client, "virtual-first-client", "port 50505 holds a connection to the virtual address; its connect() to the real server gets no SYN-ACK, each SYN draws an ACK on the balanced connection instead",
                expect={"tcp.flags == 0x02 && ip.dst == 10.78.0.12": ">=3", "tcp.flags == 0x12 && ip.src == 10.78.0.12": 0,
                        "tcp.flags == 0x10 && ip.src == 10.79.0.1": ">=3"})
    net.capture(site.nic, "virtual-first-server", "the same on the server's wire: the direct SYN is answered by an ACK that leaves for the balancer",
                iface="eth0", expect={"tcp.flags == 0x02 && ip.src == 10.77.3.40": ">=3"})
    balanced = session(site.client, "10.79.0.1", 3306, 50505)
    time.sleep(1)
    site.client.try_connect("10.78.0.12", 3306, sport=50505, timeout=5.5)
    query(balanced, "SELECT 2")
    balanced.close()


def two_virtual(net):
    """Two virtual addresses of one real server."""
    site = Site(net, "172.18.4.4", "172.19.0.30", {("198.19.0.1", 443): ("172.19.0.30", 8443), ("198.19.0.2", 443): ("172.19.0.30", 8443)},
                "172.19.0.2")
    site.server.serve(8443, database)
    net.capture(site.client, "two-virtual-client", "one client port connects to two virtual addresses of one server: the second takes the tuple over, the first one's data is answered on the second",
                expect={"tcp.flags == 0x04 && ip.src == 198.19.0.2": ">=2"})
    first = session(site.client, "198.19.0.1", 443, 45678)
    second = session(site.client, "198.19.0.2", 443, 45678)
    second.close()
    time.sleep(0.3)
    query(first, "SELECT * FROM t", wait=4)


def near_miss_two_ports(net):
    """The same site, different client ports: nothing collides."""
    site = Site(net, "10.141.18.77", "10.112.91.163", {("10.141.46.9", 3306): ("10.112.91.163", 3269)}, "10.112.90.4")
    site.server.serve(3269, database)
    net.capture(site.client, "near-miss-two-ports-client", "direct and balanced connections from different client ports: both work",
                headline="none", expect={"tcp.flags.reset == 1": 0})
    net.capture(site.nic, "near-miss-two-ports-server", "the same at the server, before addresses are restored: option 254 names another port than the direct connection's",
                iface="eth0", headline="none", expect={"tcp.option_kind == 254": 1})
    direct = session(site.client, "10.112.91.163", 3269, 51001)
    balanced = session(site.client, "10.141.46.9", 3306, 51002)
    for sock in (direct, balanced, direct):
        query(sock, "SELECT 1")
    balanced.close()
    direct.close()


def near_miss_shared_port(net):
    """One client port towards two unrelated servers, one of which dies."""
    client, first, second = net.hosts_named("client first second")
    net.switch((client, "10.31.0.5/24"), (first, "10.31.0.61/24"), (second, "10.31.0.62/24"))
    first.serve(3306, database)
    second.serve(3306, database)
    net.capture(client, "near-miss-shared-port-client", "port 47000 is connected to two unrelated servers; one loses its link for good, its data is never answered, the other works",
                headline="rto-death|path-outage", expect={"tcp.analysis.retransmission": ">=3", "tcp.flags.reset == 1": 0})
    one = session(client, "10.31.0.61", 3306, 47000)
    two = session(client, "10.31.0.62", 3306, 47000)
    first.ip("link set eth0 down")
    attempt(one.sendall, b"\x11\0\0\0\3SELECT 1 FROM t")
    for _ in range(8):
        query(two, "SELECT 3")
        time.sleep(0.9)


def in_traffic(net):
    """Without timestamps, TTL 128, 40 ms away, among healthy connections of other ports on both paths."""
    site = Site(net, "172.25.1.60", "172.24.9.14", {("172.23.0.99", 5432): ("172.24.9.14", 5432)}, "172.24.8.3", delay=0.02)
    site.client.sysctl("net.ipv4.ip_default_ttl=128", "net.ipv4.tcp_timestamps=0")
    site.server.serve(5432, database)
    site.server.serve(8080, http_server(think=0.01))
    crossed = CROSSED % "172.23.0.99"
    net.capture(site.client, "traffic-client", "as client.pcapng, 40 ms away, no timestamps, among other connections on both paths that work",
                expect={crossed: ">=2", "http.response": ">=8"})
    net.capture(site.lvs, "traffic-any", "-i any on the balancer: both legs of the balanced connections and the direct ones, one pair of which collides",
                iface="any", expect={"tcp.flags == 0x04 && ip.dst == 172.24.8.3": ">=2"})
    busy = chatter(site.client, "172.24.9.14", 8080, 8, gap=0.6)
    others = [session(site.client, "172.24.9.14", 5432, 39001), session(site.client, "172.23.0.99", 5432, 39002)]
    direct = session(site.client, "172.24.9.14", 5432, 39100)
    balanced = session(site.client, "172.23.0.99", 5432, 39100)
    query(balanced, "SELECT 1")
    balanced.close()
    for n in range(2):
        query(others[n], "SELECT 2")
    query(direct, "SELECT 3", wait=4)
    for sock in others:
        query(sock, "SELECT 4")
        sock.close()
    busy.join(6)


def preserving(net, client_addr, server_addr, gateway, services):
    """client --- balancer that keeps the client's address --- server, on one path."""
    client, lb, server = net.hosts_named("client lb server")
    net.link(client, client_addr, lb, "")
    net.link(lb, "", server, server_addr)
    mac = "02:42:ac:1f:00:01"
    for host, router in zip((client, server), gateway):
        host.neighbour(router, mac)
        host.ip(("-6 " if ":" in router else "") + f"route add default via {router} dev eth0")
    Cable(lb, "eth0", "eth1", delay=0.004, rule=Hop(client.mac(), server.mac(), mac, Preserve(services)))
    return client, lb, server


def preserved_ipv6(net):
    """A balancer that preserves the client's address, two virtual addresses of one server, IPv6."""
    client, lb, server = preserving(net, "2001:db8:20:1::7/64", "2001:db8:20:2::33/64", ("2001:db8:20:1::1", "2001:db8:20:2::1"),
                                    {("2001:db8:20:f::a", 443): ("2001:db8:20:2::33", 8443), ("2001:db8:20:f::b", 443): ("2001:db8:20:2::33", 8443)})
    server.serve(8443, database, addr="::")
    net.capture(client, "ipv6-preserved-client", "IPv6: one client port connects to two virtual addresses of one server behind a balancer that preserves client addresses; the second takes the tuple over, the first one's data is reset in the second's name",
                expect={"tcp.flags == 0x04 && ipv6.src == 2001:db8:20:f::b": ">=2"})
    net.capture(server, "ipv6-preserved-server", "IPv6: the server behind that balancer: one tuple, a second SYN in the middle of a live connection, and later the old connection's data",
                headline="cross-wired-tuple-collision|half-open-after-crash|timewait-port-reuse", expect={"tcp.flags == 0x02": 3, "tcp.flags == 0x04": ">=3"})
    first = session(client, "2001:db8:20:f::a", 443, 46001)
    second = session(client, "2001:db8:20:f::b", 443, 46001)
    query(second, "SELECT 1")
    second.close()
    time.sleep(0.3)
    query(first, "SELECT * FROM t", wait=4)


def preserved_direct(net):
    """The same kind of balancer; the client also reaches the server directly, both connections stay open."""
    client, lb, server = preserving(net, "10.222.1.7/24", "10.222.2.33/24", ("10.222.1.1", "10.222.2.1"), {("10.222.9.9", 6443): ("10.222.2.33", 6443)})
    server.serve(6443, database)
    net.capture(client, "preserved-client", "one client port reaches a server directly and through a balancer that preserves client addresses; the direct connection's queries are answered by ACKs in the balancer's name",
                expect={"tcp.analysis.retransmission && ip.dst == 10.222.2.33": ">=3", "tcp.flags == 0x10 && ip.src == 10.222.9.9": ">=4"})
    net.capture(lb, "preserved-any", "-i any on that balancer: both connections on both sides",
                iface="any", headline="cross-wired-tuple-collision|duplicate-capture|nat-two-legs", expect={"tcp.flags == 0x02": ">=6"})
    direct = session(client, "10.222.2.33", 6443, 46055)
    balanced = session(client, "10.222.9.9", 6443, 46055)
    for n in range(3):
        query(direct, f"SELECT {n} FROM d", wait=0.9)
        query(balanced, f"SELECT {n} FROM b")
    time.sleep(1.5)


CASES = [direct_first, only_balanced_leg, both_open, virtual_first, two_virtual, near_miss_two_ports, near_miss_shared_port, in_traffic,
         preserved_ipv6, preserved_direct]
