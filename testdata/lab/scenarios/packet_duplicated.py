"""The network delivers some packets twice."""

from netlab import download, sender


def twice(net):
    seen = [0]

    def rule(f, forward):
        if not forward and f.payload:
            seen[0] += 1
            if seen[0] % 6 == 0:
                return [(0.0, bytes(f.raw)), (0.0003, bytes(f.raw))]
        return None

    client, server, addr = net.pair("10.191.2.9/24", "10.191.2.80/24", delay=0.005, rule=rule)
    server.serve(80, sender(50_000))
    net.capture(client, "client", "every sixth data packet arrives twice; the client answers the copies with D-SACK (info)",
                headline="packet-duplicated|none", snaplen=110, expect={"tcp.options.sack_le": ">=3", "tcp.flags.reset == 1": 0})
    download(client, addr, 80, 50_000)


CASES = [twice]
