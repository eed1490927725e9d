"""A router or the host itself says that the destination cannot be reached."""

import time

from netlab import http_server

BEHIND_ROUTER = "icmp.type == 3"


def behind_router(net, prefix, reject=""):
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.cable(client, prefix + ".1.9/24", router, prefix + ".1.1/24", delay=0.004)
    net.link(router, prefix + ".2.1/24", server, prefix + ".2.80/24")
    client.route(f"default via {prefix}.1.1")
    server.route(f"default via {prefix}.2.1")
    server.serve(80, http_server())
    if reject:
        router.nft(f"""table ip filter {{
            chain forward {{
                type filter hook forward priority 0
                tcp dport 80 reject with icmp type {reject}
            }}
        }}""")
    return client, router


def prohibited(net):
    client, router = behind_router(net, "10.130", "admin-prohibited")
    net.capture(client, "client", "a firewall on the way rejects with ICMP administratively prohibited", expect={"icmp.type == 3 && icmp.code == 13": 2})
    for _ in range(2):
        client.try_connect("10.130.2.80", 80)
        time.sleep(0.3)


def no_net(net):
    client, router = behind_router(net, "10.131")
    net.capture(client, "net-client", "the router has no route to the destination: ICMP network unreachable", expect={"icmp.type == 3 && icmp.code == 0": 1})
    client.try_connect("10.199.9.9", 443)


def no_host(net):
    client, router = behind_router(net, "10.132")
    net.capture(router, "host-any", "-i any on a router: nobody answers its ARP requests for the destination, it reports host unreachable", iface="any",
                expect={"icmp.type == 3 && icmp.code == 1": ">=1", "arp.opcode == 1 && arp.dst.proto_ipv4 == 10.132.2.66": ">=3"})
    client.try_connect("10.132.2.66", 22, timeout=6)


def port_by_host(net):
    client, server, addr = net.pair("10.133.2.9/24", "10.133.2.80/24")
    server.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 111 reject
        }
    }""")
    net.capture(client, "port-client", "the host's own firewall rejects with ICMP port unreachable", expect={"icmp.type == 3 && icmp.code == 3": 2})
    for _ in range(2):
        client.try_connect(addr, 111)
        time.sleep(0.3)


def ipv6(net):
    client, server, addr = net.pair("2001:db8:130::9/64", "2001:db8:130::80/64")
    server.nft("""table ip6 filter {
        chain input {
            type filter hook input priority 0
            tcp dport 443 reject with icmpv6 type admin-prohibited
        }
    }""")
    net.at_both(client, server, "IPv6: the host's firewall rejects with ICMPv6 administratively prohibited", "ipv6-",
                expect={"icmpv6.type == 1 && icmpv6.code == 1": 1})
    client.try_connect(addr, 443)


CASES = [prohibited, no_net, no_host, port_by_host, ipv6]
