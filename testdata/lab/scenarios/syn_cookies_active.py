"""The server answers SYNs with cookies."""

import time

from netlab import exchange, http_server, request


def switched_on(net):
    client, server, addr = net.pair("10.190.2.9/24", "10.190.2.80/24", delay=0.004)
    server.serve(80, http_server())
    net.capture(server, "server", "three connections as usual, then the server answers with SYN cookies only (tcp_syncookies=2): options and ISNs change their manner, clients without timestamps lose scaling and SACK; all work",
                headline="syn-cookies-active|none", expect={"tcp.flags == 0x12": 9, "tcp.flags.reset == 1": 0})

    def three():
        for _ in range(3):
            with client.connect(addr, 80) as sock:
                exchange(sock, request())
            time.sleep(0.15)

    three()
    server.sysctl("net.ipv4.tcp_syncookies=2")
    three()
    client.sysctl("net.ipv4.tcp_timestamps=0")
    three()


CASES = [switched_on]
