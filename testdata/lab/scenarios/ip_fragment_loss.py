"""A router fragments, and a device behind it drops the fragments that carry no ports."""

import time

from netlab import attempt, exchange, request
from wire import DROP


def later_fragments_lost(net):
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.cable(client, "10.189.1.9/24", router, "10.189.1.1/24", delay=0.004,
              rule=lambda f, forward: DROP if f.version == 4 and ((f.raw[20] & 0x1F) or f.raw[21]) else None)
    net.link(router, "10.189.2.1/24", server, "10.189.2.80/24")
    router.ip("link set eth0 mtu 1000")
    client.route("default via 10.189.1.1")
    server.route("default via 10.189.2.1")
    # No path MTU discovery: DF is clear, so the router may cut.
    server.sysctl("net.ipv4.ip_no_pmtu_disc=1")
    client.sysctl("net.ipv4.ipfrag_time=4")

    def serve(conn):
        while data := conn.recv(4096):
            size = 4000 if b"/big" in data else 10
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"f" * size)

    server.serve(80, serve)
    net.capture(client, "client", "a router cuts large answers into fragments, only first fragments arrive; the client reports reassembly time exceeded",
                filter=None, expect={"ip.flags.mf == 1": ">=2", "icmp.type == 11 && icmp.code == 1": ">=1"})
    sock = client.connect("10.189.2.80", 80)
    exchange(sock, request("/small"))
    sock.sendall(request("/big"))
    time.sleep(6)
    attempt(sock.close)


CASES = [later_fragments_lost]
