"""Packets recorded with a short snap length."""

import time

from netlab import download, sender


def short(net):
    client, server, addr = net.pair("10.197.2.9/24", "10.197.2.80/24", delay=0.004)
    server.serve(80, sender(20_000))
    net.capture(client, "client", "a healthy download recorded with a snap length of 60 bytes: TCP options and payload are cut",
                headline="snaplen-cut|none", snaplen=60, expect={"frame.cap_len < frame.len": ">=20"})
    download(client, addr, 80, 20_000)


def refused(net):
    client, server, addr = net.pair("10.198.2.9/24", "10.198.2.80/24", delay=0.004)
    net.capture(client, "near-miss-refused-client", "refused connections recorded with a snap length of 54 bytes: options cut, the trouble still plain",
                headline="conn-refused-rst", snaplen=54, expect={"tcp.flags == 0x14": 2})
    for _ in range(2):
        client.try_connect(addr, 9999)
        time.sleep(0.2)


CASES = [short, refused]
