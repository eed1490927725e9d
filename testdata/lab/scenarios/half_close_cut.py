"""The client half-closes after its request, and a proxy takes that for the end."""

import socket
import time

from netlab import any_address, attempt, exchange, request, response


def cut(net, client_addr, server_addr, prefix):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)

    def impatient(conn):
        conn.recv(4096)
        conn.settimeout(0.3)
        if attempt(conn.recv, 10) == b"":
            return
        conn.sendall(response(b"full answer\n"))

    server.serve(8090, impatient, addr=any_address(addr))
    net.at_both(client, server, "a request followed by a half-close gets no answer, the server closes at once; the same request without half-close is answered", prefix,
                headline="half-close-cut|server-closed-without-answer", expect={"http.response": 1, "tcp.flags.fin == 1": "4-6"})
    with client.connect(addr, 8090) as sock:
        sock.sendall(request("/report"))
        sock.shutdown(socket.SHUT_WR)
        attempt(sock.recv, 4096)
    time.sleep(0.3)
    with client.connect(addr, 8090) as sock:
        exchange(sock, request("/report"))


def ipv4(net):
    cut(net, "10.155.2.9/24", "10.155.2.80/24", "")


CASES = [ipv4]
