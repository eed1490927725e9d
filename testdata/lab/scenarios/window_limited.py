"""A small receive buffer caps the rate of a long path."""

import socket

from netlab import any_address, download, sender


def small(net, client_addr, server_addr, prefix, buffer, size):
    def prepare(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)

    client, server, addr = net.pair(client_addr, server_addr, delay=0.03)
    server.serve(80, sender(size), addr=any_address(addr))
    net.at_both(client, server, "a download over 60 ms with a receive buffer of a few segments: the sender waits for the window once per round trip", prefix, snaplen=110,
                headline="window-limited|none", expect={"tcp.flags.reset == 1": 0})
    download(client, addr, 80, size, prepare=prepare)


def ipv4(net):
    small(net, "10.171.2.9/24", "10.171.2.80/24", "", 12_000, 260_000)


CASES = [ipv4]
