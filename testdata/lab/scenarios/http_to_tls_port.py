"""Plain HTTP sent to a port that speaks TLS."""

import os
import time

from netlab import attempt, exchange, request
from scenarios.tls_alert import certificate


def bare_close(net):
    """OpenSSL's server says nothing to plain HTTP; a real handshake in the file tells what the port speaks."""
    client, server, addr = net.pair("10.162.2.9/24", "10.162.2.80/24", delay=0.004)
    key, cert = certificate(net)
    server.spawn(["openssl", "s_server", "-quiet", "-accept", "9443", "-key", key, "-cert", cert, "-www"])
    time.sleep(0.6)
    net.at_both(client, server, "a TLS session, then a plain HTTP request to the same port: the server closes without a byte",
                headline="http-to-tls-port|server-closed-without-answer", expect={"tcp.flags.fin == 1 && tcp.srcport == 9443 && tcp.seq == 1": 1})
    client.sh(f"timeout 4 openssl s_client -connect {addr}:9443 </dev/null", check=False)
    with client.connect(addr, 9443) as sock:
        attempt(exchange, sock, request())
        time.sleep(0.2)


def nginx(net):
    client, server, addr = net.pair("10.163.2.9/24", "10.163.2.80/24", delay=0.004)
    key, cert = certificate(net)
    conf = os.path.join(net.out, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"daemon off; pid {net.out}/nginx.pid; error_log /dev/null; events {{ worker_connections 64; }}\n"
                f"http {{ access_log off; server {{ listen 443 ssl; ssl_certificate {cert}; ssl_certificate_key {key}; }} }}\n")
    server.spawn(["nginx", "-p", net.out, "-c", conf])
    time.sleep(0.6)
    net.capture(client, "nginx-client", "a plain HTTP request to nginx's TLS port: 400, the plain HTTP request was sent to HTTPS port", expect={"tcp.payload contains \"HTTPS port\"": 1})
    with client.connect(addr, 443) as sock:
        attempt(exchange, sock, request())
        time.sleep(0.2)


CASES = [bare_close, nginx]
