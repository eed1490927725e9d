"""The last segment of a burst is lost: nothing behind it draws duplicate ACKs."""

import time

from netlab import any_address, exchange, request, response
from wire import DROP


def tail(net, client_addr, server_addr, lose, prefix, says, delay=0.01, headline=None):
    """`lose` copies of the last segment of the answer are lost."""
    lost = []

    def rule(f, forward):
        if not forward and f.payload and f.payload.endswith(b"END\n") and len(lost) < lose:
            lost.append(1)
            return DROP
        return None

    client, server, addr = net.pair(client_addr, server_addr, delay=delay, rule=rule)

    def serve(conn):
        while conn.recv(4096):
            conn.sendall(response(b"t" * 7000 + b"END\n"))

    server.serve(80, serve, addr=any_address(addr))
    net.at_both(client, server, says, prefix, headline=headline, expect={"tcp.flags.reset == 1": 0})
    with client.connect(addr, 80) as sock:
        for _ in range(2):
            sock.sendall(request("/report"))
            data = b""
            while not data.endswith(b"END\n"):
                data += sock.recv(65536)
            time.sleep(0.2)


def timer(net):
    tail(net, "10.138.2.9/24", "10.138.2.80/24", 3, "", "the last segment of an answer and its first two repetitions are lost: the answer completes 0.7 s late")


def ipv6(net):
    tail(net, "2001:db8:138::9/64", "2001:db8:138::80/64", 4, "ipv6-", "IPv6: the last segment of an answer is lost four times: more than a second late")


def near_miss_probe(net):
    tail(net, "10.139.2.9/24", "10.139.2.80/24", 1, "near-miss-probe-", "the last segment is lost once and the tail loss probe repairs it within some 40 ms (info at most)", headline="none")


CASES = [timer, ipv6, near_miss_probe]
