"""A device drops SYNs that ask for ECN."""

from netlab import any_address, exchange, http_server, request
from wire import CWR, DROP, ECE, SYN


def dropped(net, client_addr, server_addr, prefix):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.008,
                                    rule=lambda f, forward: DROP if f.is_(SYN) and f.flags & (ECE | CWR) else None)
    client.sysctl("net.ipv4.tcp_ecn=1")
    server.serve(80, http_server(), addr=any_address(addr))
    net.capture(client, prefix + "client", "two connects: the SYN that asks for ECN is lost each time, its repetition without the request is answered",
                expect={"tcp.flags.ece == 1 && tcp.flags.syn == 1": ">=2", "tcp.flags == 0x12": 2, "http.response": 2})
    for _ in range(2):
        with client.connect(addr, 80) as sock:
            exchange(sock, request())


def ipv4(net):
    dropped(net, "10.174.2.9/24", "10.174.2.80/24", "")


def ipv6(net):
    dropped(net, "2001:db8:174::9/64", "2001:db8:174::80/64", "ipv6-")


CASES = [ipv4, ipv6]
