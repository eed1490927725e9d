"""A firewall randomises sequence numbers and forgets to do so in SACK blocks."""

from netlab import download, sender
from wire import DROP

OFFSET = 0x3A5C_11D7  # what the device adds to the server's sequence numbers


def mangled(net):
    seen = [0]

    def rule(f, forward):
        if not f.tcp:
            return None
        if forward:
            if f.ack:
                f.ack = f.ack - OFFSET
            return [(0.0, f.seal())]
        if len(f.payload) > 1000:
            seen[0] += 1
            if seen[0] in (12, 25, 40):
                return DROP
        f.seq = f.seq + OFFSET
        return [(0.0, f.seal())]

    client, server, addr = net.pair("10.188.2.9/24", "10.188.2.80/24", delay=0.01, rule=rule)
    server.serve(80, sender(80_000))
    net.capture(server, "server", "a device shifts the server's sequence numbers and adjusts the client's ACK field, not its SACK blocks: the blocks lie outside everything sent, all by one offset",
                snaplen=110, expect={"tcp.options.sack_le": ">=3"})
    download(client, addr, 80, 80_000)


CASES = [mangled]
