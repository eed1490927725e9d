"""A device takes options out of SYNs; everything still works."""

from netlab import download, sender
from wire import SYN


def stripped(net):
    def rule(f, forward):
        if f.tcp and f.flags & SYN:
            for kind in (3, 4, 8):
                f.blank_option(kind)
            return [(0.0, f.seal())]
        return None

    client, server, addr = net.pair("10.186.2.9/24", "10.186.2.80/24", delay=0.004, rule=rule)
    server.serve(80, sender(20_000))
    net.at_both(client, server, "a device replaces window scale, SACK and timestamps by NOPs in both SYNs; the download works (info)",
                headline="options-stripped|none", expect={"tcp.flags.reset == 1": 0})
    download(client, addr, 80, 20_000)


CASES = [stripped]
