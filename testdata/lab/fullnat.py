"""A client, a FULLNAT balancer and a real server whose module restores client addresses."""

import struct
import time

from netlab import attempt
from wire import Cable, FullNat, Hop, Restore

GREETING = b"J\0\0\0\n8.0.34\0" + struct.pack("<I", 771) + b"lab-salt\0\xff\xf7\xff\x02\0\xff\xdf\x15" + b"\0" * 41


class Site:
    """client --- lvs --- nic (restores addresses) --- server, all tuples towards services via `lvs`."""

    def __init__(self, net, client, server, services, local, lifetime=900.0, delay=0.0003):
        gateway = "02:42:0a:%02x:%02x:01" % tuple(map(int, server.split(".")[1:3]))
        self.client, self.lvs, self.nic, self.server = net.hosts_named("client lvs nic server")
        net.link(self.client, client + "/24", self.lvs, "")
        net.link(self.lvs, "", self.nic, "")
        net.link(self.nic, "", self.server, server + "/24")
        for host, addr in ((self.client, client), (self.server, server)):
            router = addr.rsplit(".", 1)[0] + ".1"
            host.neighbour(router, gateway)
            host.route(f"default via {router}")
        self.balancer = FullNat(services, local, 5003)
        self.restore = Restore(lifetime)
        Cable(self.lvs, "eth0", "eth1", delay=delay,
              rule=Hop(self.client.mac(), self.server.mac(), gateway, self.balancer))
        Cable(self.nic, "eth0", "eth1", rule=self.restore)


def database(conn):
    """Greets, then answers each query with a small result."""
    conn.sendall(GREETING)
    while data := conn.recv(4096):
        conn.sendall(b"\x07\0\0\1\0\0\0\2\0\0\0" if len(data) > 4 else b"\1\0\0\1\0")


def query(sock, text, wait=3.0):
    """One query; the answer, or None when none came in time."""
    body = b"\3" + text.encode()
    sock.settimeout(wait)
    if attempt(sock.sendall, struct.pack("<I", len(body)) + body) is None and sock.fileno() < 0:
        return None
    return attempt(sock.recv, 4096)


def session(host, addr, port, sport):
    """connect(), the greeting, one query."""
    sock = host.connect(addr, port, sport=sport)
    sock.recv(4096)
    query(sock, "SELECT 1")
    time.sleep(0.3)
    return sock
