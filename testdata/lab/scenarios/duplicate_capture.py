"""One packet, recorded more than once."""

import threading
import time

from netlab import attempt, echo_until, exchange, http_server, request


def router_any(net):
    """-i any on a router: every packet in and out, TTL one lower."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.cable(client, "10.103.1.5/24", router, "10.103.1.1/24", delay=0.002)
    net.link(router, "10.103.2.1/24", server, "10.103.2.80/24")
    client.route("default via 10.103.1.1")
    server.route("default via 10.103.2.1")
    server.serve(80, http_server(think=0.02))
    net.capture(router, "any", "-i any on a router: each packet of three healthy requests is recorded on the way in and on the way out",
                iface="any", headline="duplicate-capture|none", expect={"tcp.flags == 0x12": 2, "http.response": ">=3"})
    with client.connect("10.103.2.80", 80) as sock:
        for _ in range(3):
            exchange(sock, request())
            time.sleep(0.2)


def bridge_any(net):
    """-i any in the namespace of a bridge: ports and bridge see the same frame."""
    client, server = net.hosts_named("client server")
    bridge = net.switch((client, "2001:db8:103::5/64"), (server, "2001:db8:103::80/64"))
    server.serve(8080, http_server(), addr="::")
    net.capture(bridge, "ipv6-bridge-any", "IPv6: -i any on a bridge: each frame is recorded on both ports, same TTL",
                iface="any", linktype="LINUX_SLL2", headline="duplicate-capture|none", expect={"tcp.flags == 0x12": ">=2"})
    with client.connect("2001:db8:103::80", 8080) as sock:
        exchange(sock, request())
        time.sleep(0.1)
        exchange(sock, request())


def near_miss_resets(net):
    """Several segments in flight to a forgotten connection draw identical bare resets: no copies."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.104.1.5/24", server, "10.104.1.80/24", delay=0.004)
    crash = threading.Event()
    server.serve(7000, echo_until(crash))
    net.capture(client, "near-miss-resets-client", "three small segments in flight to a server that forgot the connection draw three identical bare resets: three packets, not copies",
                headline="half-open-after-crash|idle-timeout-rst", expect={"tcp.flags == 0x04": 3})
    sock = client.connect("10.104.1.80", 7000)
    exchange(sock, b"hello\n")
    crash.set()
    time.sleep(0.2)
    for n in range(3):
        attempt(sock.sendall, b"line %d\n" % n)
    time.sleep(0.4)


CASES = [router_any, bridge_any, near_miss_resets]
