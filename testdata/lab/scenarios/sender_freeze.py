"""A sender whose repetitions never leave its host."""

import threading
import time

from netlab import any_address, attempt, request, sender
from wire import DROP


RULES = """table %(family)s mute {
  chain out {
    type filter hook output priority 0;
    tcp sequence %(seq)d drop;
  }
}"""


def mute(net, client_addr, server_addr, prefix, family):
    """One segment is lost on the way; the sender's own host then drops each repetition before
    the capture point, as a kernel does that cannot send it."""
    lost, size = [], 300_000

    def rule(f, forward):
        if not forward and len(f.payload) > 600:
            seen[0] += 1
            if seen[0] == 24:
                lost.append(f.seq)
                threading.Thread(target=stop_repetitions, args=(f.seq,)).start()
                return DROP
        return None

    def stop_repetitions(seq):
        server.nft(RULES % {"family": family, "seq": seq})

    seen = [0]
    client, server, addr = net.pair(client_addr, server_addr, delay=0.2, rule=rule)
    server.serve(80, sender(size), addr=any_address(addr))
    net.capture(server, prefix + "server", "a segment of a download is lost; the server's host drops every repetition before it reaches the wire "
                "(a local filter in the place of the kernel fault): the client asks in vain", headline="sender-freeze",
                snaplen=110, expect={"tcp.options.sack_le": ">=3", "tcp.analysis.retransmission": 0})
    with client.connect(addr, 80) as sock:
        sock.settimeout(8)
        sock.sendall(request("/file"))
        while attempt(sock.recv, 65536):
            pass
        time.sleep(0.1)


def ipv4(net):
    mute(net, "10.198.2.9/24", "10.198.2.80/24", "", "ip")


def ipv6(net):
    mute(net, "2001:db8:198::9/64", "2001:db8:198::80/64", "ipv6-", "ip6")


CASES = [ipv4, ipv6]
