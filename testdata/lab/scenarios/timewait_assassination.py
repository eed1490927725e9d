"""An old duplicate wakes a TIME_WAIT socket; the reset for its answer ends TIME_WAIT (RFC 1337)."""

import time

from netlab import attempt, exchange, http_server, request


def duplicate(net):
    """The wire delivers the response a second time, half a second after the close."""
    client, server = net.hosts_named("client server")
    held = []

    def keep_response(f, forward):
        if f.tcp and not forward and f.payload and not held:
            held.append(bytes(f.copy().seal()))
        return None

    _, cable = net.cable(client, "10.57.2.9/24", server, "10.57.2.80/24", delay=0.008, rule=keep_response)
    client.sysctl("net.ipv4.tcp_rfc1337=0")
    server.serve(8080, http_server())
    net.at_both(client, server, "the client closed; 0.5 s later a duplicate of the response arrives, draws an ACK from TIME_WAIT, the server's reset ends TIME_WAIT, and the same client port connects again at once (info)",
                headline="timewait-assassination|none", expect={"tcp.flags == 0x02": 2, "tcp.flags == 0x04": 1, "http.response": ">=2"})
    for round in range(2):
        sock = client.connect("10.57.2.80", 8080, sport=45045)
        exchange(sock, request())
        sock.close()
        time.sleep(0.5)
        if round == 0:
            cable.inject(held[0], False)
            time.sleep(0.3)


def near_miss_quiet(net):
    """The same without a duplicate: TIME_WAIT runs on, another port connects."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.58.2.9/24", server, "10.58.2.80/24", delay=0.008)
    server.serve(8080, http_server())
    net.capture(client, "near-miss-quiet-client", "two connections of one client, each closed by it and left in TIME_WAIT: nothing comes later", headline="none",
                expect={"tcp.flags == 0x02": 2, "tcp.flags.reset == 1": 0, "http.response": 2})
    for port in (45045, 45046):
        sock = client.connect("10.58.2.80", 8080, sport=port)
        attempt(exchange, sock, request())
        sock.close()
        time.sleep(0.4)


CASES = [duplicate, near_miss_quiet]
