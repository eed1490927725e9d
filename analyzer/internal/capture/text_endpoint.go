package capture

import (
	"net/netip"
	"strconv"
	"strings"

	"pcaplain/analyzer/internal/lang"
)

// names gives host names of a listing an address to stand for them.
type names struct {
	reader *Reader
	byName map[string]netip.Addr
}

// standIn returns the address that stands for a host name. It is taken from the
// block that is reserved and never on any wire (240.0.0.0/4, RFC 1112), so that
// it cannot be taken for one the listing states.
func (n *names) standIn(name string) netip.Addr {
	name = strings.ToLower(name)
	if name == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if a, ok := n.byName[name]; ok {
		return a
	}
	if n.byName == nil {
		n.byName = map[string]netip.Addr{}
	}
	i := len(n.byName) + 1
	if i > maxNames {
		return netip.Addr{}
	}
	addr := netip.AddrFrom4([4]byte{240, 0, byte(i >> 8), byte(i)})
	n.byName[name] = addr
	if n.reader.info.Names == nil {
		n.reader.info.Names = map[netip.Addr]string{}
	}
	n.reader.info.Names[addr] = name
	n.reader.note("names-for-addresses", lang.Text{
		EN: "The listing names hosts without their addresses; addresses that begin with 240 stand for them here.",
		ZH: "列表里只有主机名而没有地址；这里用 240 开头的地址代表它们。",
	})
	return addr
}

// address reads an IP address, without its zone and unmapped, or invalid.
func address(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.WithZone("").Unmap()
}

// hostName reports whether s can be a host's name: not a number, not empty.
func hostName(s string) bool {
	letter := false
	for i := range len(s) {
		c := s[i]
		letter = letter || isLetter(c)
		if !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return letter && len(s) <= 253
}

// portNumber reads a port, as a number or by the name services are known by.
func portNumber(s string) (uint16, bool) {
	if n, err := strconv.ParseUint(s, 10, 16); err == nil {
		return uint16(n), true
	}
	n, ok := services[strings.ToLower(s)]
	return n, ok
}

// endpoint reads address and port: 10.0.0.1.80 as tcpdump prints them, and
// 10.0.0.1:80 and [::1]:80 as people do.
func (n *names) endpoint(s string, allowNames bool) (netip.AddrPort, bool) {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(a.Addr().WithZone("").Unmap(), a.Port()), true
	}
	i := strings.LastIndexByte(s, '.')
	if i <= 0 {
		i = strings.LastIndexByte(s, ':')
	}
	if i <= 0 {
		return netip.AddrPort{}, false
	}
	port, ok := portNumber(s[i+1:])
	if !ok {
		return netip.AddrPort{}, false
	}
	a := address(s[:i])
	if !a.IsValid() && allowNames && hostName(s[:i]) {
		a = n.standIn(s[:i])
	}
	return netip.AddrPortFrom(a, port), a.IsValid()
}

// services are the names that tcpdump and Wireshark print for ports of TCP.
var services = map[string]uint16{
	"echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "time": 37, "whois": 43, "nicname": 43,
	"tacacs": 49, "domain": 53, "gopher": 70, "finger": 79, "http": 80, "www": 80, "kerberos": 88, "kerberos-sec": 88, "pop3": 110, "sunrpc": 111, "auth": 113, "ident": 113,
	"nntp": 119, "ntp": 123, "epmap": 135, "loc-srv": 135, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "imap2": 143, "snmp": 161, "snmp-trap": 162, "bgp": 179, "irc": 194,
	"ldap": 389, "https": 443, "microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "ssmtp": 465, "urd": 465, "exec": 512, "login": 513, "shell": 514, "printer": 515, "rtsp": 554, "nntps": 563, "submission": 587, "ipp": 631, "ldaps": 636,
	"rsync": 873, "domain-s": 853, "ftps-data": 989, "ftps": 990, "telnets": 992, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434, "oracle": 1521, "ncube-lm": 1521, "pptp": 1723, "mqtt": 1883, "radius": 1812,
	"nfs": 2049, "zookeeper": 2181, "eforward": 2181, "docker": 2375, "docker-s": 2376, "etcd-client": 2379, "etcd-server": 2380, "squid": 3128, "ndl-aas": 3128, "icpv2": 3130, "mysql": 3306, "mysql-proxy": 6446, "ms-wbt-server": 3389, "svn": 3690, "epmd": 4369,
	"mysql-im": 2273, "sip": 5060, "sips": 5061, "sip-tls": 5061, "xmpp-client": 5222, "xmpp-server": 5269, "postgresql": 5432, "postgres": 5432, "amqp": 5672, "amqps": 5671, "vnc": 5900, "rfb": 5900, "cvspserver": 2401, "wsman": 5985, "wsmans": 5986, "x11": 6000, "redis": 6379,
	"ircd": 6667, "irdmi": 8000, "http-alt": 8080, "webcache": 8080, "http_alt": 8080, "pcsync-https": 8443, "https-alt": 8443, "privoxy": 8118, "sunwebadmin": 8800, "ddi-tcp-1": 8888, "cslistener": 9000, "xmltec-xmlmail": 9091, "xmlipcregsvc": 9092, "jetdirect": 9100, "hp-pdl-datastr": 9100,
	"wap-wsp": 9200, "git": 9418, "ndmp": 10000, "memcache": 11211, "memcached": 11211, "mongodb": 27017, "mongod": 27017, "commplex-main": 5000, "upnp": 5000, "distinct": 9999, "intermapper": 8181, "swx": 7300, "afs3-fileserver": 7000, "afs3-callback": 7001, "font-service": 7100, "cbt": 7777, "vcom-tunnel": 8001, "teradataordbms": 8002, "mcreport": 8003,
	"dynamid": 9002, "tungsten-http": 9762, "zabbix-agent": 10050, "zabbix-trapper": 10051, "webmin": 10000, "nessus": 1241, "isakmp": 500, "l2tp": 1701, "h323hostcall": 1720, "iscsi-target": 3260, "iscsi": 860, "rmiregistry": 1099, "kermit": 1649, "prosharedata": 1648, "sqlexec": 9088, "couchdb": 5984, "rwhois": 4321, "nrpe": 5666, "bacula-dir": 9101, "bacula-fd": 9102, "bacula-sd": 9103,
}
