"""A filter on the path drops ClientHellos that name a certain host."""

import time

from scenarios.tls_alert import certificate
from wire import DROP


def dropped(net):
    client, server, addr = net.pair("10.196.2.9/24", "10.196.2.80/24", delay=0.01,
                                    rule=lambda f, forward: DROP if forward and b"blocked.example" in f.payload else None)
    key, cert = certificate(net)
    server.spawn(["openssl", "s_server", "-quiet", "-accept", "443", "-key", key, "-cert", cert, "-www"])
    time.sleep(0.6)
    net.capture(client, "client", "a TLS handshake for one host name works, the ClientHello for another to the same server is repeated without an answer",
                headline="clienthello-blocked|rto-death", expect={"tls.handshake.extensions_server_name contains \"blocked\"": ">=1", "tcp.analysis.retransmission": ">=3"})
    for name, wait in (("fine.example", 2), ("blocked.example", 7)):
        client.sh(f"timeout {wait} openssl s_client -connect {addr}:443 -servername {name} </dev/null", check=False)


CASES = [dropped]
