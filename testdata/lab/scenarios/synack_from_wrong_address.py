"""A translator rewrites the destination on the way in, and nobody rewrites the source on the way out."""

import time

from netlab import attempt, background, chatter, exchange, http_server, request

HEADLINE_NAT = "nat-two-legs|none"


def on_link(net):
    """Service address, real server and client share one subnet: the real server answers past the translator."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    net.switch((client, "10.4.26.45/24"), (box, "10.4.26.234/24"), (server, "10.4.26.11/24"))
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.4.26.234 tcp dport 80 dnat to 10.4.26.11
        }
    }""")
    server.serve(80, http_server())
    wrong = "tcp.flags == 0x12 && ip.src == 10.4.26.11"
    net.capture(client, "client", "connect() to 10.4.26.234:80; a box translates the destination to 10.4.26.11, which answers the client directly: each SYN-ACK comes from the wrong address and is reset",
                expect={wrong: ">=3", "tcp.flags == 0x04 && ip.dst == 10.4.26.11": ">=3", "tcp.flags == 0x12 && ip.src == 10.4.26.234": 0})
    net.capture(server, "server", "the real server of a one-way translation: the same client SYN (one ISN) again and again, each SYN-ACK has a new ISN and is reset by the client",
                expect={wrong: ">=3", "tcp.flags == 0x04": ">=3"})
    net.capture(box, "middle", "the translating box: each SYN arrives for 10.4.26.234 and leaves for 10.4.26.11, nothing ever comes back through it",
                headline="syn-no-answer|synack-from-wrong-address",
                expect={"tcp.flags == 0x02 && ip.dst == 10.4.26.11": ">=3", "tcp.flags == 0x12": 0})
    client.try_connect("10.4.26.234", 80, timeout=4.6)


def node(net):
    """Client and real server are two networks of one node that rewrites only one direction."""
    client, box, server = net.hosts_named("pod node app")
    box.router()
    net.link(client, "172.20.3.17/24", box, "172.20.3.1/24")
    net.link(server, "172.20.9.80/24", box, "172.20.9.1/24")
    client.route("default via 172.20.3.1")
    server.route("default via 172.20.9.1")
    box.nft("""table ip oneway {
        chain pre {
            type filter hook prerouting priority -300
            ip daddr 198.18.40.7 tcp dport 9200 notrack ip daddr set 172.20.9.80
        }
    }""")
    server.serve(9200, http_server())
    net.capture(client, "pod-client", "client network of a node that rewrites the service address 198.18.40.7 to 172.20.9.80 on the way in only",
                expect={"tcp.flags == 0x12 && ip.src == 172.20.9.80": ">=2", "tcp.flags == 0x04": ">=2"})
    net.capture(box, "any", "-i any on the node: the SYN to the service address, its rewritten copy to the real server, and a SYN-ACK that passes unrewritten; the client resets it",
                iface="any", expect={"tcp.flags == 0x02 && ip.dst == 172.20.9.80": ">=2", "tcp.flags == 0x02 && ip.dst == 198.18.40.7": ">=2",
                                     "tcp.flags == 0x12 && ip.src == 198.18.40.7": 0})
    client.try_connect("198.18.40.7", 9200, timeout=3.5)


def other_port(net):
    """The translation changes the port as well, and the client reaches other services meanwhile."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    net.switch((client, "192.168.88.21/24"), (box, "192.168.88.1/24 192.168.88.100/24"), (server, "192.168.88.30/24"))
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 192.168.88.100 tcp dport 443 dnat to 192.168.88.30:8443
        }
    }""")
    server.serve(8443, http_server())
    box.serve(8080, http_server())
    net.capture(client, "port-client", "192.168.88.100:443 is translated to 192.168.88.30:8443, which answers the client directly; beside it a healthy connection to the box",
                expect={"tcp.flags == 0x12 && ip.src == 192.168.88.30 && tcp.srcport == 8443": ">=2", "http.response": ">=1"})
    work = background(lambda: client.try_connect("192.168.88.100", 443, timeout=3.6))
    with client.connect("192.168.88.1", 8080) as ok:
        for _ in range(3):
            exchange(ok, request())
            time.sleep(0.5)
    work.join(6)


def ipv6(net):
    """The same over IPv6."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    net.switch((client, "2001:db8:7::45/64"), (box, "2001:db8:7::234/64"), (server, "2001:db8:7::11/64"))
    box.nft("""table ip6 nat {
        chain pre {
            type nat hook prerouting priority -100
            ip6 daddr 2001:db8:7::234 tcp dport 8080 dnat to 2001:db8:7::11
        }
    }""")
    server.serve(8080, http_server(), addr="::")
    wrong = "tcp.flags == 0x12 && ipv6.src == 2001:db8:7::11"
    net.capture(client, "ipv6-client", "IPv6: connect() to [2001:db8:7::234]:8080 is answered by 2001:db8:7::11 and reset",
                expect={wrong: ">=2", "tcp.flags == 0x04": ">=2"})
    net.capture(server, "ipv6-server", "IPv6 real server of a one-way translation: one client ISN, a new SYN-ACK ISN each time, resets",
                expect={wrong: ">=2"})
    client.try_connect("2001:db8:7::234", 8080, timeout=3.6)


def silent_client(net):
    """A firewall on the client drops what belongs to no connection, so not even a reset is seen."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    net.switch((client, "10.60.0.9/24"), (box, "10.60.0.200/24"), (server, "10.60.0.33/24"))
    client.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            ct state established,related accept
            meta l4proto tcp drop
        }
    }""")
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.60.0.200 tcp dport 5432 dnat to 10.60.0.33
        }
    }""")
    server.serve(5432, http_server())
    net.capture(client, "no-reset-client", "as client.pcapng, but the client's own firewall drops the unexpected SYN-ACK after the capture point, so there is no reset and the server repeats it",
                expect={"tcp.flags == 0x12 && ip.src == 10.60.0.33": ">=3", "tcp.flags.reset == 1": 0})
    client.try_connect("10.60.0.200", 5432, timeout=4.0)


def near_miss_both_ways(net):
    """The same node, but it rewrites both directions: healthy, seen twice."""
    client, box, server = net.hosts_named("pod node app")
    box.router()
    net.link(client, "172.21.3.17/24", box, "172.21.3.1/24")
    net.link(server, "172.21.9.80/24", box, "172.21.9.1/24")
    client.route("default via 172.21.3.1")
    server.route("default via 172.21.9.1")
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 198.18.40.8 tcp dport 9200 dnat to 172.21.9.80
        }
    }""")
    server.serve(9200, http_server())
    net.capture(box, "near-miss-nat-any", "-i any on a node that translates both directions: the SYN-ACK appears with the real and with the service address; healthy",
                iface="any", headline=HEADLINE_NAT,
                expect={"tcp.flags == 0x12 && ip.src == 198.18.40.8": 1, "tcp.flags == 0x12 && ip.src == 172.21.9.80": 1})
    with client.connect("198.18.40.8", 9200) as s:
        exchange(s, request())


def near_miss_two_servers(net):
    """One source port towards two servers: one answers, the other stays silent."""
    client, good, bad = net.hosts_named("client good bad")
    net.switch((client, "10.91.5.20/24"), (good, "10.91.5.61/24"), (bad, "10.91.5.62/24"))
    bad.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 8000 drop
        }
    }""")
    good.serve(8000, http_server())
    net.capture(client, "near-miss-other-server-client", "two connect() from one source port: 10.91.5.62 stays silent, 10.91.5.61 answers its own SYN; the SYN-ACK belongs to the other connection",
                headline="syn-no-answer", expect={"tcp.flags == 0x02 && ip.dst == 10.91.5.62": ">=3", "tcp.flags == 0x12": 1})
    silent = background(lambda: client.try_connect("10.91.5.62", 8000, sport=41234, timeout=3.6))
    time.sleep(0.2)
    with client.connect("10.91.5.61", 8000, sport=41234) as s:
        exchange(s, request())
    silent.join(5)


def near_miss_backscatter(net):
    """SYN-ACKs that nobody asked for."""
    client, far = net.hosts_named("client far")
    net.link(client, "203.0.113.77/24", far, "203.0.113.5/24")
    net.capture(client, "near-miss-backscatter-client", "unrequested SYN-ACKs from forged SYNs elsewhere, each answered with a reset; no SYN of this host is in the file",
                headline="none", expect={"tcp.flags == 0x12": 3, "tcp.flags == 0x04": 3, "tcp.flags == 0x02": 0})
    attempt(far.sh, "hping3 -q -c 3 -i u400000 -S -A -s 443 -p 52011 -M 90210 -L 77001 203.0.113.77 || true")


def routed(net):
    """Far away: the service box and the real server sit behind a router, whose way back misses the box."""
    client, router, box, server = net.hosts_named("client router box server")
    router.router()
    box.router()
    client.sysctl("net.ipv4.ip_default_ttl=128", "net.ipv4.tcp_timestamps=0", "net.ipv4.tcp_syn_linear_timeouts=0")
    net.cable(client, "100.66.3.20/24", router, "100.66.3.1/24", delay=0.019)
    net.switch((router, "10.88.0.1/16"), (box, "10.88.0.10/16"), (server, "10.88.7.31/16"))
    client.route("default via 100.66.3.1")
    router.route("198.51.100.200/32 via 10.88.0.10")
    for host in (box, server):
        host.route("default via 10.88.0.1")
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 198.51.100.200 tcp dport 3306 dnat to 10.88.7.31
        }
    }""")
    server.serve(3306, http_server())
    server.serve(8080, http_server(think=0.01))
    net.capture(client, "routed-client", "behind a router, TTL 128, no timestamps, SYNs at 0, 1, 3 s; beside it healthy traffic to another port of the real server",
                expect={"tcp.flags == 0x12 && ip.src == 10.88.7.31 && tcp.srcport == 3306": 3, "http.response": ">=10"})
    net.capture(server, "routed-server", "the real server behind a router: three SYNs of one ISN, each SYN-ACK reset, beside healthy traffic",
                expect={"tcp.flags == 0x12 && tcp.srcport == 3306": 3, "http.response": ">=10"})
    busy = chatter(client, "10.88.7.31", 8080, 4)
    client.try_connect("198.51.100.200", 3306, timeout=4.2)
    busy.join(4)


def vlan(net):
    """On a trunk with VLAN tags."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    lan = net.host("lan")
    far = net.trunk(client, "10.99.30.5/24", lan, "", [130])
    lan.ip("link add br0 type bridge")
    lan.ip("link set br0 up")
    lan.ip("link set eth0 master br0")
    for host, addr in ((box, "10.99.30.40/24"), (server, "10.99.30.52/24")):
        _, port = net.link(host, addr, lan, "")
        lan.ip(f"link set {port} master br0")
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.99.30.40 tcp dport 22 dnat to 10.99.30.52
        }
    }""")
    server.serve(22, http_server())
    net.capture(far, "vlan-middle", "on a trunk (802.1Q, VLAN 130) near the client: SYN-ACKs from 10.99.30.52 to SYNs for 10.99.30.40, each reset",
                filter=None, expect={"vlan.id == 130 && tcp.flags == 0x12 && ip.src == 10.99.30.52": ">=2", "tcp.flags == 0x04": ">=2"})
    client.try_connect("10.99.30.40", 22, timeout=3.3)


def multihomed(net):
    """A server with two addresses answers from the other one."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    client.sysctl("net.ipv4.tcp_sack=0")
    net.cable(client, "100.80.1.9/24", router, "100.80.1.1/24", delay=0.006)
    net.link(router, "10.20.1.1/24", server, "10.20.1.77/24")
    net.link(router, "10.20.2.1/24", server, "10.20.2.77/24")
    client.route("default via 100.80.1.1")
    server.route("default via 10.20.2.1")
    server.serve(22, http_server())
    # What a wrong source rule (or a balancer without its loopback address) does.
    server.nft("""table ip wrong {
        chain out {
            type route hook output priority -300
            ip saddr 10.20.1.77 tcp sport 22 notrack ip saddr set 10.20.2.77
        }
    }""")
    net.capture(client, "multihomed-client", "a server with two addresses is asked on 10.20.1.77 and answers from 10.20.2.77",
                expect={"tcp.flags == 0x12 && ip.src == 10.20.2.77": ">=3", "tcp.flags == 0x04": ">=3"})
    net.capture(server, "multihomed-any", "-i any on the server with two addresses: asked on 10.20.1.77, it answers from 10.20.2.77 and is reset",
                iface="any", expect={"tcp.flags == 0x12 && ip.src == 10.20.2.77": ">=3"})
    client.try_connect("10.20.1.77", 22, timeout=3.6)


def begun_before(net):
    """The capture starts while the client is already retrying, and ends before it gives up."""
    client, box, server = net.hosts_named("client box server")
    box.router()
    net.switch((client, "172.18.99.45/24"), (box, "172.18.99.234/24"), (server, "172.18.99.11/24"))
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 172.18.99.234 tcp dport 8080 dnat to 172.18.99.11
        }
    }""")
    server.serve(8080, http_server())
    job = background(lambda: client.try_connect("172.18.99.234", 8080, timeout=6))
    time.sleep(1.4)
    net.capture(client, "begun-before-client", "as client.pcapng, but the capture starts with the client's third SYN and holds two rounds",
                expect={"tcp.flags == 0x12 && ip.src == 172.18.99.11": "1-3", "tcp.flags == 0x04": "1-3"})
    time.sleep(2.0)
    net.captures[-1].stop()
    job.join(6)


def several_troubles(net):
    """Three independent troubles and healthy traffic in one capture of a client."""
    client, box, server, other = net.hosts_named("client box server other")
    box.router()
    net.switch((client, "10.77.0.5/16"), (box, "10.77.0.40/16"), (server, "10.77.1.52/16"), (other, "10.77.2.9/16"))
    box.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.77.0.40 tcp dport 443 dnat to 10.77.1.52
        }
    }""")
    other.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 9000 drop
        }
    }""")
    server.serve(443, http_server())
    other.serve(8080, http_server(think=0.02))
    net.capture(client, "several-client", "one client, three troubles at once: 10.77.0.40:443 answered from a wrong address, 10.77.2.9:5432 refused twice, 10.77.2.9:9000 silent; healthy traffic beside",
                headline="synack-from-wrong-address|syn-no-answer|conn-refused-rst",
                expect={"tcp.flags == 0x12 && ip.src == 10.77.1.52": ">=3", "tcp.flags == 0x14 && tcp.srcport == 5432": 2, "tcp.flags == 0x02 && tcp.dstport == 9000": ">=3", "http.response": ">=8"})
    jobs = [chatter(client, "10.77.2.9", 8080, 4), background(lambda: client.try_connect("10.77.0.40", 443, timeout=4)),
            background(lambda: client.try_connect("10.77.2.9", 9000, timeout=4))]
    for _ in range(2):
        client.try_connect("10.77.2.9", 5432)
        time.sleep(1.1)
    for job in jobs:
        job.join(6)


CASES = [on_link, node, other_port, ipv6, silent_client, near_miss_both_ways, near_miss_two_servers, near_miss_backscatter, routed, vlan,
         multihomed, begun_before, several_troubles]
