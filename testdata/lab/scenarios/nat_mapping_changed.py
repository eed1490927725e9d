"""A translator forgets a mapping and makes another one in mid-connection."""

import time

from netlab import attempt, echo, exchange


def remapped(net):
    client, router, server = net.hosts_named("client router server")
    router.router()
    net.link(client, "192.168.90.9/24", router, "192.168.90.1/24")
    net.cable(router, "198.51.100.41/24", server, "198.51.100.90/24", delay=0.006)
    client.route("default via 192.168.90.1")

    def masquerade(first):
        router.nft(f"""table ip nat
        delete table ip nat
        table ip nat {{
            chain post {{
                type nat hook postrouting priority 100
                oifname eth1 meta l4proto tcp masquerade to :{first}-{first + 40}
            }}
        }}""")

    masquerade(30000)
    server.serve(5222, echo)
    net.capture(server, "server", "the translator loses its mapping; the same byte stream arrives from another port and draws bare resets",
                expect={"tcp.flags == 0x04": ">=1", "tcp.flags == 0x02": 1})
    net.capture(client, "client", "the client's view of a lost mapping: its request draws a bare reset",
                headline="half-open-after-crash|idle-timeout-rst", expect={"tcp.flags == 0x04": ">=1"})
    sock = client.connect("198.51.100.90", 5222)
    for n in range(3):
        exchange(sock, b"message %d\n" % n)
        time.sleep(0.3)
    masquerade(40000)
    router.sh("conntrack -F", check=False)
    time.sleep(1)
    attempt(exchange, sock, b"message 3\n")


CASES = [remapped]
