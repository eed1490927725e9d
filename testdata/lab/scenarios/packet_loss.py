"""Segments lost on the way and repeated."""

from netlab import any_address, download, sender
from wire import DROP


class Lose:
    """Drops the large data segments with these ordinals, in one direction."""

    def __init__(self, ordinals, forward=False):
        self.ordinals, self.forward, self.seen = set(ordinals), forward, 0

    def __call__(self, f, forward):
        if forward == self.forward and len(f.payload) > 600:
            self.seen += 1
            if self.seen in self.ordinals:
                return DROP
        return None


def lossy(net, client_addr, server_addr, ordinals, size, prefix, says, delay=0.015):
    client, server, addr = net.pair(client_addr, server_addr, delay=delay, rule=Lose(ordinals))
    server.serve(80, sender(size), addr=any_address(addr))
    net.at_both(client, server, says, prefix, snaplen=110,
                expect={"tcp.options.sack_le": ">=4", "tcp.flags.reset == 1": 0})
    download(client, addr, 80, size)


def scattered(net):
    lossy(net, "10.136.2.9/24", "10.136.2.80/24", [13, 21, 34, 47, 58, 59, 77, 92, 110, 121], 180_000, "",
          "ten of 125 segments of a download are lost behind the server and repeated after duplicate ACKs")


def burst(net):
    lossy(net, "2001:db8:136::9/64", "2001:db8:136::80/64", range(30, 42), 120_000, "ipv6-burst-",
          "IPv6: twelve segments in a row are lost and repeated")


def twice(net):
    """A repeated segment is lost again, twice."""
    lost = []

    def rule(f, forward):
        if not forward and len(f.payload) > 600:
            if not lost:
                lose_at[0] -= 1
                if lose_at[0] == 0:
                    lost.append(f.seq)
                    return DROP
            elif f.seq == lost[0] and len(lost) < 3:
                lost.append(f.seq)
                return DROP
        return None

    lose_at = [25]
    client, server, addr = net.pair("10.137.2.9/24", "10.137.2.80/24", delay=0.02, rule=rule)
    server.serve(80, sender(120_000))
    net.capture(server, "twice-server", "one segment is lost three times in a row; fast retransmissions repair it within 0.13 s, no timer runs out (info at most)",
                headline="none|packet-loss|tail-loss-rto", snaplen=110, expect={"tcp.flags.reset == 1": 0})
    download(client, addr, 80, 120_000)


CASES = [scattered, burst, twice]
