"""Keepalive probes that nobody answers."""

import socket
import threading
import time

from netlab import any_address, attempt, echo, exchange
from wire import DROP


def probing(idle, interval, count):
    def prepare(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)
    return prepare


def silent_peer(net, client_addr, server_addr, idle, interval, count, prefix):
    dead = threading.Event()
    client, server, addr = net.pair(client_addr, server_addr, delay=0.006, rule=lambda f, forward: DROP if dead.is_set() else None)
    server.serve(1883, echo, addr=any_address(addr))
    net.capture(client, prefix + "client", f"the peer vanishes; {count} keepalive probes {interval} s apart stay unanswered, then the client's kernel ends the connection with a reset",
                expect={"tcp.analysis.keep_alive": f">={count}", "tcp.flags.reset == 1": 1})
    sock = client.connect(addr, 1883, prepare=probing(idle, interval, count))
    for n in range(3):
        exchange(sock, b"publish %d\n" % n)
        time.sleep(0.3)
    dead.set()
    sock.settimeout(idle + interval * count + 3)
    attempt(sock.recv, 10)
    time.sleep(0.3)


def ipv4(net):
    silent_peer(net, "10.145.2.9/24", "10.145.2.80/24", 4, 2, 4, "")


def ipv6(net):
    silent_peer(net, "2001:db8:145::9/64", "2001:db8:145::80/64", 3, 1, 6, "ipv6-")


def near_miss_answered(net):
    client, server, addr = net.pair("10.146.2.9/24", "10.146.2.80/24", delay=0.006)
    server.serve(1883, echo)
    net.capture(client, "near-miss-answered-client", "keepalives every 2 s, each answered", headline="none",
                expect={"tcp.analysis.keep_alive": ">=4", "tcp.analysis.keep_alive_ack": ">=4", "tcp.flags.reset == 1": 0})
    with client.connect(addr, 1883, prepare=probing(2, 2, 3)) as sock:
        exchange(sock, b"hello\n")
        time.sleep(11)
        exchange(sock, b"bye\n")


CASES = [ipv4, ipv6, near_miss_answered]
