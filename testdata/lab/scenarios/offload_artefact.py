"""Checksums and segments as the stack hands them over, before hardware would finish them."""

from netlab import response


def one_side(net):
    """Only the client leaves its checksums to hardware."""
    client, server = net.hosts_named("client server")
    net.link(client, "10.39.2.9/24", server, "10.39.2.80/24")
    client.sh("ethtool -K eth0 tx on tso on gso on")
    server.serve(80, lambda conn: [conn.sendall(response(b"x" * 300)) for _ in iter(lambda: conn.recv(65536), b"")])
    net.capture(client, "client", "the client's checksums are left to hardware and look wrong in its own capture, its large writes are not yet cut; nothing is wrong",
                headline="offload-artefact|none", expect={"tcp.flags.reset == 1": 0, "http.response": ">=1"})
    with client.connect("10.39.2.80", 80) as sock:
        sock.sendall(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + b"u" * 20_000)
        sock.recv(4096)


CASES = [one_side]
