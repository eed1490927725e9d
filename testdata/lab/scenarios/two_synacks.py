"""Two devices answer one SYN."""

from netlab import attempt, exchange, http_server, request
from wire import ACK, SYN, build_tcp


def race(net):
    def rule(f, forward):
        if forward and f.is_(SYN):
            forged = build_tcp(f, SYN | ACK, 0x1122_3344, f.seq + 1, ttl=58, ipid=0, window=29_200, back=True)
            return [(0.0, bytes(f.raw)), (0.0, forged.seal(), False)]
        return None

    client, server, addr = net.pair("10.194.2.9/24", "10.194.2.80/24", delay=0.02, rule=rule)
    server.serve(80, http_server())
    net.capture(client, "client", "a device answers the SYN first with a SYN-ACK of its own, the server's SYN-ACK with another ISN follows 40 ms later; the connection does not come to life",
                expect={"tcp.flags == 0x12": ">=2"})
    sock = client.try_connect(addr, 80, timeout=3)
    if sock:
        sock.settimeout(3)
        attempt(exchange, sock, request())


CASES = [race]
