"""A policer drops whatever is above its rate."""

import time

from netlab import download, sender
from wire import DROP


def policed(net, rate=250_000, bucket=20_000):
    """Token bucket: `rate` bytes per second, `bucket` bytes at once."""
    state = [bucket, time.monotonic()]

    def rule(f, forward):
        if forward or not f.payload:
            return None
        now = time.monotonic()
        state[0] = min(bucket, state[0] + (now - state[1]) * rate)
        state[1] = now
        if len(f.raw) > state[0]:
            return DROP
        state[0] -= len(f.raw)
        return None

    client, server, addr = net.pair("10.35.2.9/24", "10.35.2.80/24", delay=0.02, rule=rule)
    server.serve(80, sender(500_000))
    net.at_both(client, server, "a policer of 2 Mbit/s cuts off the peaks of a download: bursts of consecutive losses, flat round trip time",
                headline="policer-loss|packet-loss", snaplen=100, expect={"tcp.options.sack_le": ">=20", "tcp.flags.reset == 1": 0})
    download(client, addr, 80, 500_000)


CASES = [policed]
