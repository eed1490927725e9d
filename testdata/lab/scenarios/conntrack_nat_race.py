"""Two hosts behind one translator open at the same instant, and the first SYN of one is dropped in between.

The race itself cannot be called up at will: a rule of the translator drops that one SYN where a lost
race would, after the inside capture point and before the connection is entered.
"""

import threading
import time

from netlab import attempt, exchange, http_server, request


def build(net, inside, outside):
    first, second, router, server = net.hosts_named("first second router server")
    router.router()
    net.switch((first, inside + ".11/24"), (second, inside + ".12/24"), (router, inside + ".1/24"))
    net.cable(router, outside + ".30/24", server, outside + ".80/24", delay=0.004)
    for host in (first, second):
        host.route(f"default via {inside}.1")
        host.neighbour(inside + ".1", router.mac("eth0"))
    router.neighbour(inside + ".11", first.mac())
    router.neighbour(inside + ".12", second.mac())
    router.nft("""table ip nat {
        chain post {
            type nat hook postrouting priority 100
            oifname eth1 masquerade
        }
    }
    table ip lost {
        chain forward {
            type filter hook forward priority 10
        }
    }""")
    server.serve(80, http_server())
    return first, second, router, outside + ".80"


def get(host, addr, start=None):
    if start:
        start.wait()
    sock = host.try_connect(addr, 80, timeout=6)
    if sock:
        attempt(exchange, sock, request())
        sock.close()


def race(net):
    """-i any on the translator: the first SYN of one client never leaves it."""
    first, second, router, addr = build(net, "172.29.4", "198.51.105")
    net.capture(router, "any", "-i any on a masquerading router: two clients open to one server at the same instant; one first SYN never leaves the router, its repetition after 1 s does",
                iface="any", headline="conntrack-nat-race", expect={"tcp.flags == 0x02": ">=5", "http.response": ">=2"})
    router.nft("add rule ip lost forward ip saddr 172.29.4.12 tcp flags syn drop")
    start = threading.Barrier(2)
    jobs = [threading.Thread(target=get, args=(host, addr, start), daemon=True) for host in (first, second)]
    for job in jobs:
        job.start()
    time.sleep(0.4)
    router.nft("flush chain ip lost forward")
    for job in jobs:
        job.join(8)
    time.sleep(0.1)


def near_miss_alone(net):
    """The same loss while nobody else opens."""
    first, second, router, addr = build(net, "172.29.5", "198.51.106")
    net.capture(router, "near-miss-alone-any", "-i any on a masquerading router: one first SYN never leaves the router, with no other connection opened near it",
                iface="any", headline="syn-no-answer|none", expect={"tcp.flags == 0x02": ">=5", "http.response": ">=2"})
    get(first, addr)
    time.sleep(0.5)
    router.nft("add rule ip lost forward ip saddr 172.29.5.12 tcp flags syn drop")
    job = threading.Thread(target=get, args=(second, addr), daemon=True)
    job.start()
    time.sleep(0.4)
    router.nft("flush chain ip lost forward")
    job.join(8)
    time.sleep(0.1)


CASES = [race, near_miss_alone]
