"""A segment outside conntrack's window passes a translator untranslated, and the client resets the real server."""

import time

from netlab import attempt, request
from wire import ACK, build_tcp


def escaped(net):
    client, router, server = net.hosts_named("client router server")
    router.router()

    def stray(f, forward):
        # Towards the client: before a part of the answer, a segment that lies far above the window.
        if not forward and b"chunk 5" in f.payload:
            odd = build_tcp(f, ACK, f.seq + 3_000_000, f.ack, b"stray", ttl=f.ttl, ipid=0x4242, window=502)
            return [(0.0, odd.seal()), (0.0, bytes(f.raw))]
        return None

    net.link(client, "10.32.1.9/24", router, "10.32.1.1/24")
    net.cable(router, "10.32.2.1/24", server, "10.32.2.80/24", delay=0.004, rule=stray)
    client.route("default via 10.32.1.1")
    server.route("default via 10.32.2.1")
    router.nft("""table ip nat {
        chain pre {
            type nat hook prerouting priority -100
            ip daddr 10.96.0.10 tcp dport 80 dnat to 10.32.2.80
        }
    }""")

    def serve(conn):
        conn.recv(4096)
        for n in range(10):
            conn.sendall(b"chunk %d %s\n" % (n, b"." * 200))
            time.sleep(0.05)

    server.serve(80, serve)
    says = "one segment far outside the window passes the translator untranslated: the client resets the real server's address and the transfer dies"
    net.capture(client, "client", says, headline="conntrack-invalid-rst", expect={"ip.src == 10.32.2.80 && tcp.len > 0": ">=1", "tcp.flags == 0x04 && ip.dst == 10.32.2.80": ">=1"})
    net.capture(router, "any", "-i any on the translator: " + says, iface="any", headline="conntrack-invalid-rst",
                expect={"tcp.flags == 0x04": ">=1"})
    sock = client.connect("10.96.0.10", 80)
    sock.sendall(request())
    until = time.monotonic() + 2
    sock.settimeout(1)
    while time.monotonic() < until and attempt(sock.recv, 4096):
        pass


CASES = [escaped]
