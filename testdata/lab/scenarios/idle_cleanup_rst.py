"""An idle connection is cleared by a reset after a complete exchange."""

import time

from netlab import abort, any_address, exchange, request, response


def cleared(net, client_addr, server_addr, prefix):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)

    def serve(conn):
        conn.sendall(response(b"ok\n") if conn.recv(4096) else b"")
        time.sleep(7)
        abort(conn)

    server.serve(8080, serve, addr=any_address(addr))
    net.capture(client, prefix + "client", "an answered connection idles for 7 s and is cleared by a reset; nothing is lost (info)",
                headline="idle-cleanup-rst|linger0-abort|none", expect={"tcp.flags.reset == 1": 1, "http.response": 1})
    sock = client.connect(addr, 8080)
    exchange(sock, request())
    time.sleep(7.5)
    sock.close()


def ipv4(net):
    cleared(net, "10.195.2.9/24", "10.195.2.80/24", "")


CASES = [ipv4]
