"""A device takes the window scale out of one SYN only: the two sides read windows differently."""

import time

from wire import ACK, SYN


def stripped_from_answer(net):
    def rule(f, forward):
        if f.is_(SYN | ACK):
            f.blank_option(3)
            return [(0.0, f.seal())]
        return None

    client, server, addr = net.pair("10.187.2.9/24", "10.187.2.80/24", delay=0.006, rule=rule)

    def take(conn):
        while conn.recv(65536):
            pass

    server.serve(80, take)
    net.at_both(client, server, "a device takes the window scale out of the SYN-ACK: the server scales, the client does not, and sees a window of a few dozen bytes: the upload crawls",
                expect={"tcp.flags.reset == 1": "0-1", "tcp.dstport == 80 && tcp.len > 0 && tcp.len < 200": ">=3"})

    sock = client.connect(addr, 80)
    sock.sendall(b"u" * 20_000)
    time.sleep(7)


CASES = [stripped_from_answer]
