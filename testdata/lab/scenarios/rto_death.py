"""The path goes dead in mid-conversation and stays dead."""

import threading
import time

from netlab import any_address, attempt, echo, exchange
from wire import DROP


def die(net, client_addr, server_addr, prefix, seconds, one_way, says):
    dead = threading.Event()

    def rule(f, forward):
        return DROP if dead.is_set() and (forward or not one_way) else None

    client, server, addr = net.pair(client_addr, server_addr, delay=0.012, rule=rule)

    def handler(conn):
        conn.settimeout(60)
        echo(conn)

    server.serve(5222, handler, addr=any_address(addr))
    net.capture(client, prefix + "client", says, expect={"tcp.analysis.retransmission": ">=4"}, headline="rto-death")
    sock = client.connect(addr, 5222)
    for n in range(4):
        exchange(sock, b"ping %d\n" % n)
        time.sleep(0.3)
    dead.set()
    attempt(sock.sendall, b"ping 4\n")
    time.sleep(2)
    new = client.try_connect(addr, 5222, timeout=3)
    time.sleep(max(0, seconds - 5))
    if new:
        new.close()


def both_ways(net):
    die(net, "10.143.2.9/24", "10.143.2.80/24", "", 15, False, "the path dies in mid-session: the client's segment is repeated with doubling pauses to the end of the capture, a new connection fails as well")


def one_way(net):
    die(net, "2001:db8:143::9/64", "2001:db8:143::80/64", "ipv6-", 12, True, "IPv6: only the way to the server dies; the client's segment is repeated to the end of the capture")


CASES = [both_ways, one_way]
