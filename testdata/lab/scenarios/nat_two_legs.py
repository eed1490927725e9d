"""Both sides of an address translation in one file."""

import time

from netlab import exchange, http_server, request


def masquerade(net):
    """-i any on a home router: inside leg and outside leg."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.link(client, "192.168.50.23/24", router, "192.168.50.1/24")
    net.cable(router, "198.51.100.30/24", server, "198.51.100.80/24", delay=0.006)
    client.route("default via 192.168.50.1")
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth1 masquerade
        }
    }""")
    server.serve(443, http_server(think=0.01))
    net.capture(router, "any", "-i any on a masquerading router: inside and outside leg of one healthy connection",
                iface="any", headline="nat-two-legs|none", expect={"tcp.flags == 0x02": 2, "tcp.flags == 0x12": 2})
    with client.connect("198.51.100.80", 443) as sock:
        for _ in range(3):
            exchange(sock, request())
            time.sleep(0.1)


def both_ways(net):
    """DNAT and SNAT at once on a one-armed balancer."""
    client, lb, server = net.hosts_named("client lb server")
    lb.router()
    net.switch((client, "172.31.4.9/20"), (lb, "172.31.4.100/20"), (server, "172.31.5.7/20"))
    lb.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 172.31.4.100 tcp dport 8080 dnat to 172.31.5.7:9090
        }
        chain post {
            type nat hook postrouting priority 100
            ip daddr 172.31.5.7 tcp dport 9090 masquerade
        }
    }""")
    server.serve(9090, http_server())
    net.capture(lb, "middle", "the only interface of a balancer that translates both addresses: two legs of one healthy connection",
                headline="nat-two-legs|none", expect={"tcp.flags == 0x02": 2, "tcp.flags == 0x12": 2})
    with client.connect("172.31.4.100", 8080) as sock:
        exchange(sock, request())
        time.sleep(0.1)
        exchange(sock, request())


def near_miss_refused_behind(net):
    """Two legs of a connection that is refused: the legs are no excuse."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.link(client, "192.168.51.23/24", router, "192.168.51.1/24")
    net.link(router, "198.51.101.30/24", server, "198.51.101.80/24")
    client.route("default via 192.168.51.1")
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth1 masquerade
        }
    }""")
    net.capture(router, "near-miss-refused-any", "-i any on a masquerading router, both legs of two connections that the server refuses",
                iface="any", headline="conn-refused-rst", expect={"tcp.flags == 0x02": 4, "tcp.flags == 0x14": 4})
    for _ in range(2):
        client.try_connect("198.51.101.80", 8443)
        time.sleep(0.3)


CASES = [masquerade, both_ways, near_miss_refused_behind]
