"""A balancer sends a PROXY header, the backend does not expect it."""

import os
import time

from netlab import attempt, exchange, request


def unexpected(net):
    client, server, addr = net.pair("10.165.2.9/24", "10.165.2.80/24", delay=0.001)
    conf = os.path.join(net.out, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"daemon off; pid {net.out}/nginx.pid; error_log /dev/null; events {{ worker_connections 64; }}\n"
                "http { access_log off; server { listen 80; location / { return 200 'ok'; } } }\n")
    server.spawn(["nginx", "-p", net.out, "-c", conf])
    time.sleep(0.6)
    net.at_both(client, server, "a balancer puts a PROXY header before the request, nginx does not expect one and answers 400", expect={"tcp.payload contains \"400 Bad Request\"": 2})
    for n in range(2):
        with client.connect(addr, 80) as sock:
            attempt(exchange, sock, b"PROXY TCP4 203.0.113.9 10.165.2.80 5123%d 80\r\n" % n + request())
            time.sleep(0.2)


def binary(net):
    client, server, addr = net.pair("10.166.2.9/24", "10.166.2.80/24", delay=0.001)
    server.serve(9000, lambda conn: conn.recv(8))
    net.capture(client, "v2-client", "a balancer puts a binary PROXY v2 header before the request; the backend reads eight bytes and closes with a reset",
                headline="proxy-protocol-mismatch|data-acked-then-reset-by-proxy", expect={"tcp.flags.reset == 1": ">=2"})
    for _ in range(2):
        with client.connect(addr, 9000) as sock:
            attempt(exchange, sock, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([203, 0, 113, 9, 10, 166, 2, 80, 200, 33, 35, 40]) + request())
            time.sleep(0.2)


CASES = [unexpected, binary]
