"""An inside client uses the public address of an inside server, and the router does not masquerade the detour."""

from netlab import exchange, http_server, request

DNAT = """table ip nat {
    chain pre {
        type nat hook prerouting priority -100
        ip daddr 203.0.113.10 tcp dport 443 dnat to 192.168.1.50
    }
    chain post {
        type nat hook postrouting priority 100
        %s
    }
}"""
MASQUERADE = "ip saddr 192.168.1.0/24 ip daddr 192.168.1.50 masquerade"
WRONG = "tcp.flags == 0x12 && ip.src == 192.168.1.50"


def build(net):
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.switch((client, "192.168.1.20/24"), (router, "192.168.1.1/24"), (server, "192.168.1.50/24"))
    router.ip("addr add 203.0.113.10/32 dev lo")
    client.route("default via 192.168.1.1")
    server.route("default via 192.168.1.1")
    server.serve(443, http_server())
    return client, router, server


def missing(net):
    client, router, server = build(net)
    router.nft(DNAT % "")
    says = "an inside client connects to the public address 203.0.113.10; the router translates to 192.168.1.50 without masquerading, the server answers the client directly"
    net.capture(client, "client", says, headline="synack-from-wrong-address", expect={WRONG: ">=3", "tcp.flags == 0x04": ">=3"})
    net.capture(router, "middle", "the router's inside interface: the SYN comes in and leaves again by the same interface, nothing returns",
                headline="syn-no-answer|synack-from-wrong-address", expect={"tcp.flags == 0x02 && ip.dst == 192.168.1.50": ">=3", "tcp.flags == 0x12": 0})
    client.try_connect("203.0.113.10", 443, timeout=3.6)


def mended(net):
    """The rule is added while the client waits, so one file holds the fault and its contrast."""
    client, router, server = build(net)
    router.nft(DNAT % "")
    net.capture(router, "mended-middle", "the router's inside interface: SYNs of an inside client are translated without masquerade and fail; after the masquerade rule is added the next connection leaves with the router's address and works",
                headline="synack-from-wrong-address|hairpin-nat-missing|syn-no-answer",
                expect={"tcp.flags == 0x02 && ip.src == 192.168.1.1": 1, "http.response": ">=1"})
    client.try_connect("203.0.113.10", 443, timeout=2.6)
    router.sh(f"nft add rule ip nat post {MASQUERADE}")
    with client.connect("203.0.113.10", 443) as sock:
        exchange(sock, request())


def near_miss_masqueraded(net):
    client, router, server = build(net)
    router.nft(DNAT % MASQUERADE)
    net.capture(client, "near-miss-masqueraded-client", "the same detour with masquerade: healthy", headline="none",
                expect={"tcp.flags == 0x12 && ip.src == 203.0.113.10": 1, "http.response": 1})
    with client.connect("203.0.113.10", 443) as sock:
        exchange(sock, request())


CASES = [missing, mended, near_miss_masqueraded]
