"""A protocol in which the server speaks first, and it stays silent."""

import time

from netlab import attempt


def silent_for(net, client_addr, server_addr, prefix, port, seconds, patience):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.005)

    def late(conn):
        time.sleep(seconds)
        conn.sendall(b"220 ftp.example ready\r\n")
        attempt(conn.recv, 100)

    server.serve(port, late, addr="::" if ":" in addr else "0.0.0.0")
    net.at_both(client, server, f"the server greets after {seconds} s (a name look-up that times out); the client waits for {patience} s", prefix, expect={"tcp.flags == 0x12": 1})
    with client.connect(addr, port) as sock:
        sock.settimeout(patience)
        attempt(sock.recv, 100)


def patient(net):
    silent_for(net, "10.167.2.9/24", "10.167.2.21/24", "", 21, 5.05, 8)


def leaves(net):
    silent_for(net, "2001:db8:167::9/64", "2001:db8:167::22/64", "ipv6-", 22, 12, 6)


CASES = [patient, leaves]
