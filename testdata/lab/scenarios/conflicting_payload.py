"""A device answers in the server's name before the server does."""

import time

from netlab import attempt, exchange, request, response
from wire import ACK, PSH, build_tcp


def injected(net):
    def rule(f, forward):
        if not (forward and b"GET /news" in f.payload):
            return None
        forged = build_tcp(f, PSH | ACK, f.ack, f.seq + len(f.payload), response(b"notice!\n", "302 Found", "Location: http://ads.example/\r\n"),
                           ttl=52, ipid=0x77, window=800, back=True)
        return [(0.0, bytes(f.raw)), (0.0, forged.seal(), False)]

    client, server, addr = net.pair("10.193.2.9/24", "10.193.2.80/24", delay=0.02, rule=rule)
    server.serve(80, lambda conn: [conn.sendall(response(b"<html>the real page, some longer</html>\n")) for _ in iter(lambda: conn.recv(4096), b"")])
    net.capture(client, "client", "a device answers a request with a redirect in the server's name, 40 ms before the server's own answer arrives for the same bytes",
                expect={"tcp.payload contains \"302 Found\"": 1, "tcp.payload contains \"real page\"": ">=2"})
    sock = client.connect(addr, 80)
    exchange(sock, request("/"))
    attempt(exchange, sock, request("/news"))
    time.sleep(0.4)
    sock.close()


CASES = [injected]
