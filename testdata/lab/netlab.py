"""Network namespaces, links, captures and small TCP programs for the lab.

One case of the lab is one process. It switches its threads into the namespaces
it made, so sockets of several hosts live side by side in ordinary Python code.
"""

import contextlib
import ctypes
import fcntl
import ipaddress
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SO_LINGER_ABORT = struct.pack("ii", 1, 0)
TCP_REPAIR = 19
TUNSETIFF, IFF_TUN_NO_PI = 0x400454CA, 0x1001
# Anything but TCP and what explains it stays out of the captures.
DEFAULT_FILTER = "tcp or icmp or icmp6 or arp"
MAX_CAPTURE_BYTES = 300_000


class LabError(Exception):
    """The case did not show what it claims, or could not run."""


def sh(*argv, check=True):
    """Runs one command and returns what it printed; a failure names the command."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    if check and done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def is_v6(addr):
    return ":" in addr


class Host:
    """One network namespace: a host, a router or a box between two cables."""

    def __init__(self, net, name):
        self.net, self.name = net, name
        self.ns = net.prefix + name
        self.ifaces = 0
        sh("ip", "netns", "add", self.ns)
        net.hosts.append(self)
        sh("ip", "-n", self.ns, "link", "set", "lo", "up")
        # IPv6 only where a case asks for it: its discovery chatter is noise elsewhere.
        self.sysctl("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1",
                    "net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.default.send_redirects=0",
                    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")

    def sysctl(self, *settings):
        for setting in settings:
            key, value = setting.split("=", 1)
            with self.enter(), open("/proc/sys/" + key.replace(".", "/"), "w") as f:
                f.write(value)

    @contextlib.contextmanager
    def enter(self):
        """Puts the calling thread into the namespace; sockets opened inside stay there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.ns, os.O_RDONLY)
        try:
            if LIBC.setns(there, CLONE_NEWNET):
                raise LabError(f"setns {self.ns}: errno {ctypes.get_errno()}")
            yield self
        finally:
            LIBC.setns(home, CLONE_NEWNET)
            os.close(home)
            os.close(there)

    def sh(self, command, check=True):
        return sh("ip", "netns", "exec", self.ns, "sh", "-c", command, check=check)

    def ip(self, command, check=True):
        return sh("ip", "-n", self.ns, *command.split(), check=check)

    def nft(self, rules):
        done = subprocess.run(["ip", "netns", "exec", self.ns, "nft", "-f", "-"], input=rules,
                              capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise LabError(f"nft: {done.stderr.strip()}")

    def spawn(self, command):
        """Starts a program in the namespace; it ends with the case."""
        process = subprocess.Popen(["ip", "netns", "exec", self.ns, *command],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.net.processes.append(process)
        return process

    def address(self, iface, cidr):
        if is_v6(cidr):
            self.sysctl(f"net.ipv6.conf.{iface}.accept_dad=0",
                        f"net.ipv6.conf.{iface}.router_solicitations=0",
                        f"net.ipv6.conf.{iface}.disable_ipv6=0")
            self.ip(f"addr add {cidr} dev {iface} nodad")
        else:
            self.ip(f"addr add {cidr} dev {iface}")

    def route(self, text):
        self.ip(f"route replace {text}")

    def mac(self, iface="eth0"):
        return re.search(r"link/ether (\S+)", self.ip(f"link show {iface}")).group(1)

    def neighbour(self, addr, mac, iface="eth0"):
        self.ip(f"neigh replace {addr} lladdr {mac} dev {iface} nud permanent")

    def router(self):
        self.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        return self

    def socket(self, addr, kind=socket.SOCK_STREAM):
        with self.enter():
            s = socket.socket(socket.AF_INET6 if is_v6(addr) else socket.AF_INET, kind)
        s.settimeout(20)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return s

    def connect(self, addr, port, sport=0, src="", timeout=20, prepare=None):
        s = self.socket(addr)
        s.settimeout(timeout)
        if prepare:
            prepare(s)
        if sport or src:
            s.bind((src or ("::" if is_v6(addr) else "0.0.0.0"), sport))
        try:
            s.connect((addr, port))
        except OSError:
            s.close()
            raise
        self.net.sockets.append(s)  # or the collector would close what a case only opens
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def try_connect(self, addr, port, **options):
        """connect() that may fail: the socket, or None."""
        try:
            return self.connect(addr, port, **options)
        except OSError:
            return None

    def listen(self, port, addr="0.0.0.0", backlog=64, prepare=None):
        s = self.socket(addr)
        s.settimeout(None)
        if prepare:
            prepare(s)
        s.bind((addr, port))
        s.listen(backlog)
        self.net.sockets.append(s)
        return s

    def serve(self, port, handler, addr="0.0.0.0", backlog=64, prepare=None):
        """Listens, and gives each connection to handler(socket) in a thread of its own."""
        listener = self.listen(port, addr, backlog, prepare)

        def one(conn):
            with contextlib.suppress(OSError):
                conn.settimeout(60)
                conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                handler(conn)
            conn.close()

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    conn, _ = listener.accept()
                    threading.Thread(target=one, args=(conn,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listener


class Capture:
    """One dumpcap in one namespace, and what its file must show."""

    def __init__(self, net, host, name, iface, facts, filter, linktype, snaplen):
        self.net, self.name, self.facts = net, name, facts
        self.path = os.path.join(net.out, name + ".pcapng")
        argv = ["ip", "netns", "exec", host.ns, "dumpcap", "-q", "-i", iface, "-w", self.path]
        if filter:
            argv += ["-f", filter]
        if linktype:
            argv += ["-y", linktype]
        if snaplen:
            argv += ["-s", str(snaplen)]
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        net.processes.append(self.process)
        for line in self.process.stderr:
            if line.startswith("File:"):
                break
        else:
            raise LabError(f"dumpcap did not start for {name}")
        self.running = True

    def stop(self):
        if self.running:
            self.running = False
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)

    def drop_frames(self, display_filter):
        """Removes frames from the finished file, as a capture that lost them would lack them."""
        numbers = self.frames(display_filter)
        if not numbers:
            raise LabError(f"{self.name}: no frame to drop matches {display_filter!r}")
        whole = self.path + ".whole"
        os.rename(self.path, whole)
        sh("editcap", whole, self.path, *numbers)
        os.remove(whole)

    def set_clock_back(self, display_filter, seconds):
        """Moves the frames from the first match on back in time, as a capturing host whose clock was set would stamp them."""
        first = int(self.frames(display_filter)[0])
        whole, before, after = self.path + ".whole", self.path + ".before", self.path + ".after"
        os.rename(self.path, whole)
        sh("editcap", "-r", whole, before, f"1-{first - 1}")
        sh("editcap", "-t", str(-seconds), whole, after, f"1-{first - 1}")
        sh("mergecap", "-a", "-w", self.path, before, after)
        for part in (whole, before, after):
            os.remove(part)

    def frames(self, display_filter):
        out = sh("tshark", "-r", self.path, "-Y", display_filter, "-T", "fields", "-e", "frame.number")
        return out.split()

    def verify(self):
        """Raises LabError unless every expected filter matches as many packets as stated."""
        if self.facts["drop"]:
            self.drop_frames(self.facts["drop"])
        if self.facts["back"]:
            self.set_clock_back(*self.facts["back"])
        size = os.path.getsize(self.path)
        if size > MAX_CAPTURE_BYTES:
            raise LabError(f"{self.name}: {size} bytes are too many")
        for display_filter, wanted in self.facts["expect"].items():
            found = len(self.frames(display_filter))
            low, high = bounds(wanted)
            if not low <= found <= high:
                raise LabError(f"{self.name}: {found} packets match {display_filter!r}, wanted {wanted}")


def bounds(wanted):
    """3 -> exactly three; '>=3' -> three or more; '2-4' -> from two to four."""
    text = str(wanted)
    if text.startswith(">="):
        return int(text[2:]), 10**9
    low, _, high = text.partition("-")
    return int(low), int(high or low)


class Net:
    """The namespaces, cables, programs and captures of one case."""

    def __init__(self, folder, prefix, out):
        self.folder, self.prefix, self.out = folder, prefix, out
        self.hosts, self.processes, self.captures, self.sockets = [], [], [], []

    def host(self, name):
        return Host(self, name)

    def hosts_named(self, names):
        return [self.host(name) for name in names.split()]

    def link(self, a, addr_a, b, addr_b, mtu=1500, offload=False):
        """Joins two hosts by a veth pair; an empty address leaves that end without one."""
        ifaces = []
        for host in (a, b):
            ifaces.append(f"eth{host.ifaces}")
            host.ifaces += 1
        sh("ip", "-n", a.ns, "link", "add", ifaces[0], "mtu", str(mtu), "type", "veth",
           "peer", "name", ifaces[1], "mtu", str(mtu), "netns", b.ns)
        for host, iface, addr in ((a, ifaces[0], addr_a), (b, ifaces[1], addr_b)):
            if not offload:
                host.sh(f"ethtool -K {iface} tx off rx off tso off gso off gro off", check=False)
            host.ip(f"link set {iface} up")
            for cidr in addr.split():
                host.address(iface, cidr)
        return ifaces

    def switch(self, *ends, mtu=1500, offload=False):
        """Joins hosts by a bridge; each end is (host, addresses)."""
        bridge = self.host("sw%d" % len(self.hosts))
        bridge.ip("link add br0 type bridge")
        bridge.ip("link set br0 up")
        for host, addr in ends:
            _, port = self.link(host, addr, bridge, "", mtu=mtu, offload=offload)
            bridge.ip(f"link set {port} master br0")
        return bridge

    def cable(self, a, addr_a, b, addr_b, mtu=1500, **options):
        """Joins two hosts by a user-space cable; returns the box and the cable."""
        from wire import Cable
        box = self.host("box%d" % len(self.hosts))
        _, left = self.link(a, addr_a, box, "", mtu=mtu)
        _, right = self.link(b, addr_b, box, "", mtu=mtu)
        return box, Cable(box, left, right, **options)

    def pair(self, client_addr, server_addr, delay=0.003, **options):
        """A client and a server on one cable, and the server's plain address."""
        client, server = self.hosts_named("client server")
        self.cable(client, client_addr, server, server_addr, delay=delay, **options)
        return client, server, plain(server_addr)

    def trunk(self, a, addr_a, b, addr_b, tags, delay=0.001, rule=None):
        """Joins two hosts through two boxes with VLAN tags between them; captures belong on the
        second box's eth0. `tags` from the outermost in, the first of two as 802.1ad."""
        from wire import Cable, Tagger
        near, far = self.host("near"), self.host("far")
        self.link(a, addr_a, near, "")
        self.link(near, "", far, "", mtu=1520)
        self.link(far, "", b, addr_b)
        Cable(near, "eth0", "eth1", delay=delay, rule=Tagger(tags, True, rule))
        Cable(far, "eth0", "eth1", rule=Tagger(tags, False))
        return far

    def tunnel(self, a, addr_a, b, addr_b, delay=0.002):
        """Joins two hosts by tun interfaces (tun0): packets without an Ethernet header."""
        from wire import Pipe
        return Pipe([self.tun(a, addr_a), self.tun(b, addr_b)], delay)

    def tun(self, host, addr):
        with host.enter():
            fd = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN_NO_PI))
        host.ip("link set tun0 up")
        host.address("tun0", addr)
        return fd

    def at_both(self, client, server, says, prefix="", **options):
        """The same capture at both ends: <prefix>client and <prefix>server."""
        for host, name in ((client, "client"), (server, "server")):
            self.capture(host, prefix + name, says, **options)

    def capture(self, host, name, says, iface="eth0", headline=None, vantage=None, expect=None,
                filter=DEFAULT_FILTER, linktype=None, snaplen=None, drop=None, back=None):
        """Starts a capture; `says` is what truly happened, `headline` the finding it must lead to
        (several with | where the file alone cannot tell), `drop` what is cut out of it afterwards,
        `back` the frame from which on times are set back, and by how many seconds."""
        vantage = vantage or next((v for v in ("client", "server", "middle", "any") if v in name), "middle")
        facts = {"vantage": vantage, "headline": headline or self.folder, "says": says, "expect": expect or {}, "drop": drop, "back": back}
        self.captures.append(Capture(self, host, name, iface, facts, filter, linktype, snaplen))
        return self.captures[-1]

    def finish(self):
        """Stops the captures, checks each and writes down what they are."""
        time.sleep(0.3)
        for capture in self.captures:
            capture.stop()
        for capture in self.captures:
            capture.verify()
        rows = [{"file": c.name + ".pcapng", **c.facts} for c in self.captures]
        with open(os.path.join(self.out, "result.json"), "w") as f:
            json.dump(rows, f)

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for host in self.hosts:
            sh("ip", "netns", "del", host.ns, check=False)


# --- small programs -------------------------------------------------------

HTTP_REQUEST = b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"


def request(path="/", host="app.example"):
    return HTTP_REQUEST % (path.encode(), host.encode())


def response(body=b"ok\n", status="200 OK", extra=""):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def http_server(think=0.0, body=b"ok\n", status="200 OK", close=False):
    """A handler that answers each request after `think` seconds; with close it ends after the first."""
    def handle(conn):
        while conn.recv(4096):
            time.sleep(think)
            conn.sendall(response(body, status))
            if close:
                return
    return handle


def sender(size):
    """A handler that answers every request with `size` bytes."""
    def handle(conn):
        while conn.recv(4096):
            conn.sendall(response(b"d" * size))
    return handle


def download(client, addr, port, size, read=65536, pause=0.0, prepare=None):
    """One request and its `size` bytes; False when they do not arrive in full."""
    with client.connect(addr, port, prepare=prepare) as sock:
        sock.sendall(request("/file"))
        left = len(response(b"d" * size))
        while left:
            data = attempt(sock.recv, read)
            if not data:
                return False
            left -= len(data)
            time.sleep(pause)
        time.sleep(0.05)
    return True


def any_address(addr):
    """The wildcard address to listen on beside `addr`."""
    return "::" if is_v6(addr) else "0.0.0.0"


def silent(conn):
    """A handler that reads nothing and keeps the connection."""
    time.sleep(120)


def echo(conn):
    while data := conn.recv(4096):
        conn.sendall(data)


def echo_until(crash):
    """An echo handler that forgets its connection once the event `crash` is set."""
    def handle(conn):
        conn.settimeout(0.02)
        while not crash.is_set():
            try:
                data = conn.recv(4096)
            except TimeoutError:
                continue
            if not data:
                return
            conn.sendall(data)
        vanish(conn)
    return handle


def exchange(sock, data, size=4096):
    """Sends a request and waits for the first answer bytes (empty when the peer closed)."""
    sock.sendall(data)
    return sock.recv(size)


def vanish(sock):
    """Forgets a connection without a packet, as a host that crashed (TCP_REPAIR, then close)."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    sock.close()


def abort(sock):
    """Closes with a reset (SO_LINGER 0)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SO_LINGER_ABORT)
    sock.close()


def chatter(client, addr, port, seconds, gap=0.23):
    """Healthy traffic beside the trouble: one long HTTP connection and a short one every other time."""
    def talk():
        until = time.monotonic() + seconds
        long = client.connect(addr, port)
        n = 0
        while time.monotonic() < until:
            n += 1
            exchange(long, request(f"/status/{n}"))
            if n % 2:
                with client.connect(addr, port) as short:
                    exchange(short, request(f"/item/{n}"))
            time.sleep(gap)
        long.close()
    return background(talk)


def attempt(action, *args):
    """Runs something that may fail on the network; its result, or None."""
    try:
        return action(*args)
    except OSError:
        return None


def background(action, *args):
    thread = threading.Thread(target=action, args=args, daemon=True)
    thread.start()
    return thread


def plain(addr):
    """Address without its prefix length."""
    return str(ipaddress.ip_interface(addr).ip)
