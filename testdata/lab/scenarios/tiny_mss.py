"""A very small MSS makes many small packets."""

import socket

from netlab import download, sender


def clamped(net):
    client, server, addr = net.pair("10.192.2.9/24", "10.192.2.80/24", delay=0.004)
    server.serve(80, sender(12_000))
    net.capture(client, "client", "the client announces an MSS of 216: a 12 kB download takes sixty packets (info)",
                headline="tiny-mss|none", expect={"tcp.options.mss_val < 300": 1, "tcp.flags.reset == 1": 0})
    download(client, addr, 80, 12_000, prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 216))


CASES = [clamped]
