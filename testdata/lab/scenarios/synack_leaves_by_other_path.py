"""The SYN arrives through one box, the SYN-ACK leaves through another that drops it."""

from netlab import http_server


def lan(net, lb_only):
    """A server with a far too wide netmask asks for the client's MAC; a balancer with proxy ARP answers."""
    client, gateway, balancer, server = net.hosts_named("client gw lb server")
    gateway.router()
    balancer.router()
    net.link(client, "10.55.1.20/24", gateway, "10.55.1.1/24")
    net.switch((gateway, "10.16.7.1/24"), (balancer, "10.16.7.2/24"), (server, "10.16.7.80/8"))
    client.route("default via 10.55.1.1")
    balancer.ip("route add default via 10.16.7.1")
    balancer.sysctl("net.ipv4.conf.eth0.proxy_arp=1", "net.ipv4.conf.eth0.proxy_arp_pvlan=1")
    if not lb_only:
        gateway.sysctl("net.ipv4.conf.eth1.proxy_arp=1", "net.ipv4.neigh.eth1.proxy_delay=0")
    balancer.sysctl("net.ipv4.neigh.eth0.proxy_delay=0")
    # The balancer's stateful engine never saw the SYN.
    balancer.nft("""table ip filter {
        chain forward {
            type filter hook forward priority 0
            tcp flags & (syn|ack) == (syn|ack) drop
        }
    }""")
    server.serve(80, http_server())
    return client, gateway, balancer, server


def proxy_arp(net):
    client, gateway, balancer, server = lan(net, True)
    net.capture(server, "server", "the server's netmask is /8: it ARPs for the far client, a balancer with proxy ARP answers, the SYN-ACKs leave to that box and are dropped there",
                expect={"arp.opcode == 2 && arp.src.proto_ipv4 == 10.55.1.20": ">=1", "tcp.flags == 0x12": ">=4", "tcp.flags == 0x10": 0})
    net.capture(client, "client", "the same from the client: SYNs without any answer, since the SYN-ACKs die at a balancer on the server's LAN",
                headline="syn-no-answer", expect={"tcp.flags == 0x02": ">=3", "tcp.flags == 0x12": 0})
    client.try_connect("10.16.7.80", 80, timeout=5)


def two_answers(net):
    client, gateway, balancer, server = lan(net, False)
    net.capture(server, "two-answers-server", "two boxes answer the server's ARP request for the far client; the SYN-ACKs go to the one that drops them",
                expect={"arp.opcode == 2 && arp.src.proto_ipv4 == 10.55.1.20": ">=2", "tcp.flags == 0x12": ">=3", "tcp.flags == 0x10": 0})
    # Two proxies answer in the order of their delays; the last answer wins only once the entry may change.
    balancer.sysctl("net.ipv4.neigh.eth0.proxy_delay=0")
    gateway.sysctl("net.ipv4.neigh.eth1.proxy_delay=50")
    client.try_connect("10.16.7.80", 80, timeout=4)


def near_miss_same_box(net):
    """The same LAN with the right netmask."""
    client, gateway, server = net.hosts_named("client gw server")
    gateway.router()
    net.link(client, "10.56.1.20/24", gateway, "10.56.1.1/24")
    net.switch((gateway, "10.17.7.1/24"), (server, "10.17.7.80/24"))
    client.route("default via 10.56.1.1")
    server.route("default via 10.17.7.1")
    gateway.nft("""table ip filter {
        chain forward {
            type filter hook forward priority 0
            tcp flags & (syn|ack) == (syn|ack) drop
        }
    }""")
    server.serve(80, http_server())
    net.capture(server, "near-miss-same-box-server", "the SYN-ACKs leave through the very box the SYN came from and get lost behind it",
                headline="synack-unacknowledged", expect={"tcp.flags == 0x12": ">=4", "tcp.flags == 0x10": 0})
    client.try_connect("10.17.7.80", 80, timeout=5)


CASES = [proxy_arp, two_answers, near_miss_same_box]
