"""The request is acknowledged, then the server closes in order without a byte."""

import time

from netlab import attempt, exchange, http_server, request


def polite(net, client_addr, server_addr, port, think, prefix=""):
    client, server = net.hosts_named("client server")
    net.cable(client, client_addr, server, server_addr, delay=0.005)
    addr = server_addr.split("/")[0]

    def read_and_close(conn):
        conn.recv(4096)
        time.sleep(think)

    server.serve(port, read_and_close, addr="::" if ":" in addr else "0.0.0.0")
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, prefix + name, f"the server reads the request and closes with FIN {think} s later without having sent a byte",
                    expect={f"tcp.srcport == {port} && tcp.flags.fin == 1 && tcp.seq == 1": 1, f"tcp.srcport == {port} && tcp.len > 0": 0,
                            "tcp.flags.reset == 1": 0})
    sock = client.connect(addr, port)
    exchange(sock, request("/report"))
    sock.close()


def quick(net):
    polite(net, "10.73.2.4/24", "10.73.2.80/24", 8000, 0.02)


def ipv6(net):
    polite(net, "2001:db8:73::4/64", "2001:db8:73::80/64", 8000, 1.6, "ipv6-")


def near_miss_client_first(net):
    """The client closes first, having got its answer."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.74.2.4/24", server, "10.74.2.80/24", delay=0.005)
    server.serve(8000, http_server())
    net.capture(client, "near-miss-answered-client", "answer, then an orderly close by the client", headline="none",
                expect={"http.response": 1, "tcp.flags.reset == 1": 0})
    sock = client.connect("10.74.2.80", 8000)
    exchange(sock, request())
    sock.close()


def near_miss_no_request(net):
    """The server closes an idle connection on which nobody ever asked."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.75.2.4/24", server, "10.75.2.80/24", delay=0.005)
    server.serve(8000, lambda conn: time.sleep(5))
    net.capture(client, "near-miss-no-request-client", "a connection without any request is closed by the server's 5 s limit: no answer was owed",
                headline="none", expect={"tcp.len > 0": 0, "tcp.flags.fin == 1": 2})
    sock = client.connect("10.75.2.80", 8000)
    attempt(sock.recv, 10)
    sock.close()


CASES = [quick, ipv6, near_miss_client_first, near_miss_no_request]
