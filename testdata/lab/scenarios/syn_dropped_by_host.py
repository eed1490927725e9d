"""SYNs arrive at the host, and the host itself stays silent."""

import socket
import struct

from netlab import chatter, http_server

TCP_MD5SIG = 14
UNANSWERED = "tcp.flags == 0x02"


def filtered(net):
    """A filter on the host, behind the capture point."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.215.3.8/24", server, "10.215.3.2/24", delay=0.005)
    server.serve(80, http_server())
    server.nft("""table ip filter {
        chain input {
            type filter hook input priority 0
            tcp dport 9200 drop
        }
    }""")
    net.capture(server, "any", "-i any on the server: SYNs to port 9200 arrive, the host's own filter drops them; port 80 is served meanwhile",
                iface="any", headline="syn-dropped-by-host|syn-no-answer", expect={UNANSWERED + " && tcp.dstport == 9200": ">=4", "http.response": ">=5"})
    busy = chatter(client, "10.215.3.2", 80, 4, gap=0.5)
    client.try_connect("10.215.3.2", 9200, timeout=4.5)
    busy.join(4)


def reverse_path(net):
    """rp_filter: the source is routed out of another interface."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.cable(client, "10.216.9.8/24", router, "10.216.9.1/24", delay=0.003)
    net.link(router, "10.216.1.1/24", server, "10.216.1.80/24")
    net.link(router, "10.216.2.1/24", server, "10.216.2.80/24")
    client.route("default via 10.216.9.1")
    server.route("10.216.9.0/24 via 10.216.2.1")
    server.sysctl("net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.eth0.rp_filter=1", "net.ipv4.conf.eth1.rp_filter=1")
    server.serve(8080, http_server())
    net.capture(server, "rp-filter-any", "-i any on a server with two interfaces: SYNs come in by one, the way back leads out of the other, rp_filter drops them",
                iface="any", headline="syn-dropped-by-host|syn-no-answer", expect={UNANSWERED: ">=4", "tcp.flags == 0x12": 0})
    client.try_connect("10.216.1.80", 8080, timeout=4.5)


def md5(net):
    """The listener wants TCP-MD5 signatures from this peer; IPv6."""
    client, server = net.hosts_named("client server")
    net.cable(client, "2001:db8:217::8/64", server, "2001:db8:217::2/64", delay=0.003)

    def sign(s):
        peer = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, "2001:db8:217::8"), 0).ljust(128, b"\0")
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, peer + struct.pack("=BBHI80s", 0, 0, 6, 0, b"secret"))

    server.serve(179, http_server(), addr="::", prepare=sign)
    net.capture(server, "ipv6-md5-any", "IPv6, -i any on a router that wants TCP-MD5 signatures from its peer: the peer's unsigned SYNs arrive and are dropped",
                iface="any", headline="syn-dropped-by-host|syn-no-answer", expect={UNANSWERED: ">=4", "tcp.flags == 0x12": 0})
    client.try_connect("2001:db8:217::2", 179, timeout=4.5)


def near_miss_forwarded(net):
    """-i any on a router: the SYN comes in and goes out; the host behind is silent."""
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.link(client, "10.218.1.8/24", router, "10.218.1.1/24")
    net.link(router, "10.218.2.1/24", server, "10.218.2.80/24")
    client.route("default via 10.218.1.1")
    server.nft("table ip f {\n chain i {\n type filter hook input priority 0\n drop\n }\n}\n")
    net.capture(router, "near-miss-forwarded-any", "-i any on a router: SYNs come in and leave again, the host behind stays silent",
                iface="any", headline="syn-no-answer", expect={UNANSWERED: ">=6", "tcp.flags == 0x12": 0})
    client.try_connect("10.218.2.80", 443, timeout=4.5)


CASES = [filtered, reverse_path, md5, near_miss_forwarded]
