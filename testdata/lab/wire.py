"""Frames in user space: a cable between two interfaces, and rules that alter what crosses it."""

import heapq
import itertools
import os
import select
import socket
import struct
import threading
import time

ETH_P_ALL = 0x0003
SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
TOA = 254
DROP = ()


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Frame:
    """An Ethernet frame; TCP fields can be read and written, seal() mends length and checksums."""

    def __init__(self, raw):
        self.raw = bytearray(raw)
        kind = struct.unpack_from("!H", raw, 12)[0]
        self.version = {0x0800: 4, 0x86DD: 6}.get(kind, 0)
        self.l4 = 14 + ((raw[14] & 15) * 4 if self.version == 4 else 40)
        proto = raw[23] if self.version == 4 else raw[20] if self.version == 6 else 0
        self.tcp = proto == 6
        self.icmp = proto in (1, 58)

    def _address(at):
        def get(self):
            start, size = at[self.version]
            return socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6,
                                    bytes(self.raw[start:start + size]))

        def put(self, text):
            start, size = at[self.version]
            family = socket.AF_INET if size == 4 else socket.AF_INET6
            self.raw[start:start + size] = socket.inet_pton(family, text)
        return property(get, put)

    def _field(layout, offset):
        def get(self):
            return struct.unpack_from(layout, self.raw, self.l4 + offset)[0]

        def put(self, value):
            struct.pack_into(layout, self.raw, self.l4 + offset, value & ((1 << 8 * struct.calcsize(layout)) - 1))
        return property(get, put)

    src = _address({4: (26, 4), 6: (22, 16)})
    dst = _address({4: (30, 4), 6: (38, 16)})
    sport = _field("!H", 0)
    dport = _field("!H", 2)
    seq = _field("!I", 4)
    ack = _field("!I", 8)
    flags = _field("!B", 13)
    window = _field("!H", 14)
    tcp_checksum = _field("!H", 16)

    @property
    def ttl(self):
        return self.raw[22 if self.version == 4 else 21]

    @ttl.setter
    def ttl(self, value):
        self.raw[22 if self.version == 4 else 21] = value

    @property
    def ipid(self):
        return struct.unpack_from("!H", self.raw, 18)[0]

    @ipid.setter
    def ipid(self, value):
        struct.pack_into("!H", self.raw, 18, value)

    @property
    def end(self):
        """Offset behind the IP packet; what follows in the frame is padding."""
        if self.version == 4:
            return 14 + struct.unpack_from("!H", self.raw, 16)[0]
        return 54 + struct.unpack_from("!H", self.raw, 18)[0]

    @property
    def header(self):
        return (self.raw[self.l4 + 12] >> 4) * 4

    @property
    def payload(self):
        return bytes(self.raw[self.l4 + self.header:self.end]) if self.tcp else b""

    def is_(self, flags):
        """Exactly these of SYN, ACK, FIN and RST are set."""
        return self.tcp and self.flags & (SYN | ACK | FIN | RST) == flags

    @property
    def bare_ack(self):
        return self.is_(ACK) and not self.payload

    def option(self, kind):
        """Offset of an option's kind byte in raw, or 0."""
        at, stop = self.l4 + 20, self.l4 + self.header
        while at < stop and self.raw[at]:
            if self.raw[at] == kind:
                return at
            at += 1 if self.raw[at] == 1 else max(2, self.raw[at + 1])
        return 0

    def add_option(self, option):
        """Appends an option whose length is a multiple of four."""
        at = self.l4 + self.header
        self.raw[at:at] = option
        self.raw[self.l4 + 12] += len(option) // 4 << 4

    def blank_option(self, kind):
        """Turns an option into NOPs, as a device that strips it does."""
        at = self.option(kind)
        if at:
            size = self.raw[at + 1]
            self.raw[at:at + size] = b"\1" * size

    @property
    def tsval(self):
        at = self.option(8)
        return struct.unpack_from("!I", self.raw, at + 2)[0] if at else None

    def shift_timestamps(self, value=0, echo=0):
        at = self.option(8)
        if at:
            tsval, tsecr = struct.unpack_from("!II", self.raw, at + 2)
            struct.pack_into("!II", self.raw, at + 2, (tsval + value) & 0xFFFFFFFF,
                             (tsecr + echo) & 0xFFFFFFFF if tsecr else 0)

    def seal(self):
        """Lengths and checksums made right; returns the bytes to send."""
        if self.version == 4:
            struct.pack_into("!H", self.raw, 16, len(self.raw) - 14)
            struct.pack_into("!H", self.raw, 24, 0)
            struct.pack_into("!H", self.raw, 24, checksum(bytes(self.raw[14:self.l4])))
            pseudo = self.raw[26:34]
        elif self.version == 6:
            struct.pack_into("!H", self.raw, 18, len(self.raw) - 54)
            pseudo = self.raw[22:54]
        if self.tcp:
            self.tcp_checksum = 0
            body = bytes(self.raw[self.l4:])
            self.tcp_checksum = checksum(bytes(pseudo) + struct.pack("!II", len(body), 6) + body)
        return bytes(self.raw)

    def copy(self):
        return Frame(bytes(self.raw))


def build_tcp(like, flags, seq, ack=0, payload=b"", ttl=64, ipid=0, window=0, back=False):
    """A segment without options for the conversation of `like`, or against it with back."""
    base = like.raw[:like.l4]
    f = Frame(bytes(base) + struct.pack("!HHIIBBHHH", like.sport, like.dport, seq & 0xFFFFFFFF,
                                        ack & 0xFFFFFFFF, 5 << 4, flags, window, 0, 0) + payload)
    if back:
        f.src, f.dst = like.dst, like.src
        f.sport, f.dport = like.dport, like.sport
        f.raw[0:6], f.raw[6:12] = like.raw[6:12], like.raw[0:6]
    f.ttl = ttl
    if f.version == 4:
        f.ipid = ipid
    return f


class Cable(threading.Thread):
    """Carries frames between two interfaces of a namespace.

    rule(frame, forward) decides on each: None lets it pass, DROP eats it, and a list of
    (extra seconds, bytes) or (extra seconds, bytes, forward) is sent in its place.
    """

    def __init__(self, host, left, right, delay=0.0, rule=None, bytes_per_second=None, queue=64):
        super().__init__(daemon=True)
        self.delay, self.rule, self.rate, self.queue = delay, rule, bytes_per_second, queue
        self.ports = [raw_socket(host, left), raw_socket(host, right)]
        self.due, self.order = [], itertools.count()
        self.free_at = [0.0, 0.0]
        self.start()

    def run(self):
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else 1.0
            for port in select.select(self.ports, [], [], wait)[0]:
                try:
                    raw, about = port.recvfrom(65536)
                except OSError:
                    continue  # the interface went down or away
                if about[2] != socket.PACKET_OUTGOING:
                    self.take(raw, port is self.ports[0])
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                _, _, out, raw = heapq.heappop(self.due)
                try:
                    self.ports[out].send(raw)
                except OSError:
                    pass  # a port that is down, or a frame above its MTU: lost, as on a wire

    def take(self, raw, forward):
        verdict = self.rule(Frame(raw), forward) if self.rule else None
        if verdict is None:
            verdict = [(0.0, raw)]
        for item in verdict:
            self.send_later(item[0], item[1], item[2] if len(item) > 2 else forward)

    def send_later(self, extra, raw, forward):
        now = time.monotonic()
        depart = now
        if self.rate:
            side = int(forward)
            if (self.free_at[side] - now) * self.rate > self.queue * 1500:
                return
            self.free_at[side] = depart = max(now, self.free_at[side]) + len(raw) / self.rate
        heapq.heappush(self.due, (depart + self.delay + extra, next(self.order), int(forward), bytes(raw)))

    def inject(self, raw, forward):
        """Sends a frame of our own out of the far end."""
        self.ports[int(forward)].send(bytes(raw))


def raw_socket(host, iface):
    with host.enter():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind((iface, 0))
    return s


def mac_bytes(text):
    return bytes(int(part, 16) for part in text.split(":"))


class Hop:
    """Makes a cable look like a router: next hop's MAC, TTL one lower, no ARP across."""

    def __init__(self, left, right, mac, rule=None):
        self.ends, self.mac, self.rule = (mac_bytes(left), mac_bytes(right)), mac_bytes(mac), rule

    def __call__(self, frame, forward):
        if not frame.version:
            return DROP
        if self.rule and self.rule(frame, forward) is DROP:
            return DROP
        frame.raw[0:6], frame.raw[6:12] = self.ends[forward], self.mac
        frame.ttl -= 1
        return [(0.0, frame.seal())]


class Tagger:
    """Puts VLAN tags on what goes one way through a cable and takes them off the other way."""

    def __init__(self, tags, adds_forward, rule=None):
        self.tags, self.adds_forward, self.rule = tags, adds_forward, rule
        kinds = [0x88A8 if i == 0 and len(tags) > 1 else 0x8100 for i in range(len(tags))]
        self.bytes = b"".join(struct.pack("!HH", kind, tag) for kind, tag in zip(kinds, tags))

    def __call__(self, f, forward):
        raw = bytes(f.raw)
        if forward != self.adds_forward:
            # The kernel has taken the outer tag off already; what is left is ours to remove.
            while raw[12:14] in (b"\x81\x00", b"\x88\xa8"):
                raw = raw[:12] + raw[16:]
            return [(0.0, raw)]
        verdict = self.rule(f, forward) if self.rule else None
        return verdict if verdict is not None else [(0.0, raw[:12] + self.bytes + raw[12:])]


class Pipe(threading.Thread):
    """Carries packets between two tun interfaces."""

    def __init__(self, ends, delay):
        super().__init__(daemon=True)
        self.ends, self.delay, self.due, self.order = ends, delay, [], itertools.count()
        self.start()

    def run(self):
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else 1.0
            for end in select.select(self.ends, [], [], wait)[0]:
                other = self.ends[1 - self.ends.index(end)]
                heapq.heappush(self.due, (time.monotonic() + self.delay, next(self.order), other, os.read(end, 65536)))
            while self.due and self.due[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(self.due)
                os.write(end, packet)


class FullNat:
    """A balancer that replaces both addresses (FULLNAT) and writes the client's into option 254.

    services: {(virtual address, port): (real server, port)}. It keeps one local port per client tuple.
    """

    def __init__(self, services, local, first_port):
        self.services, self.local, self.next_port = services, local, first_port
        self.ports, self.clients = {}, {}

    def __call__(self, f, forward):
        if not f.tcp:
            return None
        if forward and (f.dst, f.dport) in self.services:
            key = (f.src, f.sport, f.dst, f.dport)
            if key not in self.ports:
                self.ports[key] = self.next_port
                self.clients[self.next_port] = key
                self.next_port += 7
            if f.is_(SYN):
                f.add_option(struct.pack("!BBH4s", TOA, 8, f.sport, socket.inet_aton(f.src)))
            f.dst, f.dport = self.services[key[2:]]
            f.src, f.sport = self.local, self.ports[key]
        elif not forward and f.dst == self.local and f.dport in self.clients:
            client = self.clients[f.dport]
            f.src, f.sport = client[2:]
            f.dst, f.dport = client[:2]
        return None


class Preserve:
    """A balancer that replaces the destination only: the real server sees the client's own address.

    services as in FullNat. Answers pass it on their way back; the latest SYN of a client tuple towards a
    real server decides which virtual address they get.
    """

    def __init__(self, services):
        self.services, self.flows = services, {}

    def __call__(self, f, forward):
        if not f.tcp:
            return DROP
        if forward and (f.dst, f.dport) in self.services:
            real = self.services[f.dst, f.dport]
            if f.is_(SYN):
                self.flows[(f.src, f.sport) + real] = (f.dst, f.dport)
            f.dst, f.dport = real
        elif not forward:
            f.src, f.sport = self.flows.get((f.dst, f.dport, f.src, f.sport), (f.src, f.sport))
        return None


class Restore:
    """The real server's module: gives the stack the client's address from option 254, and undoes it
    for whatever leaves towards that address, until the session is forgotten.

    One session per restored tuple: the latest SYN with the option owns it, and that is the trouble.
    """

    def __init__(self, lifetime=900.0):
        self.lifetime, self.sessions, self.names = lifetime, {}, {}

    def __call__(self, f, forward):
        if not f.tcp:
            return None
        if forward:
            at = f.option(TOA)
            if at:
                port, addr = struct.unpack_from("!H4s", f.raw, at + 2)
                real = (socket.inet_ntoa(addr), port)
                self.names[f.src, f.sport] = real
                self.sessions[real + (f.dport,)] = (f.src, f.sport, time.monotonic())
            if (f.src, f.sport) in self.names:
                f.src, f.sport = self.names[f.src, f.sport]
        else:
            session = self.sessions.get((f.dst, f.dport, f.sport))
            if session and time.monotonic() - session[2] < self.lifetime:
                f.dst, f.dport = session[:2]
        return [(0.0, f.seal())]
