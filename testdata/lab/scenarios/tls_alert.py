"""One side ends a TLS handshake with an alert."""

import os
import subprocess
import time


def certificate(net):
    key, cert = os.path.join(net.out, "key.pem"), os.path.join(net.out, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "3", "-subj", "/CN=app.example"], capture_output=True, check=True, timeout=20)
    return key, cert


def handshake(net, client_addr, server_addr, name, says, server_options, client_options, expect):
    client, server, addr = net.pair(client_addr, server_addr, delay=0.004)
    key, cert = certificate(net)
    server.spawn(["openssl", "s_server", "-quiet", "-accept", "[::]:443" if ":" in addr else "443", "-key", key, "-cert", cert, *server_options])
    time.sleep(0.6)
    net.capture(client, name + "client", says, expect=expect)
    target = f"[{addr}]" if ":" in addr else addr
    client.sh(f"timeout 4 openssl s_client -connect {target}:443 -servername app.example {client_options} </dev/null", check=False)
    time.sleep(0.3)


def version(net):
    handshake(net, "10.160.2.9/24", "10.160.2.80/24", "", "the client offers TLS 1.2, the server speaks only TLS 1.3: alert protocol_version from the server",
              ["-tls1_3"], "-tls1_2", {"tls.alert_message.desc == 70": 1})


def unknown_ca(net):
    handshake(net, "10.161.2.9/24", "10.161.2.80/24", "unknown-ca-", "TLS 1.2: the client does not trust the server's certificate: alert unknown_ca from the client",
              ["-tls1_2"], "-tls1_2 -verify_return_error -verify 1", {"tls.alert_message.desc == 48 || tls.alert_message.desc == 46 || tls.alert_message.desc == 42": 1})


def ciphers(net):
    handshake(net, "2001:db8:160::9/64", "2001:db8:160::80/64", "ipv6-", "IPv6, TLS 1.2: no cipher in common: alert handshake_failure from the server",
              ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", {"tls.alert_message.desc == 40": 1})


CASES = [version, unknown_ca, ciphers]
