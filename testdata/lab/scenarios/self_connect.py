"""A reconnect loop to a local port inside the ephemeral range meets itself."""

import time

from netlab import chatter, exchange, http_server, request


def loop(host, addr, port, bound=400):
    """connect() until it succeeds; with no listener only the socket itself can answer."""
    for _ in range(bound):
        sock = host.try_connect(addr, port, timeout=2)
        if sock:
            return sock
        time.sleep(0.002)
    raise OSError("never met itself")


def met_itself(net, name, addr, port, iface="lo"):
    host = net.host("host")
    host.sysctl(f"net.ipv4.ip_local_port_range={port - 40} {port + 23}")
    same = f"tcp.srcport == {port} && tcp.dstport == {port}"
    net.capture(host, name, f"a client retries {addr}:{port} on its own host while the server is down, until the kernel picks source port {port}: the socket is connected to itself",
                iface=iface, vantage="any" if iface == "any" else "client",
                expect={same + " && tcp.flags == 0x12": ">=1", same + " && tcp.len > 0": ">=1", "tcp.flags == 0x14": ">=2"})
    sock = loop(host, addr, port)
    exchange(sock, b"PING\r\n")
    time.sleep(0.1)
    exchange(sock, b"AUTH service\r\n")
    time.sleep(0.5)
    sock.close()


def loopback(net):
    met_itself(net, "client", "127.0.0.1", 42040)


def any_interface(net):
    met_itself(net, "any", "127.0.0.1", 33090, iface="any")


def ipv6(net):
    host = net.host("host")
    host.sysctl("net.ipv6.conf.lo.disable_ipv6=0", "net.ipv4.ip_local_port_range=50000 50063")
    net.capture(host, "ipv6-client", "IPv6 loopback: a client connected to itself on port 50034", iface="lo",
                expect={"tcp.srcport == 50034 && tcp.dstport == 50034 && tcp.flags == 0x12": 1})
    sock = loop(host, "::1", 50034)
    exchange(sock, b"PING\r\n")
    time.sleep(0.3)
    sock.close()


def near_miss_loopback(net):
    """An ordinary connection on loopback."""
    host = net.host("host")
    host.serve(42100, http_server())
    net.capture(host, "near-miss-loopback-any", "two processes of one host talk over 127.0.0.1: healthy", iface="lo", vantage="any",
                headline="none", expect={"http.response": 2})
    with host.connect("127.0.0.1", 42100) as sock:
        exchange(sock, request())
        exchange(sock, request("/2"))


def near_miss_land(net):
    """Forged SYNs whose source is their destination, from outside."""
    host, far = net.hosts_named("host far")
    net.link(host, "192.0.2.80/24", far, "192.0.2.66/24")
    host.serve(139, http_server())
    net.capture(host, "near-miss-land-server", "forged SYNs with equal source and destination arrive from outside and are dropped; nothing was connected",
                headline="none|syn-no-answer", expect={"tcp.flags == 0x02 && ip.src == ip.dst": 3, "tcp.flags == 0x12": 0})
    far.sh("hping3 -q -c 3 -i u300000 -S -a 192.0.2.80 -s 139 -k -p 139 192.0.2.80 || true")


def own_address(net):
    """On the host's own address instead of 127.0.0.1, beside another service."""
    host, other = net.hosts_named("host other")
    net.link(host, "10.119.4.7/24", other, "10.119.4.8/24")
    host.sysctl("net.ipv4.ip_local_port_range=50000 50063")
    other.serve(8080, http_server())
    host.serve(9100, http_server())
    net.capture(host, "own-address-any", "-i any: a client retries 10.119.4.7:50020 on its own host until it is connected to itself; healthy traffic to other services beside",
                iface="any", expect={"tcp.srcport == 50020 && tcp.dstport == 50020 && tcp.len > 0": ">=1", "http.response": ">=4"})
    busy = chatter(host, "10.119.4.8", 8080, 2)
    sock = loop(host, "10.119.4.7", 50020)
    exchange(sock, b"*1\r\n$4\r\nPING\r\n")
    busy.join(4)
    sock.close()


CASES = [loopback, any_interface, ipv6, near_miss_loopback, near_miss_land, own_address]
