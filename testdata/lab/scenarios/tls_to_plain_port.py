"""A ClientHello sent to a port that speaks plain text."""

import os
import time


def nginx(net):
    client, server, addr = net.pair("10.164.2.9/24", "10.164.2.80/24", delay=0.004)
    conf = os.path.join(net.out, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"daemon off; pid {net.out}/nginx.pid; error_log /dev/null; events {{ worker_connections 64; }}\n"
                "http { access_log off; server { listen 8080; location / { return 200 'ok'; } } }\n")
    server.spawn(["nginx", "-p", net.out, "-c", conf])
    time.sleep(0.6)
    net.at_both(client, server, "a TLS ClientHello to a plain HTTP port: nginx answers 400 in plain text", expect={"tcp.payload contains \"400 Bad Request\"": ">=1"})
    client.sh(f"timeout 4 openssl s_client -connect {addr}:8080 -servername app.example </dev/null", check=False)
    time.sleep(0.2)


def banner(net):
    client, server, addr = net.pair("2001:db8:164::9/64", "2001:db8:164::25/64", delay=0.004)
    server.serve(25, lambda conn: (conn.sendall(b"220 mail.example ESMTP\r\n"), conn.recv(4096), conn.sendall(b"500 5.5.1 command not recognised\r\n"), time.sleep(0.2)), addr="::")
    net.capture(client, "ipv6-client", "IPv6: a TLS ClientHello to an SMTP port that wants STARTTLS first: banner and error 500 in plain text", expect={"tcp.payload contains \"220 mail\"": 1})
    client.sh(f"timeout 4 openssl s_client -connect [{addr}]:25 </dev/null", check=False)
    time.sleep(0.2)


CASES = [nginx, banner]
