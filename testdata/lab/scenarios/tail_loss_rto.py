"""The last segment of a burst is lost: nothing behind it draws duplicate ACKs."""

import time

from netlab import any_address, download, request, response, sender
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
    tail(net, "10.138.2.9/24", "10.138.2.80/24", 3, "", "the last segment of an answer and its first two repetitions are lost: the answer completes 0.9 s late")


def ipv6(net):
    tail(net, "2001:db8:138::9/64", "2001:db8:138::80/64", 4, "ipv6-", "IPv6: the last segment of an answer is lost four times: more than a second late")


def near_miss_probe(net):
    """The last two segments of one answer are lost; a tail loss probe after two round trips starts the repair."""
    seen = [0]

    def rule(f, forward):
        if not forward and f.payload:
            seen[0] += 1
            return DROP if seen[0] in (9, 10) else None
        return None

    client, server, addr = net.pair("10.139.2.9/24", "10.139.2.80/24", delay=0.01, rule=rule)
    server.serve(80, sender(7000))
    net.at_both(client, server, "the last two segments of an answer are lost; a tail loss probe starts the repair after two round trips, well under 0.2 s (info at most)", "near-miss-probe-",
                headline="none|packet-loss", expect={"tcp.flags.reset == 1": 0, "tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.out_of_order": ">=1"})
    for _ in range(2):
        download(client, addr, 80, 7000)
        time.sleep(0.2)


CASES = [timer, ipv6, near_miss_probe]
