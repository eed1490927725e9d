"""A client port is reused within the balancer's memory of its last connection and goes to the old server.

IPVS is replaced by a stateless balancer with a table of entries (balancer.py); the TCP stacks are real.
"""

import time

from balancer import Balanced
from netlab import chatter, exchange, http_server, request
from wire import DROP, SYN


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


def first_syn_eaten(net):
    """Reused ports lose their first SYN while the balancer drops the old entry; fresh ports do not.

    IPVS with conn_reuse_mode=1 beside conntrack does this; here the cable eats that SYN.
    """
    client, server = net.hosts_named("client server")
    seen, eaten = set(), set()

    def expire(f, forward):
        if not (forward and f.is_(SYN)):
            return None
        if f.sport in seen and f.seq not in eaten:
            eaten.add(f.seq)
            return DROP
        seen.add(f.sport)
        return None

    net.cable(client, "10.48.1.17/24", server, "10.48.1.100/24", delay=0.001, rule=expire)
    server.serve(80, http_server())
    client.sysctl("net.ipv4.tcp_tw_reuse=1")
    net.capture(client, "eaten-client", "six ports are used a second time within seconds: each loses its first SYN and gets through 1 s later; twelve fresh ports are answered at once",
                headline="lvs-stale-entry-after-port-reuse|syn-no-answer", expect={"tcp.flags == 0x02": 24, "http.response": 18})
    for ports in (range(42000, 42012, 2), range(42000, 42012, 2), range(42100, 42112, 2)):
        for port in ports:
            with client.connect("10.48.1.100", 80, sport=port) as sock:
                exchange(sock, request())
            time.sleep(0.05)


def in_traffic(net):
    """As gone, TTL 128, many healthy connections of fresh ports around."""
    site = Balanced(net, "10.49", "10.50.7.9", 6443)
    site.client.sysctl("net.ipv4.ip_default_ttl=128", "net.ipv4.tcp_syn_linear_timeouts=0")
    site.remember(40404)
    net.capture(site.client, "traffic-client", "among healthy connections to the same service, one reused port stays unanswered: the balancer steers it to a server that has left",
                expect={"tcp.flags == 0x02 && tcp.srcport == 40404": ">=3", "http.response": ">=10"})
    ask(site, 40404)
    busy = chatter(site.client, site.vip, site.port, 6, gap=0.5)
    site.old.nft("table ip f {\n chain i {\n type filter hook input priority 0\n drop\n }\n}\n")
    time.sleep(1)
    ask(site, 40404, wait=4)
    busy.join(4)


CASES = [gone, refused, near_miss_all_dead, near_miss_reuse_works, first_syn_eaten, in_traffic]
