"""close() while bytes wait unread: the kernel must send a reset."""

import time

from netlab import attempt, response


def upload(net, client_addr, server_addr, port, prefix=""):
    """The server answers 413 in the middle of an upload and closes."""
    client, server = net.hosts_named("client server")
    net.cable(client, client_addr, server, server_addr, delay=0.012)
    addr = server_addr.split("/")[0]

    def refuse(conn):
        conn.recv(1500)
        conn.sendall(response(b"body too large\n", "413 Payload Too Large", "Connection: close\r\n"))

    server.serve(port, refuse, addr="::" if ":" in addr else "0.0.0.0")
    for host, name in ((client, "client"), (server, "server")):
        net.capture(host, prefix + name, "the server answers 413 in the middle of an upload and closes with bytes unread: reset, and bare resets for what was still under way",
                    expect={f"tcp.srcport == {port} && tcp.flags.reset == 1": ">=1", f"tcp.srcport == {port} && tcp.len > 0": ">=1"})
    sock = client.connect(addr, port)
    attempt(sock.sendall, b"POST /upload HTTP/1.1\r\nHost: files.example\r\nContent-Length: 20000\r\n\r\n" + b"x" * 8000)
    time.sleep(0.06)
    attempt(sock.sendall, b"y" * 4000)
    time.sleep(0.5)
    attempt(sock.recv, 4096)
    sock.close()


def ipv4(net):
    upload(net, "10.71.4.15/24", "10.71.4.80/24", 8081)


def ipv6(net):
    upload(net, "2001:db8:71::15/64", "2001:db8:71::80/64", 8081, "ipv6-")


def client_leaves(net):
    """The client reads the head of an answer and closes while the rest waits in its buffer."""
    client, server = net.hosts_named("client server")
    net.cable(client, "172.27.4.15/24", server, "172.27.4.80/24", delay=0.008)

    def serve(conn):
        conn.recv(4096)
        conn.sendall(response(b"z" * 9000))
        time.sleep(1)

    server.serve(80, serve)
    net.capture(client, "reader-client", "the client reads 100 bytes of a 9 kB answer and closes: its kernel resets the connection",
                headline="close-with-unread-data|linger0-abort", expect={"tcp.dstport == 80 && tcp.flags.reset == 1": ">=1"})
    sock = client.connect("172.27.4.80", 80)
    sock.sendall(b"GET /big HTTP/1.1\r\nHost: files.example\r\n\r\n")
    time.sleep(0.3)
    sock.recv(100)
    sock.close()
    time.sleep(0.3)


def near_miss_drained(net):
    """The same answer in mid-upload, but the server reads on before it closes."""
    client, server = net.hosts_named("client server")
    net.cable(client, "10.72.4.15/24", server, "10.72.4.80/24", delay=0.012)

    def refuse(conn):
        conn.recv(1500)
        conn.sendall(response(b"body too large\n", "413 Payload Too Large", "Connection: close\r\n"))
        while conn.recv(65536):
            pass

    server.serve(8081, refuse)
    net.capture(server, "near-miss-drained-server", "the server answers 413, reads the rest of the upload and closes in order",
                headline="none", expect={"tcp.flags.reset == 1": 0, "http.response": 1})
    sock = client.connect("10.72.4.80", 8081)
    sock.sendall(b"POST /upload HTTP/1.1\r\nHost: files.example\r\nContent-Length: 8000\r\n\r\n" + b"x" * 8000)
    sock.recv(4096)
    sock.close()


CASES = [ipv4, ipv6, client_leaves, near_miss_drained]
