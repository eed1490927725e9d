"""Established for the client, forgotten by the server without a trace."""

import time

from netlab import attempt, exchange, request, silent
from wire import DROP


def lost_ack(net, name_prefix, client_addr, server_addr, idle, port):
    """The handshake ACK is lost and the server never repeats its SYN-ACK (tcp_synack_retries=0)."""
    client, server = net.hosts_named("client server")
    server.sysctl("net.ipv4.tcp_synack_retries=0")

    def lose(f, forward):
        return DROP if forward and f.bare_ack else None

    net.cable(client, client_addr, server, server_addr, delay=0.002, rule=lose)
    addr = server_addr.split("/")[0]
    server.serve(port, silent, addr="::" if ":" in addr else "0.0.0.0")
    reset = {f"tcp.flags == 0x04 && tcp.srcport == {port}": 1, "tcp.flags == 0x12": 1}
    net.capture(client, name_prefix + "client", f"the handshake looks complete; after {idle} s of silence the first data draws a bare reset: the server's half-open entry had expired without a word",
                headline="idle-client-half-open-zombie|idle-timeout-rst|half-open-after-crash", expect=reset)
    net.capture(server, name_prefix + "server", f"the handshake ACK never arrived, the half-open entry expired after 1 s; data {idle} s later meets no connection and draws a bare reset",
                headline="idle-client-half-open-zombie", expect=reset)
    sock = client.connect(addr, port)
    time.sleep(idle)
    attempt(exchange, sock, request())


def pooled(net):
    lost_ack(net, "", "10.50.2.8/24", "10.50.2.90/24", 12, 8000)


def ipv6(net):
    lost_ack(net, "ipv6-", "2001:db8:50::8/64", "2001:db8:50::90/64", 7, 5432)


def near_miss_served(net):
    """A connection that idles for as long and is served."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.51.2.8/24", server, "10.51.2.90/24", delay=0.002)
    server.serve(8000, lambda conn: (conn.recv(4096), conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")))
    net.capture(client, "near-miss-served-client", "the first request follows after 9 s of silence and is answered",
                headline="none", expect={"http.response": 1, "tcp.flags.reset == 1": 0})
    sock = client.connect("10.51.2.90", 8000)
    time.sleep(9)
    exchange(sock, request())
    time.sleep(0.1)
    sock.close()


CASES = [pooled, ipv6, near_miss_served]
