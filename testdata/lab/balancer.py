"""A balancer that remembers which real server a client port went to, like IPVS with conn_reuse_mode=0."""

from netlab import http_server

# Addresses are rewritten per packet without conntrack; the set is the table of entries.
RULES = """table ip lb {{
    set entries {{
        type ipv4_addr . inet_service
        timeout 120s
        flags dynamic, timeout
    }}
    chain pre {{
        type filter hook prerouting priority -300
        ip daddr {vip} tcp dport {port} ip saddr . tcp sport @entries notrack ip daddr set {old}
        ip daddr {vip} tcp dport {port} notrack ip daddr set {new}
        ip saddr {{ {old}, {new} }} tcp sport {port} notrack ip saddr set {vip}
    }}
}}"""


class Balanced:
    """client --- lb --- {old, new}; remember() makes an entry for a client port towards the old server."""

    def __init__(self, net, prefix, vip, port, tail=""):
        self.vip, self.port = vip, port
        self.client, self.lb, self.old, self.new = net.hosts_named("client lb old new")
        self.client_addr = prefix + ".1.17"
        self.old_addr, self.new_addr = prefix + ".2.31", prefix + ".2.32"
        net.link(self.client, self.client_addr + "/24", self.lb, prefix + ".1.1/24")
        net.switch((self.lb, prefix + ".2.1/24"), (self.old, self.old_addr + "/24"), (self.new, self.new_addr + "/24"))
        self.lb.router()
        self.client.route(f"default via {prefix}.1.1")
        self.listeners = []
        for host in (self.old, self.new):
            host.route(f"default via {prefix}.2.1")
            self.listeners.append(host.serve(port, http_server()))
        self.lb.nft(RULES.format(vip=vip, port=port, old=self.old_addr, new=self.new_addr))

    def remember(self, sport):
        self.lb.sh(f"nft add element ip lb entries '{{ {self.client_addr} . {sport} }}'")

    def stop_old_service(self):
        self.listeners[0].shutdown(2)
        self.listeners[0].close()
