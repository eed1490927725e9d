"""The network is quick, the server thinks."""

import time

from netlab import any_address, exchange, http_server, request


def thinking(net, client_addr, server_addr, prefix, think):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)
    server.serve(8080, http_server(think=think), addr=any_address(addr))
    net.at_both(client, server, f"requests are acknowledged at once and answered {think} s later, three times: the application is slow (info)", prefix,
                headline="who-is-slow|none", expect={"http.response": 3, "tcp.flags.reset == 1": 0})
    with client.connect(addr, 8080) as sock:
        for n in range(3):
            exchange(sock, request(f"/report/{n}"))
            time.sleep(0.1)


def ipv4(net):
    thinking(net, "10.172.2.9/24", "10.172.2.80/24", "", 2.4)


CASES = [ipv4]
