"""A device spoils bytes; the receiver's checksum catches it and the segment is repeated."""

from netlab import any_address, download, sender


def spoiled(net, client_addr, server_addr, prefix, ordinals):
    seen = [0]

    def rule(f, forward):
        if not forward and len(f.payload) > 1000:
            seen[0] += 1
            if seen[0] in ordinals:
                raw = bytearray(f.raw)
                raw[200] ^= 0x40
                return [(0.0, bytes(raw))]
        return None

    client, server, addr = net.pair(client_addr, server_addr, delay=0.006, rule=rule)
    server.serve(80, sender(40_000), addr=any_address(addr))
    net.capture(client, prefix + "client", f"{len(ordinals)} segments of a download arrive with a flipped bit and a wrong checksum, the client ignores them, the server repeats them",
                expect={"tcp.options.sack_le": ">=2", "tcp.flags.reset == 1": 0})
    download(client, addr, 80, 40_000)


def ipv4(net):
    spoiled(net, "10.170.2.9/24", "10.170.2.80/24", "", (5, 12, 19))


def ipv6(net):
    spoiled(net, "2001:db8:170::9/64", "2001:db8:170::80/64", "ipv6-", (7, 15))


CASES = [ipv4, ipv6]
