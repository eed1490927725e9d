"""A device on the path forges resets when it reads a word it does not like."""

import time

from netlab import any_address, attempt, exchange, request, response
from wire import ACK, RST, build_tcp

WORD = b"forbidden.example"


def injector(f, forward, both, copies, delay=0.0):
    """Resets in the server's name towards the client, and with `both` in the client's towards the server."""
    if not (forward and WORD in f.payload):
        return None
    end = f.seq + len(f.payload)
    out = [(0.0, bytes(f.raw))]
    # IP ID and window are copied from the request, as public traces show; TTL 64 - 17 hops.
    for n in range(copies):
        fake = build_tcp(f, RST | ACK, f.ack + (0, 1460, 4380)[n], end, ttl=47, ipid=f.ipid if f.version == 4 else 0, window=f.window, back=True)
        out.append((delay, fake.seal(), False))
    if both:
        out.append((delay, build_tcp(f, RST | ACK, end, f.ack, ttl=47, ipid=0x1234).seal(), True))
    return out


def forged(net, client_addr, server_addr, name, says, both=False, copies=1, vantage="client", think=0.0):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.02, rule=lambda f, forward: injector(f, forward, both, copies))

    def serve(conn):
        while conn.recv(4096):
            time.sleep(think)
            conn.sendall(response(b"<html>page</html>" * 20))

    server.serve(80, serve, addr=any_address(addr))
    sides = {"client": [(client, "client")], "both": [(client, "client"), (server, "server")]}[vantage]
    for host, where in sides:
        net.capture(host, name + where, says, expect={"tcp.flags.reset == 1": ">=1"},
                    headline="rst-injection" if where == "client" or both else "half-open-after-crash|rst-injection")
    sock = client.connect(addr, 80)
    exchange(sock, request("/", "fine.example"))
    attempt(exchange, sock, request("/", WORD.decode()))
    time.sleep(0.4)


def one(net):
    forged(net, "10.150.2.9/24", "10.150.2.80/24", "", "a device forges a reset in the server's name when it reads a host name; the server's real answer arrives 40 ms later", vantage="both")


def three(net):
    forged(net, "172.16.150.9/24", "172.16.150.80/24", "three-", "a device forges three resets with rising sequence numbers, IP ID and window copied from the client's request", copies=3)


def both_sides(net):
    forged(net, "10.151.2.9/24", "10.151.2.80/24", "both-", "a device forges resets towards both ends", both=True, vantage="both", think=0.2)


def ipv6(net):
    forged(net, "2001:db8:150::9/64", "2001:db8:150::80/64", "ipv6-", "IPv6: a device forges a reset in the server's name; the server's real answer arrives later")


CASES = [one, three, both_sides, ipv6]
