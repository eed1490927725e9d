"""One side closes, the other acknowledges and never closes."""

import time

from netlab import any_address, exchange, http_server, request


def leak(net, client_addr, server_addr, prefix, watch):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.003)
    held = []

    def forget(conn):
        held.append(conn)
        conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n" if conn.recv(4096) else b"")
        time.sleep(300)

    server.serve(8086, forget, addr=any_address(addr))
    net.at_both(client, server, f"three clients close after their answer; the server acknowledges the FINs and never closes, for {watch} s", prefix,
                expect={"tcp.flags.fin == 1 && tcp.port == 8086": 3, "tcp.flags.reset == 1": 0})
    for _ in range(3):
        sock = client.connect(addr, 8086)
        exchange(sock, request())
        sock.close()
        time.sleep(0.5)
    time.sleep(watch)
    # Something else, so that the capture visibly went on.
    server.serve(8087, http_server(), addr=any_address(addr))
    with client.connect(addr, 8087) as sock:
        exchange(sock, request())
        time.sleep(0.1)


def minute(net):
    leak(net, "10.156.2.9/24", "10.156.2.80/24", "", 66)


minute.limit = 100
CASES = [minute]
