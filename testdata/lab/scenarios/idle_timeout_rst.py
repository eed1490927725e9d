"""A firewall forgets an idle connection and answers its next packet with a reset."""

import time

from middlebox import forgetful
from netlab import attempt, echo, exchange

RESET = "tcp.flags.reset == 1"


def idle(net, prefix, limit, pauses, name, v6=False):
    client, firewall, server, addr, wildcard = forgetful(net, prefix, limit, "meta l4proto tcp reject with tcp reset", v6)
    server.serve(5432, echo, addr=wildcard)
    net.capture(client, name + "client", f"a firewall on the way forgets connections after {limit} s: pauses below that survive, the request after the longer one draws a reset from nearer than the server",
                headline="idle-timeout-rst", expect={RESET + " && tcp.srcport == 5432": ">=1", "tcp.flags == 0x12": ">=2"})
    net.capture(server, name + "server", "the server's view: the connection goes quiet and stays so",
                headline="none", expect={RESET: 0})
    sock = client.connect(addr, 5432)
    for pause in pauses:
        exchange(sock, b"query\n")
        time.sleep(pause)
    attempt(exchange, sock, b"late query\n")
    with client.connect(addr, 5432) as again:
        exchange(again, b"query\n")


def half_minute(net):
    idle(net, "10.147", 28, (0.4, 3, 34), "")


def short(net):
    idle(net, "2001:db8:147", 8, (1, 5, 12), "ipv6-", v6=True)


CASES = [half_minute, short]
