"""Nobody listens: the SYN is refused by a reset."""

import time

from netlab import abort, exchange, http_server, request

REFUSED = "tcp.flags == 0x14 && tcp.seq == 1"


def no_listener(net):
    client, server = net.hosts_named("client server")
    net.cable(client, "10.12.7.30/24", server, "10.12.7.80/24", delay=0.009)
    server.serve(22, http_server())
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, name, "three connect() to a port without a listener are refused; another port of the host works",
                    expect={REFUSED: 3, "tcp.flags == 0x12": 1})
    for _ in range(3):
        client.try_connect("10.12.7.80", 8080)
        time.sleep(0.5)
    client.connect("10.12.7.80", 22)


def firewall(net):
    """A router rejects with a TCP reset in the server's name."""
    client, router, server = net.hosts_named("client fw server")
    router.router()
    net.cable(client, "172.28.5.9/24", router, "172.28.5.1/24", delay=0.002)
    net.cable(router, "172.29.5.1/24", server, "172.29.5.40/24", delay=0.015)
    client.route("default via 172.28.5.1")
    server.route("default via 172.29.5.1")
    server.serve(80, http_server())
    router.nft("""table ip filter {
        chain forward {
            type filter hook forward priority 0
            tcp dport 3389 reject with tcp reset
        }
    }""")
    net.capture(client, "firewall-client", "port 80 works with a TTL of 63 and 34 ms; port 3389 is refused after 4 ms: a firewall on the way answers in the server's name",
                expect={REFUSED: 2, "http.response": 1})
    with client.connect("172.29.5.40", 80) as sock:
        exchange(sock, request())
    for _ in range(2):
        client.try_connect("172.29.5.40", 3389)
        time.sleep(0.4)


def ipv6(net):
    client, server = net.hosts_named("client server")
    net.cable(client, "2001:db8:12::30/64", server, "2001:db8:12::80/64", delay=0.003)
    net.capture(client, "ipv6-client", "IPv6: two connect() to a port without a listener are refused", expect={REFUSED: 2})
    for _ in range(2):
        client.try_connect("2001:db8:12::80", 5000)
        time.sleep(0.3)


def loopback(net):
    host = net.host("host")
    net.capture(host, "loopback-any", "an application retries its local cache on 127.0.0.1:11211, which is not running", iface="any",
                linktype="LINUX_SLL2", expect={REFUSED: 4})
    for _ in range(4):
        host.try_connect("127.0.0.1", 11211)
        time.sleep(0.25)


def near_miss_aborted(net):
    """The listener accepts and aborts at once."""
    client, server = net.hosts_named("client server")

    net.cable(client, "10.12.9.30/24", server, "10.12.9.80/24", delay=0.004)
    server.serve(9100, abort)
    net.capture(client, "near-miss-accepted-client", "the listener accepts and aborts with a reset before the request is read",
                headline="data-acked-then-reset-by-proxy|close-with-unread-data|linger0-abort|none",
                expect={"tcp.flags == 0x12": 2, "tcp.flags.reset == 1": ">=2"})
    for _ in range(2):
        client.try_connect("10.12.9.80", 9100)
        time.sleep(0.3)


def vxlan(net):
    """Inside an overlay: the capture holds VXLAN packets of the underlay."""
    left, right = net.hosts_named("left right")
    net.cable(left, "192.168.240.1/24", right, "192.168.240.2/24", delay=0.002)
    for host, peer, inner in ((left, "192.168.240.2", "10.244.1.5/24"), (right, "192.168.240.1", "10.244.1.9/24")):
        host.ip(f"link add vx0 type vxlan id 42 remote {peer} dstport 4789 dev eth0")
        host.ip("link set vx0 up mtu 1450")
        host.ip(f"addr add {inner} dev vx0")
    right.serve(80, http_server())
    net.capture(right, "vxlan-server", "the underlay of a VXLAN network: inside, two refused connections and one that is served",
                filter=None, expect={"vxlan && tcp.flags == 0x14": 2, "vxlan && tcp.flags == 0x12": 1})
    for _ in range(2):
        left.try_connect("10.244.1.9", 8080)
        time.sleep(0.3)
    with left.connect("10.244.1.9", 80) as sock:
        exchange(sock, request())


def raw_ip(net):
    client, server = net.hosts_named("client server")
    net.tunnel(client, "10.9.0.6/24", server, "10.9.0.1/24")
    net.capture(client, "raw-ip-client", "recorded on a tun interface (raw IP): three refused connections", iface="tun0", expect={REFUSED: 3})
    for _ in range(3):
        client.try_connect("10.9.0.1", 8080)
        time.sleep(0.2)


def far(net):
    """The refusal needs longer than a timer of 200 ms."""
    client, server, addr = net.pair("100.73.4.20/24", "100.73.4.81/24", delay=0.3)
    client.neighbour(addr, server.mac())
    server.neighbour("100.73.4.20", client.mac())
    net.capture(client, "far-client", "a port nobody listens on, 600 ms away: the refusal comes before any round trip is known",
                expect={"tcp.flags == 0x14 && tcp.srcport == 8443": 1, "tcp.flags == 0x12": 0})
    client.try_connect(addr, 8443)


CASES = [no_listener, firewall, ipv6, loopback, near_miss_aborted, vxlan, raw_ip, far]
