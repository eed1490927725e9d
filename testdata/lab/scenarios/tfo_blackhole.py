"""A device drops SYNs with Fast Open data."""

import socket
import time

from netlab import attempt, http_server, request
from wire import DROP, SYN

MSG_FASTOPEN = 0x20000000


def dropped(net):
    client, server, addr = net.pair("10.184.2.9/24", "10.184.2.80/24", delay=0.008,
                                    rule=lambda f, forward: DROP if f.is_(SYN) and f.payload else None)
    for host in (client, server):
        host.sysctl("net.ipv4.tcp_fastopen=3", "net.ipv4.tcp_fastopen_blackhole_timeout_sec=0")
    server.serve(80, http_server(), prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16))
    net.capture(client, "client", "the first connection fetches a Fast Open cookie; after that each SYN with cookie and data is lost and its plain repetition answered",
                expect={"tcp.flags == 0x02 && tcp.len > 0": ">=2", "tcp.flags == 0x12": 3})
    for _ in range(3):
        sock = client.socket(addr)
        sock.settimeout(None)
        sock.sendto(request(), MSG_FASTOPEN, (addr, 80))
        sock.settimeout(5)
        attempt(sock.recv, 4096)
        sock.close()
        time.sleep(0.2)


CASES = [dropped]
