"""A delay, not a loss: the sender repeats what the receiver already has."""

import threading
import time

from netlab import any_address, echo, exchange


def delayed(net, client_addr, server_addr, prefix, extra):
    late = threading.Event()
    client, server, addr = net.pair(client_addr, server_addr, delay=0.005,
                                    rule=lambda f, forward: [(extra, bytes(f.raw))] if late.is_set() and not forward else None)
    server.serve(5222, echo, addr=any_address(addr))
    net.at_both(client, server, f"the way back is {extra} s late for a moment; the client repeats segments the server has, which says so by D-SACK", prefix,
                headline="spurious-retransmission|none", expect={"tcp.options.sack_le": ">=1", "tcp.flags.reset == 1": 0})
    with client.connect(addr, 5222) as sock:
        for n in range(8):
            (late.set if n in (3, 4) else late.clear)()
            exchange(sock, b"message %d\n" % n)
            time.sleep(0.25)


def ipv4(net):
    delayed(net, "10.185.2.9/24", "10.185.2.80/24", "", 0.45)


CASES = [ipv4]
