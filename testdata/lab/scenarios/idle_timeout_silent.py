"""A firewall forgets an idle connection and drops whatever follows."""

import time

from middlebox import forgetful
from netlab import attempt, echo, exchange


def idle(net, prefix, limit, pauses, name, v6=False):
    client, firewall, server, addr, wildcard = forgetful(net, prefix, limit, "drop", v6)
    server.serve(6379, echo, addr=wildcard)
    net.capture(client, name + "client", f"a firewall on the way forgets connections after {limit} s and drops what follows: the request after a longer pause is repeated in vain, a new connection works at once",
                headline="idle-timeout-silent", expect={"tcp.analysis.retransmission": ">=4", "tcp.flags == 0x12": 2, "tcp.flags.reset == 1": 0})
    sock = client.connect(addr, 6379)
    for pause in pauses:
        exchange(sock, b"GET key\r\n")
        time.sleep(pause)
    attempt(sock.sendall, b"GET key\r\n")
    time.sleep(3)
    again = client.connect(addr, 6379)
    exchange(again, b"GET key\r\n")
    time.sleep(3)


def half_minute(net):
    idle(net, "10.148", 28, (0.4, 3, 34), "")


def short(net):
    idle(net, "2001:db8:148", 8, (1, 5, 12), "ipv6-", v6=True)


def near_miss_survives(net):
    client, firewall, server, addr, wildcard = forgetful(net, "10.149", 20, "drop")
    server.serve(6379, echo)
    net.capture(client, "near-miss-survives-client", "pauses of up to 9 s through a firewall that forgets after 20 s: every request answered", headline="none",
                expect={"tcp.flags.reset == 1": 0, "tcp.analysis.retransmission": 0})
    with client.connect(addr, 6379) as sock:
        for pause in (1, 9, 4):
            exchange(sock, b"GET key\r\n")
            time.sleep(pause)
        exchange(sock, b"GET key\r\n")


CASES = [half_minute, short, near_miss_survives]
