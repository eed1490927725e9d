"""Requests and answers take different ways; a stateful firewall on one of them sees half the conversation."""

import time

from netlab import attempt, exchange, http_server, request, silent

STRICT = """table ip filter {
    chain forward {
        type filter hook forward priority 0
        ct state invalid drop
        ct state new tcp flags & (syn|ack) != syn drop
    }
}"""


def triangle(net, there_stateful):
    """client --- fw --- server on the way there, server --- back --- client on the way back."""
    client, fw, back, server = net.hosts_named("client fw back server")
    fw.router()
    back.router()
    net.switch((client, "10.61.1.20/24"), (fw, "10.61.1.1/24"), (back, "10.61.1.2/24"))
    net.switch((server, "10.62.1.80/24"), (fw, "10.62.1.1/24"), (back, "10.62.1.2/24"))
    client.route("10.62.1.0/24 via 10.61.1.1")
    server.route("10.61.1.0/24 via 10.62.1.2")
    (fw if there_stateful else back).nft(STRICT)
    server.serve(8080, silent)
    return client, fw, back, server


def forward(net):
    """The firewall sees only the client's half: SYN passes, ACK and data are invalid to it."""
    client, fw, back, server = triangle(net, True)
    net.capture(fw, "middle", "inside interface of a stateful firewall that sees only the client's segments: it lets the SYN pass and drops the handshake ACK and the data",
                iface="eth0", expect={"tcp.flags == 0x02": 1, "tcp.srcport == 8080": 0, "tcp.len > 0": ">=4"})
    net.capture(client, "client", "the client's view: handshake complete, its data repeated without an acknowledgement while the SYN-ACK comes again and again",
                headline="asymmetric-routing-stateful-drop|stuck-syn-recv-server-ignores-ack",
                expect={"tcp.flags == 0x12": ">=3", "tcp.len > 0": ">=4"})
    net.capture(server, "server", "the server's view: SYN-ACKs leave by another router than the SYN came from and are never acknowledged",
                headline="asymmetric-routing-stateful-drop|synack-unacknowledged|synack-leaves-by-other-path",
                expect={"tcp.flags == 0x12": ">=3", "tcp.len > 0": 0})
    sock = client.connect("10.62.1.80", 8080)
    attempt(sock.sendall, request())
    time.sleep(6)


def backward(net):
    """The firewall sees only the server's half: a SYN-ACK without a SYN is dropped."""
    client, fw, back, server = triangle(net, False)
    net.capture(back, "back-middle", "a stateful firewall on the way back sees SYN-ACKs without a SYN and drops them",
                iface="eth1", headline="asymmetric-routing-stateful-drop|synack-unacknowledged|none",
                expect={"tcp.flags == 0x12": ">=4", "tcp.flags == 0x02": 0})
    net.capture(server, "back-server", "the server's view: its SYN-ACKs leave by another router, which drops them; both ladders run",
                headline="asymmetric-routing-stateful-drop|synack-unacknowledged|synack-leaves-by-other-path",
                expect={"tcp.flags == 0x12": ">=4", "tcp.flags == 0x10": 0})
    client.try_connect("10.62.1.80", 8080, timeout=5)


def near_miss_tolerant(net):
    """The same triangle without a stateful device: healthy."""
    client, fw, back, server = triangle(net, False)
    back.sh("nft flush ruleset")
    server.serve(8081, http_server())
    net.capture(fw, "near-miss-one-way-middle", "the same two ways without a stateful device, captured where only the client's segments pass: everything is served",
                iface="eth0", headline="none|asymmetric-routing-stateful-drop", expect={"tcp.srcport == 8081": 0, "http.request": 2})
    with client.connect("10.62.1.80", 8081) as sock:
        exchange(sock, request())
        exchange(sock, request())


CASES = [forward, backward, near_miss_tolerant]
