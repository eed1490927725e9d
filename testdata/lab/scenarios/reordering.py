"""Segments overtake each other."""

from netlab import any_address, download, sender


def reordered(net, client_addr, server_addr, every, late, prefix, says, size=120_000):
    count = [0]

    def rule(f, forward):
        if not forward and len(f.payload) > 1000:
            count[0] += 1
            if count[0] % every == 0:
                return [(late, bytes(f.raw))]
        return None

    client, server, addr = net.pair(client_addr, server_addr, delay=0.01, rule=rule)
    server.serve(80, sender(size), addr=any_address(addr))
    net.capture(client, prefix + "client", says, headline="reordering|none", snaplen=110, expect={"tcp.options.sack_le": ">=3", "tcp.flags.reset == 1": 0})
    download(client, addr, 80, size)


def deep(net):
    reordered(net, "10.152.2.9/24", "10.152.2.80/24", 9, 0.006, "", "every ninth segment of a download arrives 6 ms late, behind many later ones; nothing is lost")


def ipv6(net):
    reordered(net, "2001:db8:152::9/64", "2001:db8:152::80/64", 13, 0.003, "ipv6-", "IPv6: every thirteenth segment arrives 3 ms late; nothing is lost")


CASES = [deep, ipv6]
