"""The client's patience ends before the answer comes."""

import time

from netlab import any_address, attempt, exchange, http_server, request


def impatient(net, client_addr, server_addr, prefix, think, patience):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)
    server.serve(8080, http_server(think=think), addr=any_address(addr))
    net.at_both(client, server, f"the client closes after {patience} s without an answer, which comes at {think} s and draws a reset", prefix,
                headline="client-gave-up|who-is-slow", expect={"tcp.flags.fin == 1 && tcp.dstport == 8080": ">=1", "tcp.flags.reset == 1": ">=1"})
    sock = client.connect(addr, 8080)
    sock.settimeout(patience)
    attempt(exchange, sock, request("/slow"))
    sock.close()
    time.sleep(think - patience + 0.5)


def ipv4(net):
    impatient(net, "10.173.2.9/24", "10.173.2.80/24", "", 4, 3)


CASES = [ipv4]
