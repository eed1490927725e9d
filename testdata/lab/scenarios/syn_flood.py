"""SYNs from forged addresses at a high rate."""

from netlab import exchange, http_server, request


def forged(net):
    attacker, server, client = net.hosts_named("attacker server client")
    net.switch((attacker, "203.0.113.66/24"), (server, "203.0.113.80/24"), (client, "203.0.113.9/24"))
    server.route("default via 203.0.113.1")
    server.neighbour("203.0.113.1", attacker.mac())
    server.serve(80, http_server(), backlog=128)
    net.capture(server, "server", "some 600 SYNs per second from random forged addresses for a second, hardly any handshake completes; beside it one healthy client",
                snaplen=80, expect={"tcp.flags == 0x02": ">=400", "tcp.flags == 0x10": "0-20"})
    with client.connect("203.0.113.80", 80) as sock:
        exchange(sock, request())
        attacker.sh("timeout 6 hping3 -q -c 500 -i u1600 -S -p 80 --rand-source 203.0.113.80 || true", check=False)
        exchange(sock, request())


CASES = [forged]
