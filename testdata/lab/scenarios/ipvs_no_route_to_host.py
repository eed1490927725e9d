"""A reused client port is steered to a real server that no longer exists: the balancer says host unreachable."""

import time

from balancer import Balanced
from netlab import chatter, exchange, request
from scenarios.lvs_stale_entry_after_port_reuse import ask


def rewritten(net):
    """The balancer rewrites without conntrack: the ICMP error quotes the real server's address."""
    site = Balanced(net, "172.22", "172.23.0.10", 8080)
    site.remember(40404)
    quoted = f"icmp.type == 3 && icmp.code == 1 && ip.dst == {site.old_addr}"
    net.capture(site.client, "client", "port 40404 is used again after a rolling update; the balancer's entry names a removed pod: ICMP host unreachable that quotes the pod's address; fresh ports work",
                expect={quoted: ">=1", "http.response": ">=2"})
    net.capture(site.lb, "any", "-i any on the balancer: SYN steered to the removed pod, three ARP requests without an answer, ICMP host unreachable to the client",
                iface="any", expect={quoted: ">=1", f"arp.opcode == 1 && arp.dst.proto_ipv4 == {site.old_addr}": ">=3"})
    ask(site, 40404)
    site.old.ip("link set eth0 down")
    site.lb.ip("neigh flush all")
    time.sleep(1)
    ask(site, 40404, wait=6)
    ask(site, 40500)


def translated(net):
    """The same with conntrack: the ICMP error quotes the virtual address."""
    client, lb, old, new = net.hosts_named("client lb old new")
    lb.router()
    net.link(client, "192.168.31.17/24", lb, "192.168.31.1/24")
    net.switch((lb, "192.168.32.1/24"), (old, "192.168.32.31/24"), (new, "192.168.32.32/24"))
    client.route("default via 192.168.31.1")
    for host in (old, new):
        host.route("default via 192.168.32.1")
    new.serve(8080, lambda conn: (conn.recv(4096), conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")))
    old.serve(8080, lambda conn: (conn.recv(4096), conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")))
    lb.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 198.18.7.7 tcp dport 80 tcp sport 45454 dnat to 192.168.32.31:8080
            ip daddr 198.18.7.7 tcp dport 80 dnat to 192.168.32.32:8080
        }
    }""")
    net.capture(client, "nat-client", "port 45454 is used again and translated to a removed server: ICMP host unreachable that quotes the virtual address; a fresh port works",
                expect={"icmp.type == 3 && icmp.code == 1": ">=1", "http.response": ">=2"})

    def one(sport, wait=6.0):
        sock = client.try_connect("198.18.7.7", 80, sport=sport, timeout=wait)
        if sock:
            exchange(sock, request(host="shop.example"))
            time.sleep(0.1)
            sock.close()

    client.sysctl("net.ipv4.tcp_tw_reuse=1")
    one(45454)
    old.ip("link set eth0 down")
    lb.ip("neigh flush all")
    time.sleep(1.5)
    one(45454)
    one(45500)


def near_miss_host_down(net):
    """An ordinary dead host behind a router: never worked, no port was used before."""
    client, router = net.hosts_named("client router")
    router.router()
    net.link(client, "10.99.1.4/24", router, "10.99.1.1/24")
    other = net.host("other")
    net.link(router, "10.99.2.1/24", other, "10.99.2.2/24")
    client.route("default via 10.99.1.1")
    net.capture(client, "near-miss-host-down-client", "a router reports host unreachable for a host that is down; two fresh ports, no earlier connection",
                headline="icmp-unreachable-on-syn", expect={"icmp.type == 3 && icmp.code == 1": ">=2", "tcp.flags == 0x12": 0})
    for _ in range(2):
        client.try_connect("10.99.2.50", 443, timeout=6)
        time.sleep(0.3)


def in_traffic(net):
    """As rewritten, among healthy connections of fresh ports."""
    site = Balanced(net, "172.28", "172.29.0.10", 443)
    site.client.sysctl("net.ipv4.ip_default_ttl=128")
    site.remember(50606)
    quoted = f"icmp.type == 3 && icmp.code == 1 && ip.dst == {site.old_addr}"
    net.capture(site.client, "traffic-client", "among healthy connections to one virtual address, one reused port is steered to a removed server: ICMP host unreachable",
                expect={quoted: ">=1", "http.response": ">=8"})
    ask(site, 50606)
    busy = chatter(site.client, site.vip, site.port, 6, gap=0.6)
    site.old.ip("link set eth0 down")
    site.lb.ip("neigh del " + site.old_addr + " dev eth1", check=False)
    time.sleep(0.8)
    ask(site, 50606, wait=5)
    busy.join(4)


CASES = [rewritten, translated, near_miss_host_down, in_traffic]
