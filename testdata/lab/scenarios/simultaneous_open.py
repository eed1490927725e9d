"""Both sides connect to each other at the same moment."""

import threading
import time

from netlab import attempt


def crossed(net):
    left, right = net.hosts_named("left right")
    net.cable(left, "10.175.2.9/24", right, "10.175.2.80/24", delay=0.05)
    net.capture(left, "client", "both sides bind port 1790 and connect to each other at the same moment: SYNs cross, four packets make one connection (info)",
                headline="simultaneous-open|none", expect={"tcp.flags == 0x02": 2, "tcp.flags.reset == 1": 0, "tcp.len > 0": 2})
    # ARP first, or one SYN would wait for it.
    left.neighbour("10.175.2.80", right.mac())
    right.neighbour("10.175.2.9", left.mac())
    start = threading.Barrier(2)

    def side(host, peer, word):
        start.wait()
        sock = host.connect(peer, 1790, sport=1790)
        sock.sendall(word)
        attempt(sock.recv, 100)
        time.sleep(0.2)
        sock.close()

    jobs = [threading.Thread(target=side, args=args, daemon=True)
            for args in ((left, "10.175.2.80", b"hello from left\n"), (right, "10.175.2.9", b"hello from right\n"))]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(8)


CASES = [crossed]
