"""A stateful firewall between a client and a server that forgets idle connections."""

from netlab import any_address

RULES = """table %(family)s filter {
    chain forward {
        type filter hook forward priority 0
        ct state established,related accept
        tcp flags & (syn|ack) == syn accept
        %(verdict)s
    }
}"""


def forgetful(net, prefix, idle, verdict, v6=False, delay=0.006):
    """client --- firewall (conntrack, `idle` s) --- server; returns them and the server's address."""
    client, firewall, server = net.hosts_named("client fw server")
    firewall.router()
    length = "/64" if v6 else "/24"
    near, far = (prefix + ":1::", prefix + ":2::") if v6 else (prefix + ".1.", prefix + ".2.")
    net.cable(client, near + "9" + length, firewall, near + "1" + length, delay=0.0005)
    net.cable(firewall, far + "1" + length, server, far + "80" + length, delay=delay)
    family = "-6 " if v6 else ""
    client.ip(f"{family}route add default via {near}1")
    server.ip(f"{family}route add default via {far}1")
    firewall.nft(RULES % {"family": "ip6" if v6 else "ip", "verdict": verdict})
    firewall.sysctl("net.netfilter.nf_conntrack_tcp_loose=0",
                    f"net.netfilter.nf_conntrack_tcp_timeout_established={idle}",
                    f"net.netfilter.nf_conntrack_tcp_timeout_unacknowledged={idle}")
    return client, firewall, server, far + "80", any_address(far)
