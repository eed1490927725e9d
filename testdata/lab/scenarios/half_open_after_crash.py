"""One side lost its memory of the connection, the other still uses it."""

import threading
import time

from netlab import attempt, echo, echo_until, exchange, vanish

BARE = "tcp.flags == 0x04"


def server_side(net, client_addr, server_addr, port, prefix=""):
    """The server loses its connections without a word; the client's next request draws a bare reset."""
    client, server = net.hosts_named("client server")
    net.cable(client, client_addr, server, server_addr, delay=0.004)
    addr = server_addr.split("/")[0]
    crash = threading.Event()
    server.serve(port, echo_until(crash), addr="::" if ":" in addr else "0.0.0.0")
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, prefix + name, "the server crashes and comes back without its connections; the client's next request draws a bare reset, a new connection works",
                    headline="half-open-after-crash|idle-timeout-rst", expect={BARE + f" && tcp.srcport == {port}": 1, "tcp.flags == 0x12": 2})
    sock = client.connect(addr, port)
    for n in range(4):
        exchange(sock, b"request %d\n" % n)
        time.sleep(0.7)
    crash.set()
    time.sleep(1.2)
    crash.clear()
    attempt(exchange, sock, b"request 4\n")
    time.sleep(0.5)
    again = client.connect(addr, port)
    exchange(again, b"request 5\n")
    again.close()


def server_rebooted(net):
    server_side(net, "10.27.3.5/24", "10.27.3.60/24", 7001)


def ipv6(net):
    server_side(net, "2001:db8:27::5/64", "2001:db8:27::60/64", 7001, "ipv6-")


def client_rebooted(net):
    """The client crashed and connects again from its fixed port: challenge ACK, reset, success."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.28.3.5/24", server, "10.28.3.60/24", delay=0.002)
    server.serve(8123, echo)
    for host, name in ((client, "reconnect-client"), (server, "reconnect-server")):
        net.capture(host, name, "the client crashed and reconnects from its fixed port 700; the server still holds the old connection: challenge ACK, reset, and the next SYN works",
                    headline="half-open-after-crash|timewait-port-reuse", expect={BARE + " && tcp.srcport == 700": 1, "tcp.flags == 0x02": 3, "tcp.flags == 0x12": 2})
    sock = client.connect("10.28.3.60", 8123, sport=700)
    exchange(sock, b"before\n")
    time.sleep(0.8)
    vanish(sock)
    time.sleep(1)
    again = client.connect("10.28.3.60", 8123, sport=700)
    exchange(again, b"after\n")
    again.close()


def client_gone(net):
    """The server pushes updates to a client that lost the connection: bare resets carry the client's address."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.29.3.5/24", server, "10.29.3.60/24", delay=0.006)

    def push(conn):
        for n in range(6):
            conn.sendall(b"event %d\n" % n)
            time.sleep(0.6)

    server.serve(6000, push)
    net.capture(server, "push-server", "the client lost the connection; the server's next update draws a bare reset from the client's address",
                expect={BARE + " && tcp.dstport == 6000": ">=1"})
    sock = client.connect("10.29.3.60", 6000)
    sock.recv(100)
    time.sleep(1.5)
    sock.recv(100)
    vanish(sock)
    time.sleep(1.5)


CASES = [server_rebooted, ipv6, client_rebooted, client_gone]
