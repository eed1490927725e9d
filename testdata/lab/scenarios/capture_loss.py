"""Packets that the capture lacks and the network did not lose.

The captures are real; frames were cut out afterwards, which is what a capture that dropped them looks like.
"""

import time

from netlab import request, response
from wire import DROP


def site(net, client_addr, server_addr, delay=0.004, size=26_000):
    client, server = net.hosts_named("client server")
    net.cable(client, client_addr, server, server_addr, delay=delay)
    addr = server_addr.split("/")[0]

    def serve(conn):
        while conn.recv(4096):
            conn.sendall(response(b"k" * size))

    server.serve(8080, serve, addr="::" if ":" in addr else "0.0.0.0")
    return client, server, addr


def fetch(client, addr, times=1):
    with client.connect(addr, 8080) as sock:
        for _ in range(times):
            sock.sendall(request("/blob"))
            left = len(response(b"k" * 26_000))
            while left:
                left -= len(sock.recv(65536))
        time.sleep(0.1)


def data_missing(net):
    client, server, addr = site(net, "10.101.0.4/24", "10.101.0.80/24")
    net.capture(client, "client", "a healthy download; four data frames were cut out of the file afterwards (edited): they are acknowledged and never repeated",
                headline="capture-loss|none", drop="tcp.srcport == 8080 && tcp.len > 0 && (tcp.seq > 9000 && tcp.seq < 14500)",
                expect={"tcp.flags.reset == 1": 0, "tcp.analysis.retransmission": 0})
    fetch(client, addr)


def several_gaps(net):
    client, server, addr = site(net, "2001:db8:101::4/64", "2001:db8:101::80/64")
    net.capture(server, "ipv6-server", "IPv6: three healthy downloads; frames of both directions were cut out of the file afterwards (edited)",
                headline="capture-loss|none", drop="frame.number % 9 == 5 && frame.number > 8",
                expect={"tcp.flags.reset == 1": 0})
    fetch(client, addr, 3)


def near_miss_real_loss(net):
    """The same download with loss on the network: the gaps are repaired."""
    client, server = net.hosts_named("client server")
    counter = [0]

    def lose(f, forward):
        if not forward and f.payload:
            counter[0] += 1
            return DROP if counter[0] in (6, 9, 14) else None
        return None

    net.cable(client, "10.102.0.4/24", server, "10.102.0.80/24", delay=0.004, rule=lose)

    def serve(conn):
        conn.recv(4096)
        conn.sendall(response(b"k" * 26_000))

    server.serve(8080, serve)
    net.capture(client, "near-miss-real-loss-client", "three segments of a download were lost on the network and repeated: packet loss, not capture loss",
                headline="packet-loss|none", expect={"tcp.options.sack_le": ">=2"})
    fetch(client, "10.102.0.80")


CASES = [data_missing, several_gaps, near_miss_real_loss]
