"""The path is dead for some seconds and comes back."""

import threading
import time

from netlab import background, download, echo, exchange, sender
from wire import DROP


def session(net, seconds=5):
    dead = threading.Event()
    client, server, addr = net.pair("10.144.2.9/24", "10.144.2.80/24", delay=0.01, rule=lambda f, forward: DROP if dead.is_set() else None)
    server.serve(5222, echo)
    net.capture(client, "client", f"the path is dead for {seconds} s in mid-session; the client's segment is repeated until it gets through",
                expect={"tcp.analysis.retransmission": ">=4", "tcp.flags.reset == 1": 0})
    with client.connect(addr, 5222) as sock:
        for n in range(3):
            exchange(sock, b"line %d\n" % n)
            time.sleep(0.2)
        dead.set()
        threading.Timer(seconds, dead.clear).start()
        exchange(sock, b"line 3\n")
        exchange(sock, b"line 4\n")


def transfer(net):
    dead = threading.Event()
    client, server, addr = net.pair("2001:db8:144::9/64", "2001:db8:144::80/64", delay=0.02, bytes_per_second=200_000,
                                    rule=lambda f, forward: DROP if dead.is_set() else None)
    server.serve(80, sender(120_000), addr="::")
    net.capture(server, "ipv6-server", "IPv6: the path is dead for 4 s in the middle of a download, which then completes", snaplen=120,
                expect={"tcp.flags.reset == 1": 0})
    job = background(download, client, addr, 80, 120_000)
    time.sleep(0.4)
    dead.set()
    time.sleep(4)
    dead.clear()
    job.join(10)


CASES = [session, transfer]
