"""Health probes over two links, one address with two ports, that end at one server port."""

import time

from fullnat import Site, database, query
from netlab import attempt

ROUNDS = [(40101, 40101), (40205, 40211), (40333, 40333), (40417, 40403), (40555, 40555), (40631, 40640)]


def probes(net):
    """Link A and link B are ports 3307 and 3308 of one address; both become port 3306 at the server."""
    site = Site(net, "10.90.4.8", "10.92.1.33", {("10.91.0.100", 3307): ("10.92.1.33", 3306), ("10.91.0.100", 3308): ("10.92.1.33", 3306)},
                "10.92.1.2")
    site.server.serve(3306, database)
    net.capture(site.client, "client", "a monitor probes a database over links A (port 3307) and B (port 3308); in three of six rounds both probes used one source port, met as one tuple at the server, and link A's probe failed",
                expect={"tcp.flags == 0x04 && tcp.srcport == 3308": ">=3", "tcp.flags == 0x02 && tcp.dstport == 3307": 6})
    net.capture(site.nic, "server", "the same at the server, before addresses are restored: option 254 names one client tuple on two balanced connections",
                iface="eth0", expect={"tcp.option_kind == 254": ">=12"})
    for port_a, port_b in ROUNDS:
        link_a = site.client.connect("10.91.0.100", 3307, sport=port_a)
        link_a.recv(4096)
        query(link_a, "SELECT 1")
        link_b = site.client.connect("10.91.0.100", 3308, sport=port_b)
        link_b.recv(4096)
        query(link_b, "SELECT 1")
        link_b.close()
        time.sleep(0.2)
        query(link_a, "SELECT 1", wait=1.2)
        link_a.close()
        time.sleep(0.5)


def near_miss_dead_node(net):
    """The server behind both links dies: every probe fails, whatever its source port."""
    site = Site(net, "10.93.4.8", "10.95.1.33", {("10.94.0.100", 3307): ("10.95.1.33", 3306), ("10.94.0.100", 3308): ("10.95.1.33", 3306)},
                "10.95.1.2")
    listener = site.server.serve(3306, database)
    net.capture(site.client, "near-miss-dead-node-client", "the database behind both links is stopped: from then on every probe is refused, whatever its source port",
                headline="conn-refused-rst", expect={"tcp.flags == 0x14 && tcp.seq == 1": ">=4"})
    for n in range(4):
        if n == 1:
            listener.shutdown(2)
            listener.close()
            time.sleep(0.2)
        for port in (3307, 3308):
            sock = site.client.try_connect("10.94.0.100", port, sport=41000 + 7 * n + port % 2)
            if sock:
                attempt(sock.recv, 4096)
                query(sock, "SELECT 1")
                sock.close()
        time.sleep(0.6)


def any_interface(net):
    """-i any on the balancer, no timestamps, 15 ms away."""
    site = Site(net, "192.168.44.8", "192.168.46.33", {("192.168.45.100", 13306): ("192.168.46.33", 3306), ("192.168.45.100", 23306): ("192.168.46.33", 3306)},
                "192.168.46.2", delay=0.015)
    site.client.sysctl("net.ipv4.tcp_timestamps=0")
    site.server.serve(3306, database)
    net.capture(site.lvs, "any", "-i any on the balancer: probes over two ports of one address; in two of four rounds they share a source port and collide at the server",
                iface="any", headline="ha-two-links-one-backend|cross-wired-tuple-collision", expect={"tcp.flags == 0x04": ">=4"})
    net.capture(site.client, "far-client", "as client.pcapng, 15 ms away, no timestamps, two of four rounds collide",
                expect={"tcp.flags == 0x04 && tcp.srcport == 23306": ">=2"})
    for port_a, port_b in ROUNDS[:4]:
        link_a = site.client.connect("192.168.45.100", 13306, sport=port_a)
        link_a.recv(4096)
        query(link_a, "SELECT 1")
        link_b = site.client.connect("192.168.45.100", 23306, sport=port_b)
        link_b.recv(4096)
        query(link_b, "SELECT 1")
        link_b.close()
        time.sleep(0.2)
        query(link_a, "SELECT 1", wait=1.2)
        link_a.close()
        time.sleep(0.4)


CASES = [probes, near_miss_dead_node,
         any_interface]
