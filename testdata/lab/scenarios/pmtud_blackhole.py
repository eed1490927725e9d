"""Packets above a size vanish on the path, and no ICMP says so."""

import time

from netlab import any_address, attempt, download, exchange, http_server, request, sender
from wire import DROP


def hole(limit, directions):
    """Eats IP packets larger than `limit` in the given directions."""
    return lambda f, forward: DROP if f.version and forward in directions and f.end - 14 > limit else None


def answer_lost(net, client_addr, server_addr, limit, prefix, says, seconds):
    """Small requests and answers pass, a large answer never arrives."""
    client, server, addr = net.pair(client_addr, server_addr, delay=0.008, rule=hole(limit, (False,)))

    def serve(conn):
        while data := conn.recv(4096):
            conn.sendall(response_for(data))

    def response_for(data):
        size = 5000 if b"/big" in data else 20
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"m" * size

    server.serve(443, serve, addr=any_address(addr))
    net.at_both(client, server, says, prefix, expect={"icmp.type == 3 || icmpv6.type == 2": 0, "tcp.flags.reset == 1": 0})
    sock = client.connect(addr, 443)
    exchange(sock, request("/small"))
    sock.sendall(request("/big"))
    sock.settimeout(seconds)
    attempt(sock.recv, 10)
    time.sleep(max(0, seconds - 1))


def down(net):
    answer_lost(net, "10.140.2.9/24", "10.140.2.80/24", 1400, "", "packets above 1400 bytes vanish on the way back without ICMP: small answers pass, the large one never arrives", 7)


def ipv6(net):
    answer_lost(net, "2001:db8:140::9/64", "2001:db8:140::80/64", 1420, "ipv6-", "IPv6: packets above 1420 bytes vanish on the way back without ICMPv6", 6)


def up(net):
    client, server, addr = net.pair("172.16.140.9/24", "172.16.140.80/24", delay=0.008, rule=hole(1380, (True,)))
    server.serve(80, http_server())
    net.at_both(client, server, "packets above 1380 bytes vanish on the way to the server: the upload stands still, only its short tail arrives", "up-",
                expect={"icmp.type == 3": 0})
    sock = client.connect(addr, 80)
    exchange(sock, request())
    sock.sendall(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n" + b"u" * 3000)
    time.sleep(7)


def mended(net):
    """With MTU probing the sender finds the size that passes."""
    client, server, addr = net.pair("10.141.2.9/24", "10.141.2.80/24", delay=0.008, rule=hole(1300, (False,)))
    server.sysctl("net.ipv4.tcp_mtu_probing=1")
    server.serve(80, sender(20_000))
    net.capture(server, "probing-server", "packets above 1300 bytes vanish; after several repetitions the server (tcp_mtu_probing=1) sends smaller segments and the download completes",
                expect={"tcp.flags.reset == 1": 0})
    download(client, addr, 80, 20_000)


CASES = [down, ipv6, up, mended]
