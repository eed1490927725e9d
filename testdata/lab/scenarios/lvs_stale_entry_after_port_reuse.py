"""A client port is reused within the balancer's memory of its last connection and goes to the old server.

IPVS is replaced by a stateless balancer with a table of entries (balancer.py); the TCP stacks are real.
"""

import time

from balancer import Balanced
from netlab import exchange, request


def ask(site, sport, wait=5.0):
    """One request from a given port; False when connect() failed."""
    # A port of one's own choice may sit in TIME_WAIT here: let connect() have it.
    site.client.sysctl("net.ipv4.tcp_tw_reuse=1")
    sock = site.client.try_connect(site.vip, site.port, sport=sport, timeout=wait)
    if not sock:
        return False
    exchange(sock, request(host=site.vip))
    sock.close()
    time.sleep(0.2)
    return True


def gone(net):
    """The old server left without a word: every SYN of the reused port stays unanswered."""
    site = Balanced(net, "10.40", "10.41.0.9", 80)
    site.remember(43210)
    net.capture(site.client, "client", "port 43210 is used again 2 s after its last connection; the balancer still steers it to a server that has left: no answer, while a fresh port is answered at once",
                expect={"tcp.flags == 0x02 && tcp.srcport == 43210": ">=4", "tcp.flags == 0x12": 3})
    net.capture(site.lb, "any", "-i any on the balancer: the reused port is still steered to the old server, fresh ports go to the new one",
                iface="any", expect={f"tcp.flags == 0x02 && ip.dst == {site.old_addr}": ">=4", f"tcp.flags == 0x02 && ip.dst == {site.new_addr}": ">=1"})
    ask(site, 43210)
    site.old.nft("table ip f {\n chain i {\n type filter hook input priority 0\n drop\n }\n}\n")
    time.sleep(2)
    ask(site, 43210, wait=4)
    ask(site, 43388)
    ask(site, 43390)


def refused(net):
    """The old server is up, its service is not: the reused port is refused."""
    site = Balanced(net, "10.42", "10.43.0.9", 8443)
    site.remember(51515)
    net.capture(site.client, "refused-client", "port 51515 is used again and the balancer steers it to a server whose service has moved away: refused twice, while fresh ports are answered",
                headline="lvs-stale-entry-after-port-reuse|conn-refused-rst",
                expect={"tcp.flags == 0x14 && tcp.dstport == 51515": 2, "tcp.flags == 0x12": 3})
    ask(site, 51515)
    site.stop_old_service()
    time.sleep(1)
    ask(site, 51515)
    ask(site, 51700)
    ask(site, 51515)
    ask(site, 51702)


def near_miss_all_dead(net):
    """The whole service is gone: fresh ports stay unanswered as well."""
    site = Balanced(net, "10.44", "10.45.0.9", 80)
    site.remember(43210)
    net.capture(site.client, "near-miss-all-dead-client", "after a served request all servers leave: the reused port and a fresh one stay unanswered alike",
                headline="syn-no-answer", expect={"tcp.flags == 0x02": ">=5", "tcp.flags == 0x12": 1})
    ask(site, 43210)
    for host in (site.old, site.new):
        host.nft("table ip f {\n chain i {\n type filter hook input priority 0\n drop\n }\n}\n")
    time.sleep(1)
    ask(site, 43210, wait=3)
    ask(site, 43388, wait=3)


def near_miss_reuse_works(net):
    """Port reuse towards a living server."""
    site = Balanced(net, "10.46", "10.47.0.9", 80)
    site.remember(43210)
    net.capture(site.client, "near-miss-reuse-works-client", "a client port is used three times in 4 s, each connection is served",
                headline="none", expect={"tcp.flags == 0x12": 3, "http.response": 3})
    for _ in range(3):
        ask(site, 43210)
        time.sleep(1.2)


CASES = [gone, refused, near_miss_all_dead, near_miss_reuse_works]
