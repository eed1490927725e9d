"""A client uses up its source ports towards one server.

The range is made small (64 ports) so that a short capture holds what takes 28,232 connections by default.
"""

import time

from netlab import attempt


def accept_and_answer(conn):
    conn.recv(100)
    conn.sendall(b"done\n")
    attempt(conn.recv, 10)


def burst(net, net4, ports, count, name, says, headline, pause=0.0):
    client, server = net.hosts_named("client server")
    net.cable(client, net4 + ".9/24", server, net4 + ".80/24", delay=0.0005)
    client.sysctl(f"net.ipv4.ip_local_port_range={ports}", "net.ipv4.tcp_tw_reuse=1")
    server.serve(9000, accept_and_answer, backlog=256)
    net.capture(client, name, says, headline=headline, expect={"tcp.flags == 0x02": count, "tcp.flags.reset == 1": 0})
    done, refused, until = 0, 0, time.time() + 30
    while done < count and time.time() < until:
        sock = client.try_connect(net4 + ".80", 9000, timeout=3)
        if not sock:  # no free port: no packet leaves
            refused += 1
            time.sleep(0.02)
            continue
        sock.sendall(b"work\n")
        attempt(sock.recv, 100)
        sock.close()
        done += 1
        time.sleep(pause)
    return refused


def small_range(net):
    """64 ports, three times as many connections at once."""
    burst(net, "10.59.2", "41000 41063", 180, "client",
          "a client with a range of 64 source ports opens connection after connection; it goes through the whole range again and again, and connect() fails in between without a packet", "port-exhaustion")


def near_miss_wide(net):
    """The same number of connections from the default range."""
    burst(net, "10.60.2", "32768 60999", 150, "near-miss-wide-client",
          "150 connections in a row from the default range of source ports: none is used twice", "none", pause=0.005)


CASES = [small_range, near_miss_wide]
