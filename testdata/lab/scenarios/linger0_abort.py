"""An application that closes with a reset on purpose."""

import time

from netlab import abort, exchange, request


def on_purpose(net):
    client, server, addr = net.pair("10.158.2.9/24", "10.158.2.80/24", delay=0.003)

    def serve(conn):
        conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n" if conn.recv(4096) else b"")
        time.sleep(0.4)
        abort(conn)

    server.serve(8000, serve)
    net.at_both(client, server, "the server closes four connections with a reset after everything was answered and acknowledged (info)",
                headline="linger0-abort|none", expect={"tcp.flags.reset == 1 && tcp.srcport == 8000": 4, "http.response": 4})
    for _ in range(4):
        with client.connect(addr, 8000) as sock:
            exchange(sock, request())
            time.sleep(0.6)


CASES = [on_purpose]
