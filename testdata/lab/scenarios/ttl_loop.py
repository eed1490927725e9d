"""Two routers send a packet to each other until its TTL ends."""


def loop(net):
    client, near, far = net.hosts_named("client near far")
    near.router()
    far.router()
    net.cable(client, "10.168.1.9/24", near, "10.168.1.1/24", delay=0.002)
    net.link(near, "10.168.2.1/24", far, "10.168.2.2/24")
    client.route("default via 10.168.1.1")
    near.route("10.200.0.0/16 via 10.168.2.2")
    far.route("default via 10.168.2.1")
    net.capture(near, "middle", "between two routers that point at each other: one SYN passes again and again with falling TTL until ICMP time exceeded",
                iface="eth1", expect={"tcp.flags == 0x02": ">=20"})
    net.capture(client, "client", "the client's view: ICMP time exceeded answers its SYN, whose TTL started at 64", expect={"icmp.type == 11": ">=1"})
    client.try_connect("10.200.3.4", 443, timeout=2.4)


def ipv6(net):
    client, near, far = net.hosts_named("client near far")
    near.router()
    far.router()
    net.cable(client, "2001:db8:168:1::9/64", near, "2001:db8:168:1::1/64", delay=0.002)
    net.link(near, "2001:db8:168:2::1/64", far, "2001:db8:168:2::2/64")
    client.ip("-6 route add default via 2001:db8:168:1::1")
    near.ip("-6 route add 2001:db8:200::/48 via 2001:db8:168:2::2")
    far.ip("-6 route add default via 2001:db8:168:2::1")
    net.capture(client, "ipv6-client", "IPv6: ICMPv6 time exceeded answers a SYN whose hop limit started at 64", expect={"icmpv6.type == 3": ">=1"})
    client.try_connect("2001:db8:200::4", 443, timeout=2.4)


CASES = [loop, ipv6]
