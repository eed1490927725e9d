"""The receiver's application stops reading."""

import socket
import time

from netlab import any_address, attempt, download, request, sender

ZERO = "tcp.window_size_value == 0 && tcp.flags == 0x10"


def small_buffer(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)


def stall(net, client_addr, server_addr, seconds, name, says, resume=True):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)
    server.serve(80, sender(60_000), addr=any_address(addr))
    net.at_both(client, server, says, name, snaplen=150, expect={ZERO: ">=2"})
    sock = client.connect(addr, 80, prepare=small_buffer)
    sock.sendall(request("/file"))
    sock.recv(1000)
    time.sleep(seconds)
    while resume and len(attempt(sock.recv, 65536) or b"") and sock.gettimeout():
        sock.settimeout(0.4)


def once(net):
    stall(net, "10.134.2.9/24", "10.134.2.80/24", 3.5, "", "the client's application stops reading for 3.5 s: zero window, probes, window update, and the download goes on")


def forever(net):
    stall(net, "2001:db8:134::9/64", "2001:db8:134::80/64", 9, "ipv6-", "IPv6: the client's application never reads again; zero window to the end of the capture", resume=False)


def server_stalls(net):
    client, server, addr = net.pair("172.16.134.9/24", "172.16.134.80/24", delay=0.01)
    server.serve(80, lambda conn: time.sleep(5), prepare=small_buffer)
    net.capture(server, "upload-server", "the server's application does not read an upload: zero window from the server for 4 s", snaplen=150,
                expect={ZERO + " && tcp.srcport == 80": ">=2"})
    sock = client.connect(addr, 80)
    sock.settimeout(4)
    attempt(sock.sendall, b"x" * 3_000_000)


def near_miss_brief(net):
    client, server, addr = net.pair("10.135.2.9/24", "10.135.2.80/24", delay=0.004)
    server.serve(80, sender(60_000))
    net.capture(client, "near-miss-brief-client", "the reader pauses some milliseconds now and then; the window closes for under 0.1 s (info at most)", headline="none", snaplen=150,
                expect={"tcp.flags.reset == 1": 0})
    download(client, addr, 80, 60_000, pause=0.012, prepare=small_buffer)


CASES = [once, forever, server_stalls, near_miss_brief]
