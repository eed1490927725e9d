"""A proxy reuses an idle connection in the moment the backend closes it."""

import threading
import time

from netlab import any_address, attempt, exchange, request, response


def race(net, client_addr, server_addr, prefix, idle):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.04)
    limit = threading.Event()  # the backend's idle limit; set by us so that it falls together with a request

    def backend(conn):
        conn.settimeout(0.01)
        while not limit.is_set():
            try:
                if not conn.recv(4096):
                    return
            except TimeoutError:
                continue
            conn.sendall(response(b"ok\n"))

    server.serve(3000, backend, addr=any_address(addr))
    net.at_both(client, server, f"the backend closes idle connections after {idle} s; the proxy's next request is already under way when the FIN arrives and draws a bare reset, twice", prefix,
                expect={"tcp.flags == 0x04 && tcp.srcport == 3000": ">=2", "http.response": 4})
    for _ in range(2):
        limit.clear()
        sock = client.connect(addr, 3000)
        exchange(sock, request("/a"))
        time.sleep(0.3)
        exchange(sock, request("/b"))
        time.sleep(idle)
        limit.set()
        attempt(exchange, sock, request("/c"))
        sock.close()
        time.sleep(0.3)


def ipv4(net):
    race(net, "10.159.2.9/24", "10.159.2.80/24", "", 5)


def ipv6(net):
    race(net, "2001:db8:159::9/64", "2001:db8:159::80/64", "ipv6-", 4)


CASES = [ipv4, ipv6]
