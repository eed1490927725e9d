"""The server answers, and the answer never arrives."""

import time

from netlab import exchange, http_server, request
from wire import ACK, DROP, SYN


def return_path(net):
    """The way back is broken: SYN-ACKs are lost behind the server."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.18.2.7/24", server, "10.18.2.90/24", delay=0.005,
              rule=lambda f, forward: DROP if f.is_(SYN | ACK) else None)
    server.serve(8080, http_server())
    net.capture(server, "server", "SYN-ACKs are lost on the way back: the client repeats its SYN, the server its SYN-ACK, no ACK ever comes",
                expect={"tcp.flags == 0x12": ">=5", "tcp.flags == 0x02": ">=4", "tcp.flags == 0x10": 0})
    net.capture(client, "client", "the same from the client: SYNs without an answer",
                headline="syn-no-answer", expect={"tcp.flags == 0x02": ">=4", "tcp.flags == 0x12": 0})
    client.try_connect("10.18.2.90", 8080, timeout=5.5)


def vanished(net):
    """One SYN from an address that then says nothing more."""
    client, server = net.hosts_named("client server")
    net.cable(client, "2001:db8:18::7/64", server, "2001:db8:18::90/64", delay=0.003,
              rule=lambda f, forward: DROP if f.is_(SYN | ACK) else None)
    server.serve(8443, http_server(), addr="::")
    net.capture(server, "ipv6-server", "IPv6: SYN-ACKs are lost on the way back, ladders of both sides",
                expect={"tcp.flags == 0x12": ">=4", "tcp.flags == 0x10": 0})
    client.try_connect("2001:db8:18::90", 8443, timeout=4.4)


def near_miss_lost_once(net):
    """One SYN-ACK is lost; the next one arrives."""
    client, server = net.hosts_named("client server")
    lost = []

    def lose_first(f, forward):
        if f.is_(SYN | ACK) and not lost:
            lost.append(1)
            return DROP
        return None

    net.cable(client, "10.18.5.7/24", server, "10.18.5.90/24", delay=0.005, rule=lose_first)
    server.serve(8080, lambda conn: (conn.recv(4096), conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")))
    net.capture(server, "near-miss-lost-once-server", "one SYN-ACK is lost, the handshake completes after 1 s (at most a warning)",
                headline="synack-unacknowledged|none", expect={"tcp.flags == 0x12": "2-3", "http.response": 1})
    with client.connect("10.18.5.90", 8080) as sock:
        exchange(sock, request())
        time.sleep(0.1)


CASES = [return_path, vanished, near_miss_lost_once]
