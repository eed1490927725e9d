"""One client port towards several servers: legal, and worth a word only where connections collide."""

import time

from fullnat import Site, database, query, session
from netlab import echo, exchange


def beside_collision(net):
    """The precondition of the collided tuples."""
    site = Site(net, "10.180.8.77", "10.181.61.16", {("10.182.16.9", 3306): ("10.181.61.16", 3306)}, "10.181.60.4")
    site.server.serve(3306, database)
    net.capture(site.client, "client", "port 51900 holds a direct and a balanced connection to one server, which become one tuple there",
                headline="cross-wired-tuple-collision", expect={"tcp.flags == 0x04 && ip.src == 10.182.16.9": ">=2"})
    direct = session(site.client, "10.181.61.16", 3306, 51900)
    balanced = session(site.client, "10.182.16.9", 3306, 51900)
    balanced.close()
    time.sleep(0.2)
    query(direct, "SELECT 1 FROM t", wait=3)


def near_miss_harmless(net):
    client, one, two, three = net.hosts_named("client one two three")
    net.switch((client, "10.183.0.5/24"), (one, "10.183.0.61/24"), (two, "10.183.0.62/24"), (three, "10.183.0.63/24"))
    for host in (one, two, three):
        host.serve(6379, echo)
    net.capture(client, "near-miss-harmless-client", "one client port is connected to three servers at once, all of them work",
                headline="none", expect={"tcp.flags == 0x12": 3, "tcp.flags.reset == 1": 0})
    socks = [client.connect(f"10.183.0.{n}", 6379, sport=47777) for n in (61, 62, 63)]
    for _ in range(2):
        for sock in socks:
            exchange(sock, b"PING\r\n")
            time.sleep(0.1)
    for sock in socks:
        sock.close()


CASES = [beside_collision, near_miss_harmless]
