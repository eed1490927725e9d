"""Two small writes, one answer: the second write waits for an ACK that the receiver delays."""

import socket
import time

from netlab import any_address


def write_write_read(net, client_addr, server_addr, prefix, nodelay, says, headline=None):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.001)

    def serve(conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while more := conn.recv(4096):
            data += more
            if data.endswith(b"\n\n"):
                conn.sendall(b"250 done\n")
                data = b""

    server.serve(2525, serve, addr=any_address(addr))
    net.at_both(client, server, says, prefix, headline=headline, expect={"tcp.len > 0": ">=24", "tcp.flags.reset == 1": 0})
    with client.connect(addr, 2525) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        for n in range(12):
            sock.sendall(b"header: %03d\n" % n)
            sock.sendall(b"body of the small message\n\n")
            sock.recv(100)
            time.sleep(0.02)


def slow(net):
    write_write_read(net, "10.153.2.9/24", "10.153.2.80/24", "", 0, "each message is written in two small pieces: the second waits some 40 ms for the delayed ACK of the first")


def near_miss_nodelay(net):
    write_write_read(net, "10.154.2.9/24", "10.154.2.80/24", "near-miss-nodelay-", 1, "the same with TCP_NODELAY: no waiting", "none")


CASES = [slow, near_miss_nodelay]
