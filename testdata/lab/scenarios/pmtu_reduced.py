"""A router's ICMP message tells the sender of a smaller MTU, and the sender obeys: healthy."""

from netlab import any_address, download, sender


def narrow(net, v6):
    """client --- router === narrow link === router --- server"""
    client, near, far, server = net.hosts_named("client near far server")
    near.router()
    far.router()
    a, b, c, length = ("2001:db8:141:1::", "2001:db8:141:2::", "2001:db8:141:3::", "/64") if v6 else ("10.142.1.", "10.142.2.", "10.142.3.", "/24")
    net.cable(client, a + "9" + length, near, a + "1" + length, delay=0.005)
    net.link(near, b + "1" + length, far, b + "2" + length, mtu=1400)
    net.link(far, c + "1" + length, server, c + "80" + length)
    family = "-6 " if v6 else ""
    client.ip(f"{family}route add default via {a}1")
    near.ip(f"{family}route add default via {b}2")
    far.ip(f"{family}route add default via {b}1")
    server.ip(f"{family}route add default via {c}1")
    server.serve(80, sender(30_000), addr=any_address(c + "80"))
    icmp = "icmpv6.type == 2" if v6 else "icmp.type == 3 && icmp.code == 4"
    net.capture(server, ("ipv6-" if v6 else "") + "server", "a router reports that a packet is too big for an MTU of 1400; the server sends smaller segments at once (info)",
                headline="none|pmtu-reduced", expect={icmp: ">=1", "tcp.flags.reset == 1": 0})
    download(client, c + "80", 80, 30_000)


def ipv4(net):
    narrow(net, False)


def ipv6(net):
    narrow(net, True)


CASES = [ipv4, ipv6]
