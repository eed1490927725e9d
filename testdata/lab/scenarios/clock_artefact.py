"""The clock of the capturing host is set back while it captures.

The captures are real; the times of the second half were moved afterwards, which is what a clock that was set back leaves in a file.
"""

import time

from netlab import request, response


def site(net, client_addr, server_addr, delay):
    client, server = net.hosts_named("client server")
    net.cable(client, client_addr, server, server_addr, delay=delay)
    addr = server_addr.split("/")[0]

    def serve(conn):
        while conn.recv(4096):
            conn.sendall(response(b"t" * 2_000))

    server.serve(8080, serve, addr="::" if ":" in addr else "0.0.0.0")
    return client, server, addr


def fetch(client, addr, pause):
    with client.connect(addr, 8080) as sock:
        for _ in range(4):
            sock.sendall(request("/time"))
            left = len(response(b"t" * 2_000))
            while left:
                left -= len(sock.recv(65536))
            time.sleep(pause)


def set_back(net):
    client, _, addr = site(net, "10.216.0.4/24", "10.216.0.80/24", 0.003)
    net.capture(client, "client", "four healthy requests; from the third on the capture's clock is 2 s behind (edited): times run backwards once",
                headline="clock-artefact|none", back=("tcp.dstport == 8080 && tcp.len > 0 && tcp.seq > 150", 2),
                expect={"tcp.flags.reset == 1": 0, "frame.time_delta < -1": 1})
    fetch(client, addr, 0.3)


def near_miss_swap(net):
    """Less than a millisecond, as two processors write their packets out of turn."""
    client, _, addr = site(net, "2001:db8:216::4/64", "2001:db8:216::80/64", 0.0)
    net.capture(client, "near-miss-swap-client", "four healthy requests; the capture's clock slips back by half a millisecond once (edited)",
                headline="none", back=("tcp.flags.fin == 1", 0.0005), expect={"tcp.flags.reset == 1": 0, "frame.time_delta < -0.001": 0})
    fetch(client, addr, 0.0)


CASES = [set_back, near_miss_swap]
