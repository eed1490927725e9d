"""Data sent to a side that has closed already."""

import time

from netlab import any_address, attempt, exchange, request, response


def late_request(net, client_addr, server_addr, prefix):
    """The server closes after its answer; the client ignores the FIN and sends another request."""
    client, server, addr = net.pair(client_addr, server_addr, delay=0.006)

    def once(conn):
        conn.recv(4096)
        conn.sendall(response(b"one answer only\n"))

    server.serve(8000, once, addr=any_address(addr))
    net.at_both(client, server, "the server answers and closes; the client sends a second request 0.8 s after the FIN and draws a bare reset", prefix,
                expect={"tcp.flags == 0x04 && tcp.srcport == 8000": 1, "http.response": 1})
    sock = client.connect(addr, 8000)
    exchange(sock, request("/1"))
    time.sleep(0.8)
    attempt(sock.sendall, request("/2"))
    time.sleep(0.3)
    attempt(sock.recv, 10)
    sock.close()


def ipv4(net):
    late_request(net, "10.157.2.9/24", "10.157.2.80/24", "")


def ipv6(net):
    late_request(net, "2001:db8:157::9/64", "2001:db8:157::80/64", "ipv6-")


CASES = [ipv4, ipv6]
