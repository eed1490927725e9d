"""The client's handshake ACK reaches the server's host, and the server goes on resending its SYN-ACK."""

import socket
import time

from netlab import attempt, chatter, exchange, http_server, request, silent
from wire import DROP, SYN

# Behind the capture point: eats segments that carry nothing (52 bytes: headers and timestamps).
EAT_BARE_ACKS = """table ip filter {
    chain input {
        type filter hook input priority 0
        tcp dport %d tcp flags & (syn|rst|fin) == 0 ip length 52 drop
    }
}"""
EAT_ALL_ACKS = """table ip filter {
    chain input {
        type filter hook input priority 0
        tcp dport %d tcp flags & (syn|rst) == 0 drop
    }
}"""
REPEATED = "tcp.flags == 0x12"
ANSWERED = "tcp.flags == 0x10 && tcp.ack == 1"
BARE_RST = "tcp.flags == 0x04"


def full_ladder(net):
    """Five retransmissions, silent expiry, and a request 78 s after the handshake."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.20.3.14/24", server, "10.20.3.80/24", delay=0.0001)
    server.serve(80, silent)
    server.nft(EAT_BARE_ACKS % 80)
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, name, "a filter behind the capture point eats the handshake ACKs: SYN-ACK at 0, 1, 3, 7, 15, 31 s, silent expiry, and the request sent at 78 s draws a bare reset",
                    expect={REPEATED: 6, ANSWERED: 6, BARE_RST + " && tcp.srcport == 80": 1})
    s = client.connect("10.20.3.80", 80)
    time.sleep(78)
    attempt(exchange, s, request())


full_ladder.limit = 110


def short_ladder(net):
    """tcp_synack_retries=2 saves time: expiry after 7 s; several clients, one listener, IPv6 as well."""
    client, server = net.hosts_named("client server")
    server.sysctl("net.ipv4.tcp_synack_retries=2")
    net.cable(client, "192.168.61.7/24", server, "192.168.61.2/24", delay=0.003)
    server.serve(8009, silent)
    server.nft(EAT_BARE_ACKS % 8009)
    for host, name in ((client, "short-client"), (server, "short-server")):
        net.capture(host, name, "tcp_synack_retries=2: two clients' handshake ACKs are eaten behind the capture point, expiry after 7 s, the late requests draw bare resets",
                    expect={REPEATED: 6, BARE_RST: 2})
    socks = []
    for _ in range(2):
        socks.append(client.connect("192.168.61.2", 8009))
        time.sleep(0.4)
    time.sleep(9)
    for s in socks:
        attempt(exchange, s, request())


def data_ignored(net):
    """The filter eats the data as well: two ladders run side by side."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.33.1.5/16", server, "10.33.9.90/16", delay=0.0008)
    server.serve(3306, silent)
    server.nft(EAT_ALL_ACKS % 3306)
    for host, name in ((client, "data-client"), (server, "data-server")):
        net.capture(host, name, "all of the client's segments are eaten behind the capture point: the SYN-ACK ladder and the client's data ladder run side by side",
                    expect={REPEATED: ">=4", "tcp.dstport == 3306 && tcp.len > 0": ">=4"})
    s = client.connect("10.33.9.90", 3306)
    attempt(s.sendall, b"\x20\x00\x00\x01\x85\xa6\xff\x01" + b"\0" * 28)
    time.sleep(9)


def deferred(net):
    """TCP_DEFER_ACCEPT: quiet, one SYN-ACK when the period ends, then the connection works."""
    client, server = net.hosts_named("client server")
    net.cable(client, "172.16.40.9/24", server, "172.16.40.80/24", delay=0.0006)
    server.serve(80, http_server(),
                 prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5))
    for host, name in ((client, "defer-client"), (server, "defer-server")):
        net.capture(host, name, "TCP_DEFER_ACCEPT (7 s) and a client that stays silent: one SYN-ACK is repeated at the end of the period, then the request is answered (info)",
                    expect={REPEATED: 2, "http.response": 1})
    s = client.connect("172.16.40.80", 80)
    time.sleep(8.5)
    exchange(s, request())
    s.close()


def bad_checksum(net):
    """A device on the path spoils the checksum of the client's bare ACKs."""
    client, server = net.hosts_named("client server")

    def spoil(f, forward):
        if forward and f.bare_ack:
            f.tcp_checksum ^= 0x1234
            return [(0.0, bytes(f.raw))]
        return None

    net.cable(client, "10.8.77.20/24", server, "10.8.77.1/24", delay=0.002, rule=spoil)
    server.serve(9000, silent)
    net.capture(server, "checksum-server", "a device spoils the checksum of the client's ACKs: the server ignores them and repeats its SYN-ACK; wrong checksums on received frames",
                expect={REPEATED: ">=3", "tcp.len == 0 && tcp.dstport == 9000 && tcp.flags == 0x10": ">=3"})
    client.connect("10.8.77.1", 9000)
    time.sleep(8)


def paws(net):
    """A device on the path sets the timestamp of the client's ACKs back."""
    client, server = net.hosts_named("client server")

    def older(f, forward):
        if forward and f.tcp and not f.flags & SYN:
            f.shift_timestamps(value=-500_000)
            return [(0.0, f.seal())]
        return None

    net.cable(client, "10.9.4.12/24", server, "10.9.4.100/24", delay=0.0005, rule=older)
    server.serve(7000, silent)
    net.capture(server, "paws-server", "a device sets the timestamps of the client's ACKs back: the server rejects each by PAWS, answers it with an ACK and repeats its SYN-ACK",
                expect={REPEATED: ">=3", "tcp.flags == 0x10 && tcp.srcport == 7000": ">=1"})
    client.connect("10.9.4.100", 7000)
    time.sleep(8)


def ipv6(net):
    """IPv6, filter behind the capture point, three silent clients."""
    client, server = net.hosts_named("client server")
    net.cable(client, "2001:db8:51::20/64", server, "2001:db8:51::443/64", delay=0.001)
    server.serve(8443, silent, addr="::")
    server.nft("""table ip6 filter {
        chain input {
            type filter hook input priority 0
            tcp dport 8443 tcp flags & (syn|rst) == 0 drop
        }
    }""")
    for host, name in ((client, "ipv6-client"), (server, "ipv6-server")):
        net.capture(host, name, "IPv6: the handshake ACKs are eaten behind the capture point, the SYN-ACKs are repeated",
                    expect={REPEATED: ">=8", "tcp.flags.reset == 1": 0})
    for _ in range(2):
        client.connect("2001:db8:51::443", 8443)
        time.sleep(0.2)
    time.sleep(8)


def near_miss_once(net):
    """The handshake ACK is lost once on the path; the SYN-ACK is repeated once and all is well."""
    client, server = net.hosts_named("client server")
    lost = []

    def lose_first(f, forward):
        if forward and f.bare_ack and not lost:
            lost.append(1)
            return DROP
        return None

    net.cable(client, "10.120.0.31/24", server, "10.120.0.8/24", delay=0.006, rule=lose_first)
    server.serve(8088, http_server())
    for host, name in ((client, "near-miss-once-client"), (server, "near-miss-once-server")):
        net.capture(host, name, "one handshake ACK was lost: the SYN-ACK is repeated once after 1 s, then the request is answered",
                    headline="none", expect={REPEATED: 2, "http.response": 1})
    s = client.connect("10.120.0.8", 8088)
    time.sleep(1.5)
    exchange(s, request())
    s.close()


def near_miss_slow_client(net):
    """A client that connects and speaks late, to a healthy server."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.121.0.31/24", server, "10.121.0.8/24", delay=0.003)
    server.serve(8088, http_server())
    net.capture(server, "near-miss-pool-server", "a pool opens connections early and speaks after 6 s: healthy",
                headline="none", expect={REPEATED: 3, "http.response": 3})
    socks = [client.connect("10.121.0.8", 8088) for _ in range(3)]
    time.sleep(6)
    for s in socks:
        exchange(s, request())
        s.close()


def old_stacks(net):
    """As in the well-known listing: no window scaling and no timestamps, three silent clients beside healthy traffic."""
    client, server = net.hosts_named("balancer server")
    server.sysctl("net.ipv4.tcp_synack_retries=3", "net.ipv4.tcp_timestamps=0", "net.ipv4.tcp_window_scaling=0")
    net.cable(client, "192.168.7.200/24", server, "192.168.7.33/24", delay=0.0001)
    server.serve(80, silent)
    server.serve(8080, http_server())
    # Bare ACKs without timestamps are 40 bytes, with a D-SACK block 52.
    server.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 80 tcp flags & (syn|rst|fin) == 0 ip length { 40, 52 } drop
        }
    }""")
    for host, name in ((client, "old-stacks-client"), (server, "old-stacks-server")):
        net.capture(host, name, "a balancer opens three pool connections to a server without scaling and timestamps whose ACKs are eaten behind the capture point; three retries, expiry after 15 s, late requests draw bare resets; healthy traffic beside",
                    expect={REPEATED + " && tcp.srcport == 80": 12, BARE_RST + " && tcp.srcport == 80": 3, "http.response": ">=10"})
    busy = chatter(client, "192.168.7.33", 8080, 16, gap=1.1)
    socks = []
    for _ in range(3):
        socks.append(client.connect("192.168.7.33", 80))
        time.sleep(0.35)
    time.sleep(16)
    for s in socks:
        attempt(exchange, s, request())
        time.sleep(0.2)
    busy.join(3)


def qinq(net):
    """On a trunk with two tags."""
    client, server = net.hosts_named("client server")
    far = net.trunk(client, "10.140.9.5/24", server, "10.140.9.80/24", [200, 17])
    server.serve(5000, silent)
    server.nft(EAT_ALL_ACKS % 5000)
    net.capture(far, "qinq-middle", "on a trunk with two VLAN tags near the server: the client's ACKs and data reach the server, which repeats its SYN-ACK",
                filter=None, expect={"vlan.id == 17 && tcp.flags == 0x12": ">=3", "tcp.len > 0": ">=4"})
    s = client.connect("10.140.9.80", 5000)
    attempt(s.sendall, b"HELO\r\n")
    time.sleep(8)


def near_miss_long_path(net):
    """The path is longer than the first timeouts: both sides repeat once for nothing."""
    client, server = net.hosts_named("client server")
    net.cable(client, "100.74.0.31/24", server, "100.74.0.8/24", delay=0.62)
    server.serve(8088, http_server())
    for host, name in ((client, "near-miss-long-path-client"), (server, "near-miss-long-path-server")):
        net.capture(host, name, "a path of 1.24 s: SYN and SYN-ACK are repeated before the answer can arrive, then everything works (at most a warning)",
                    headline="none|syn-no-answer|synack-unacknowledged|spurious-retransmission", expect={REPEATED: ">=2", "http.response": ">=1"})
    s = client.connect("100.74.0.8", 8088)
    exchange(s, request())
    s.close()
    time.sleep(1.5)


def any_interface(net):
    """-i any on the server, IPv6 and IPv4 clients, one of which gives up during the ladder."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.211.3.8/24 2001:db8:211::8/64", server, "10.211.3.2/24 2001:db8:211::2/64", delay=0.004)
    server.serve(9042, silent, addr="::")
    server.nft("""table inet filter {
        chain input {
            type filter hook input priority 0
            tcp dport 9042 tcp flags & (syn|rst) == 0 drop
        }
    }""")
    net.capture(server, "any", "-i any on the server: an IPv4 and an IPv6 client whose ACKs are eaten behind the capture point; the IPv4 client closes after 4 s, its FIN is ignored as well",
                iface="any", linktype="LINUX_SLL2", expect={REPEATED + " && ipv6": ">=3", REPEATED + " && ip": ">=3", "tcp.flags.fin == 1": ">=2"})
    six = client.connect("2001:db8:211::2", 9042)
    four = client.connect("10.211.3.2", 9042)
    time.sleep(4)
    four.close()
    time.sleep(5)
    attempt(six.sendall, b"\x04\0\0\0\5\0\0\0\0")
    time.sleep(1)


CASES = [full_ladder, short_ladder, data_ignored, deferred, bad_checksum, paws, ipv6, near_miss_once, near_miss_slow_client, old_stacks, qinq,
         near_miss_long_path,
         any_interface]
