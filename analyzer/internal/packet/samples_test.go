package packet

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/capture"
)

// octets reads annotated hex: everything behind a "#" is a remark, blanks and
// line ends are free.
func octets(t testing.TB, annotated string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(annotated) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			digits.WriteString(word)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("sample: %v", err)
	}
	return b
}

func frameOf(l capture.LinkType, b []byte) *capture.Frame {
	return &capture.Frame{Number: 1, LinkType: l, Data: b, WireLen: len(b)}
}

func decoded(t testing.TB, l capture.LinkType, annotated string) *Packet {
	t.Helper()
	p := new(Packet)
	NewDecoder().Decode(frameOf(l, octets(t, annotated)), p)
	return p
}

// summary says in one line all that a packet states, so that a sample can be
// compared as a whole.
func summary(p *Packet) string {
	var s strings.Builder
	say := func(when bool, format string, args ...any) {
		if when {
			fmt.Fprintf(&s, " "+format, args...)
		}
	}
	say(p.Cut, "cut")
	say(p.Malformed, "malformed")
	say(p.Knows(KnownDirection), "outbound=%v", p.Outbound)
	say(p.Knows(KnownMAC), "%x>%x", p.SrcMAC, p.DstMAC)
	say(!p.Knows(KnownMAC) && p.Knows(KnownSrcMAC), "%x>?", p.SrcMAC)
	say(p.VLAN != 0, "vlan %d", p.VLAN)
	say(p.Tunnel != 0, "tunnel")
	if p.Src.IsValid() {
		say(p.SrcPort != 0 || p.DstPort != 0, "%v:%d>%v:%d", p.Src, p.SrcPort, p.Dst, p.DstPort)
		say(p.SrcPort == 0 && p.DstPort == 0, "%v>%v", p.Src, p.Dst)
		say(true, "ip %d/%d", p.IPHeaderLen, p.IPLen)
	}
	say(p.Knows(KnownTTL), "ttl %d", p.TTL)
	say(p.Knows(KnownIPID), "id %d", p.IPID)
	say(p.DF, "DF")
	say(p.MoreFragments, "MF")
	say(p.TOS != 0, "tos %d", p.TOS)
	switch p.Kind {
	case KindTCP:
		s.WriteString(" |" + summaryTCP(p))
	case KindICMP:
		say(true, "| icmp %d/%d", p.ICMPType, p.ICMPCode)
		say(p.NextHopMTU != 0, "mtu %d", p.NextHopMTU)
		q := p.Quote
		say(q.Valid, "quotes %v:%d>%v:%d seq %d ttl %d len %d", q.Src, q.SrcPort, q.Dst, q.DstPort, q.Seq, q.TTL, q.IPLen)
		say(q.HasFlags, "flags %02x", q.Flags)
	case KindARP:
		say(true, "| arp reply=%v %x %v for %v", p.ARP.Reply, p.ARP.SenderMAC, p.ARP.SenderIP, p.ARP.TargetIP)
	case KindDNS:
		say(true, "| dns %v", p.DNS)
	case KindFragment:
		say(true, "| fragment at %d", p.FragmentOffset)
	default:
		say(true, "| other")
	}
	return strings.TrimSpace(s.String())
}

func summaryTCP(p *Packet) string {
	var s strings.Builder
	say := func(when bool, format string, args ...any) {
		if when {
			fmt.Fprintf(&s, " "+format, args...)
		}
	}
	for i, letter := range "FSRPAUEC" {
		if p.Flags>>i&1 == 1 {
			s.WriteRune(letter)
		}
	}
	say(true, "seq %d ack %d", p.Seq, p.Ack)
	say(p.Knows(KnownWindow), "win %d", p.Window)
	say(p.Urgent != 0, "urg %d", p.Urgent)
	say(true, "header %d", p.HeaderLen)
	say(p.Knows(KnownPayloadLen), "len %d", p.PayloadLen)
	say(len(p.Payload) > 0, "%q at %d", p.Payload, p.PayloadStart)
	say(!p.Knows(KnownOptions), "options?")
	say(p.Has(OptMSS), "mss %d", p.MSS)
	say(p.Has(OptWindowScale), "ws %d", p.WindowScale)
	say(p.Has(OptSACKPermitted), "sackOK")
	say(p.Has(OptSACK), "sack %v", p.SACK[:p.SACKCount])
	say(p.Has(OptTimestamps), "ts %d/%d", p.TSVal, p.TSEcr)
	say(p.Has(OptFastOpen), "tfo %d", p.FastOpen)
	say(p.Has(OptTOA), "toa %v", p.TOA)
	say(p.Has(OptMD5), "md5")
	say(p.Has(OptMPTCP), "mptcp")
	say(p.Has(OptNOPRun), "nops")
	say(p.Has(OptOther), "other")
	say(true, "%s", [...]string{"unverified", "good", "partial", "zero", "bad"}[p.Checksum])
	return s.String()
}

// Parts that several samples share.
const (
	eth = `
		02 00 00 00 00 02       # destination MAC
		02 00 00 00 00 01       # source MAC
	`
	ethIPv4 = eth + `08 00      # IPv4
	`
	ethIPv6 = eth + `86 dd      # IPv6
	`
	synIPv4 = `
		45 00 00 3c 12 34 40 00 # IPv4, 20 bytes of header, 60 in all, id 4660, DF
		40 06 00 00             # TTL 64, TCP
		0a 00 00 01 0a 00 00 02 # 10.0.0.1 > 10.0.0.2
	`
	synTCP = `
		c0 00 00 50             # 49152 > 80
		00 00 03 e8 00 00 00 00 # seq 1000, ack 0
		a0 02 fa f0             # 40 bytes of header, SYN, window 64240
		00 00 00 00             # checksum zero, urgent 0
		02 04 05 b4             # MSS 1460
		04 02                   # SACK permitted
		08 0a 00 00 10 00 00 00 00 00 # timestamps 4096, 0
		01                      # NOP
		03 03 07                # window scale 7
	`
	syn   = synIPv4 + synTCP
	synIs = `10.0.0.1:49152>10.0.0.2:80 ip 20/60 ttl 64 id 4660 DF |S seq 1000 ack 0 win 64240 header 40 len 0` +
		` mss 1460 ws 7 sackOK ts 4096/0 zero`
	macs = `020000000001>020000000002 `

	ackIPv4 = `
		45 00 00 2b 00 07 00 00 # 43 bytes in all, id 7
		3f 06 00 00             # TTL 63, TCP
		0a 00 00 02 0a 00 00 01 # 10.0.0.2 > 10.0.0.1
	`
	ackTCP = `
		00 50 c0 00             # 80 > 49152
		00 00 07 d0 00 00 03 e9 # seq 2000, ack 1001
		50 18 01 f5             # 20 bytes of header, PSH ACK, window 501
		00 00 00 00             # checksum zero, urgent 0
		61 62 63                # "abc"
	`
	ack   = ackIPv4 + ackTCP
	ackIs = `10.0.0.2:80>10.0.0.1:49152 ip 20/43 ttl 63 id 7 |PA seq 2000 ack 1001 win 501 header 20 len 3`

	ipv6TCP = `
		60 00 00 00 00 17 06 40 # IPv6, payload of 23 bytes, TCP, hop limit 64
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 # 2001:db8::1
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 # 2001:db8::2
	` + ackTCP
	ipv6Is = `2001:db8::1:80>2001:db8::2:49152 ip 40/63 ttl 64 |PA seq 2000 ack 1001 win 501 header 20 len 3`
)

// sample is one frame and what it says.
type sample struct {
	name string
	link capture.LinkType
	hex  string
	want string
}

var linkSamples = []sample{
	{"ethernet", capture.LinkEthernet, ethIPv4 + syn, macs + synIs},
	{"ethernet, padded to 60 bytes", capture.LinkEthernet, ethIPv4 + ack + "00 00 00", macs + ackIs + ` "abc" at 54 zero`},
	{"802.1Q", capture.LinkEthernet, eth + "81 00 a0 0a # priority 5, VLAN 10\n 08 00" + syn, macs + "vlan 10 " + synIs},
	{"802.1ad", capture.LinkEthernet, eth + "88 a8 00 64 # outer VLAN 100\n 81 00 00 0a # inner VLAN 10\n 08 00" + syn,
		macs + "vlan 10 tunnel " + synIs},
	{"802.3 with SNAP", capture.LinkEthernet, eth + "00 44 # 68 bytes\n aa aa 03 00 00 00 08 00" + syn, macs + synIs},
	{"802.3 without SNAP", capture.LinkEthernet, eth + "00 26 42 42 03 00 00 00 00 00 # spanning tree", macs + "| other"},
	{"cooked, sent", capture.LinkSLL, "00 04 00 01 00 06 02 00 00 00 00 01 00 00 08 00" + syn, "outbound=true 020000000001>? " + synIs},
	{"cooked, received", capture.LinkSLL, "00 00 00 01 00 06 02 00 00 00 00 01 00 00 08 00" + syn, "outbound=false 020000000001>? " + synIs},
	{"cooked, tun without addresses", capture.LinkSLL, "00 04 ff fe 00 00 00 00 00 00 00 00 00 00 86 dd" + ipv6TCP,
		"outbound=true " + ipv6Is + ` "abc" at 76 zero`},
	{"cooked, VLAN", capture.LinkSLL, "00 00 00 01 00 06 02 00 00 00 00 01 00 00 81 00 00 0a 08 00" + syn,
		"outbound=false 020000000001>? vlan 10 " + synIs},
	{"cooked v2, sent", capture.LinkSLL2, "08 00 00 00 00 00 00 02 00 01 04 06 02 00 00 00 00 01 00 00" + syn, "outbound=true 020000000001>? " + synIs},
	{"cooked v2, received", capture.LinkSLL2, "08 00 00 00 00 00 00 02 00 01 00 06 02 00 00 00 00 01 00 00" + syn, "outbound=false 020000000001>? " + synIs},
	{"loopback, little-endian host", capture.LinkNull, "02 00 00 00" + syn, synIs},
	{"loopback, big-endian host", capture.LinkNull, "00 00 00 02" + syn, synIs},
	{"loopback, macOS IPv6", capture.LinkNull, "1e 00 00 00" + ipv6TCP, ipv6Is + ` "abc" at 64 zero`},
	{"loopback, OpenBSD", capture.LinkLoop, "00 00 00 02" + syn, synIs},
	{"raw IPv4", capture.LinkRaw, syn, synIs},
	{"raw IPv6", capture.LinkRaw, ipv6TCP, ipv6Is + ` "abc" at 60 zero`},
	{"raw, neither", capture.LinkRaw, "00 01 02 03", "| other"},
	{"PPP with HDLC framing", capture.LinkPPP, "ff 03 00 21" + syn, synIs},
	{"PPP with a compressed protocol field", capture.LinkPPP, "21" + syn, synIs},
	{"PPPoE", capture.LinkEthernet, eth + "88 64 11 00 00 07 00 3e 00 21 # session 7, 62 bytes, IPv4" + "\n" + syn, macs + "tunnel " + synIs},
	{"PPPoE of another version", capture.LinkEthernet, eth + "88 64 12 00 00 07 00 3e 00 21", macs + "| other"},
	{"MPLS, two labels", capture.LinkEthernet, eth + "88 47 00 01 00 40 00 02 01 40" + syn, macs + synIs},
	{"MPLS pseudowire", capture.LinkEthernet, eth + "88 47 00 01 01 40 00 00 00 00 02 00 00 00 00 04 02 00 00 00 00 03 08 00" + syn,
		"020000000003>020000000004 " + synIs},
	{"ARP request", capture.LinkEthernet, eth + `08 06 00 01 08 00 06 04 00 01 # who has
		02 00 00 00 00 01 0a 00 00 01 00 00 00 00 00 00 0a 00 00 02`, macs + "| arp reply=false 020000000001 10.0.0.1 for 10.0.0.2"},
	{"ARP reply", capture.LinkEthernet, eth + `08 06 00 01 08 00 06 04 00 02 # is at
		02 00 00 00 00 01 0a 00 00 01 02 00 00 00 00 02 0a 00 00 02`, macs + "| arp reply=true 020000000001 10.0.0.1 for 10.0.0.2"},
	{"unknown EtherType", capture.LinkEthernet, eth + "88 cc 02 07", macs + "| other"},
	{"link type that is not opened", 189, syn, "| other"},
}

const snap = "aa aa 03 00 00 00 08 00"

var wrappedSamples = []sample{
	{"token ring", linkTokenRing, "10 40 02 00 00 00 00 02 02 00 00 00 00 01" + snap + syn, synIs},
	{"token ring with a route", linkTokenRing, "10 40 02 00 00 00 00 02 82 00 00 00 00 01 06 30 00 11 00 20" + snap + syn, synIs},
	{"SLIP", linkSLIP, strings.Repeat("00", 16) + syn, synIs},
	{"FDDI", linkFDDI, "57 02 00 00 00 00 02 02 00 00 00 00 01" + snap + syn, synIs},
	{"ATM", linkATM, snap + syn, synIs},
	{"PPP in HDLC", linkPPPHDLC, "ff 03 00 21" + syn, synIs},
	{"Cisco HDLC", linkCiscoHDLC, "0f 00 08 00" + syn, synIs},
	{"802.11 to the access point", linkWiFi, "08 01 00 00 02 00 00 00 00 09 02 00 00 00 00 01 02 00 00 00 00 02 00 00" + snap + syn, macs + synIs},
	{"802.11 with QoS from the access point", linkWiFi, "88 02 00 00 02 00 00 00 00 02 02 00 00 00 00 09 02 00 00 00 00 01 00 00 00 00" + snap + syn, macs + synIs},
	{"802.11 between access points", linkWiFi, "08 03 00 00 02 00 00 00 00 09 02 00 00 00 00 08 02 00 00 00 00 02 00 00 02 00 00 00 00 01" + snap + syn, synIs},
	{"802.11, encrypted", linkWiFi, "08 41 00 00 02 00 00 00 00 09 02 00 00 00 00 01 02 00 00 00 00 02 00 00" + snap + syn, "| other"},
	{"802.11, a beacon", linkWiFi, "80 00 00 00 ff ff ff ff ff ff 02 00 00 00 00 09 02 00 00 00 00 09 00 00 00 00 00 00 00 00 00 00", "| other"},
	{"radiotap", linkRadiotap, "00 00 08 00 00 00 00 00 08 01 00 00 02 00 00 00 00 09 02 00 00 00 00 01 02 00 00 00 00 02 00 00" + snap + syn, macs + synIs},
	{"decrypted IPsec", linkENC, "02 00 00 00 00 00 00 01 00 00 00 03" + syn, synIs},
	{"packet filter log", linkPFLog, "3d 02 01 00" + strings.Repeat("00", 60) + syn, synIs},
	{"FireWire", linkFireWire, strings.Repeat("01", 16) + "08 00" + syn, synIs},
	{"PPP, the direction in place of the address", linkPPPD, "01 03 00 21" + syn, "outbound=true " + synIs},
	{"PPP behind a direction", linkPPPDir, "00 ff 03 00 21" + syn, "outbound=false " + synIs},
	{"Juniper", linkJuniper, "4d 47 43 80 00 06 03 01 01 06 01 0e" + ethIPv4 + syn, "outbound=true " + macs + synIs},
	{"Juniper, received, without extensions", linkJuniper, "4d 47 43 01" + ethIPv4 + syn, "outbound=false " + macs + synIs},
	{"InfiniBand", linkIPoIB, strings.Repeat("00", 40) + "08 00 00 00" + syn, synIs},
	{"MPLS alone", linkMPLS, "00 01 01 40" + syn, synIs},
	{"Solaris", linkIPNET, "01 02 00 00 00 00 00 3c" + strings.Repeat("00", 16) + syn, synIs},
	{"netfilter log", linkNFLog, `02 00 00 05
		08 00 01 00 08 00 01 00 # packet header
		06 00 0a 00 78 00 00 00 # prefix, padded
		40 00 09 00` + syn, synIs},
	{"Ethernet behind four bytes", linkNetANA, "00 00 00 4a" + ethIPv4 + syn, macs + synIs},
	{"macOS, any interface", linkPktap, `6c 00 00 00 01 00 00 00 01 00 00 00 # 108 bytes, Ethernet
		65 6e 30 00` + strings.Repeat("00", 20) + "02 00 00 00" + strings.Repeat("00", 68) + ethIPv4 + syn, "outbound=true " + macs + synIs},
}

func TestWrappedLinks(t *testing.T) { testSamples(t, wrappedSamples) }

var ipSamples = []sample{
	{"IPv4 options", capture.LinkRaw, `
		46 02 00 2c 00 01 40 00 40 06 00 00 0a 00 00 01 0a 00 00 02 # 24 bytes of header, ECT(0)
		94 04 00 00             # router alert
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00`,
		"10.0.0.1:49152>10.0.0.2:80 ip 24/44 ttl 64 id 1 DF tos 2 |A seq 1000 ack 0 win 1 header 20 len 0 zero"},
	{"IPv4 first fragment", capture.LinkRaw, `
		45 00 00 2c 00 09 20 00 40 06 00 00 0a 00 00 01 0a 00 00 02 # more fragments
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00 61 62 63 64`,
		`10.0.0.1:49152>10.0.0.2:80 ip 20/44 ttl 64 id 9 MF |A seq 1000 ack 0 win 1 header 20 len 4 "abcd" at 40 unverified`},
	{"IPv4 later fragment", capture.LinkRaw, `
		45 00 00 1c 00 09 00 03 40 06 00 00 0a 00 00 01 0a 00 00 02 # offset 24
		c0 00 00 50 00 00 03 e8`, `10.0.0.1>10.0.0.2 ip 20/28 ttl 64 id 9 | fragment at 24`},
	{"IPv4 total length 0", capture.LinkRaw, `
		45 00 00 00 00 09 40 00 40 06 00 00 0a 00 00 01 0a 00 00 02
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00 61 62 63 64`,
		`10.0.0.1:49152>10.0.0.2:80 ip 20/44 ttl 64 id 9 DF |A seq 1000 ack 0 win 1 header 20 len 4 "abcd" at 40 zero`},
	{"IPv4 total length below the header's", capture.LinkRaw, "45 00 00 13" + strings.Repeat("00", 36), "malformed | other"},
	{"IPv4 header length below 20", capture.LinkRaw, "44 00 00 28" + strings.Repeat("00", 36), "malformed | other"},
	{"IPv4 by its type, IPv6 by its version", capture.LinkEthernet, ethIPv4 + "65 00 00 28" + strings.Repeat("00", 36), "malformed " + macs + "| other"},
	{"IPv4 authentication header", capture.LinkRaw, `
		45 00 00 40 00 01 00 00 40 33 00 00 0a 00 00 01 0a 00 00 02
		06 04 00 00 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 # TCP follows, 24 bytes
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00`,
		"10.0.0.1:49152>10.0.0.2:80 ip 20/64 ttl 64 id 1 |A seq 1000 ack 0 win 1 header 20 len 0 zero"},
	{"IPv6", capture.LinkEthernet, ethIPv6 + ipv6TCP, macs + ipv6Is + ` "abc" at 74 zero`},
	{"IPv6 extension headers", capture.LinkRaw, `
		60 20 00 00 00 34 00 40 # 52 bytes of payload, hop-by-hop first; traffic class 2
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		3c 00 05 02 00 00 01 00 # hop-by-hop: router alert; destination options next
		2c 01 01 04 00 00 00 00 01 06 00 00 00 00 00 00 # destination options, 16 bytes; fragment next
		06 00 00 00 00 00 00 05 # an atomic fragment; TCP next
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00`,
		"2001:db8::1:49152>2001:db8::2:80 ip 72/92 ttl 64 tos 2 |A seq 1000 ack 0 win 1 header 20 len 0 zero"},
	{"IPv6 first fragment", capture.LinkRaw, `
		60 00 00 00 00 1c 2c 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		06 00 00 01 00 00 00 05 # more fragments
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00`,
		"2001:db8::1:49152>2001:db8::2:80 ip 48/68 ttl 64 MF |A seq 1000 ack 0 win 1 header 20 len 0 unverified"},
	{"IPv6 later fragment", capture.LinkRaw, `
		60 00 00 00 00 10 2c 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		06 00 05 a8 00 00 00 05 # offset 1448
		c0 00 00 50 00 00 03 e8`, "2001:db8::1>2001:db8::2 ip 40/56 ttl 64 | fragment at 1448"},
	{"IPv6 payload length 0, no option (BIG TCP)", capture.LinkRaw, `
		60 00 00 00 00 00 06 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02` + ackTCP,
		`2001:db8::1:80>2001:db8::2:49152 ip 40/63 ttl 64 |PA seq 2000 ack 1001 win 501 header 20 len 3 "abc" at 60 zero`},
	{"IPv6 jumbo payload option, cut", capture.LinkRaw, `
		60 00 00 00 00 00 00 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		06 00 c2 04 00 01 86 a0 # jumbo payload: 100000 bytes` + "\n" + ackTCP,
		`2001:db8::1:80>2001:db8::2:49152 ip 48/100040 ttl 64 |PA seq 2000 ack 1001 win 501 header 20 len 99972 "abc" at 68 unverified`},
	{"IPv6 without a next header", capture.LinkRaw, `
		60 00 00 00 00 00 3b 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 00 00`, "2001:db8::1>2001:db8::2 ip 40/40 ttl 64 | other"},
	{"IPv6 segment routing under way", capture.LinkRaw, `
		60 00 00 00 00 2c 2b 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		06 02 04 01 00 00 00 00 # routing header of 24 bytes, one segment left
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 03
		c0 00 00 50 00 00 03 e8 00 00 00 00 50 10 00 01 00 00 00 00`,
		"2001:db8::1:49152>2001:db8::2:80 ip 64/84 ttl 64 |A seq 1000 ack 0 win 1 header 20 len 0 unverified"},
}

// segment is a TCP segment in IPv4 whose header is words*4 bytes long.
func segment(words int, flags, options string) string {
	return fmt.Sprintf(`45 00 00 %02x 00 01 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02
		00 01 00 02 00 00 00 03 00 00 00 04 %x0 %s 00 05 00 00 00 00 %s`, 20+words*4, words, flags, options)
}

func segmentIs(words int, flags, options string) string {
	return fmt.Sprintf("10.0.0.1:1>10.0.0.2:2 ip 20/%d ttl 64 id 1 |%s seq 3 ack 4 win 5 header %d len 0 %szero",
		20+words*4, flags, words*4, options)
}

var tcpSamples = []sample{
	{"every flag", capture.LinkRaw, segment(5, "ff", ""), segmentIs(5, "FSRPAUEC", "")},
	{"timestamps as usual", capture.LinkRaw, segment(8, "10", "01 01 08 0a 00 00 00 06 00 00 00 07"), segmentIs(8, "A", "ts 6/7 ")},
	{"timestamps elsewhere", capture.LinkRaw, segment(8, "10", "08 0a 00 00 00 06 00 00 00 07 01 01"), segmentIs(8, "A", "ts 6/7 ")},
	{"selective acknowledgements", capture.LinkRaw, segment(15, "10", `01 01 08 0a 00 00 00 06 00 00 00 07
		01 01 05 1a 00 00 00 0a 00 00 00 0b 00 00 00 0c 00 00 00 0d 00 00 00 0e 00 00 00 0f`),
		segmentIs(15, "A", "sack [{10 11} {12 13} {14 15}] ts 6/7 ")},
	{"Fast Open request", capture.LinkRaw, segment(6, "02", "22 02 01 01"), segmentIs(6, "S", "tfo 0 ")},
	{"Fast Open cookie", capture.LinkRaw, segment(8, "02", "22 0a 01 02 03 04 05 06 07 08 01 01"), segmentIs(8, "S", "tfo 8 ")},
	{"Fast Open, experimental", capture.LinkRaw, segment(8, "02", "fe 0c f9 89 01 02 03 04 05 06 07 08"), segmentIs(8, "S", "tfo 8 ")},
	{"client address, kind 254", capture.LinkRaw, segment(7, "10", "fe 08 c0 01 cb 00 71 09"), segmentIs(7, "A", "toa 203.0.113.9:49153 ")},
	{"client address whose port is Fast Open's magic", capture.LinkRaw, segment(7, "10", "fe 08 f9 89 cb 00 71 09"),
		segmentIs(7, "A", "toa 203.0.113.9:63881 ")},
	{"client address, kind 200", capture.LinkRaw, segment(7, "10", "c8 08 c0 01 cb 00 71 09"), segmentIs(7, "A", "toa 203.0.113.9:49153 ")},
	{"client address, IPv6", capture.LinkRaw, segment(10, "10", "fd 14 c0 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09"),
		segmentIs(10, "A", "toa [2001:db8::9]:49153 ")},
	{"MD5 signature", capture.LinkRaw, segment(10, "10", "13 12 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 00 00"), segmentIs(10, "A", "md5 ")},
	{"authentication option", capture.LinkRaw, segment(9, "10", "1d 10 01 02 00 01 02 03 04 05 06 07 08 09 0a 0b"), segmentIs(9, "A", "md5 ")},
	{"multipath", capture.LinkRaw, segment(8, "02", "1e 0c 01 00 00 01 02 03 04 05 06 07"), segmentIs(8, "S", "mptcp ")},
	{"NOPs in place of an option", capture.LinkRaw, segment(7, "02", "02 04 05 b4 01 01 01 01"), segmentIs(7, "S", "mss 1460 nops ")},
	{"two NOPs twice", capture.LinkRaw, segment(8, "02", "01 01 04 02 01 01 04 02 01 01 00 00"), segmentIs(8, "S", "sackOK ")},
	{"another kind", capture.LinkRaw, segment(7, "10", "45 06 01 02 03 04 01 01"), segmentIs(7, "A", "other ")},
	{"what follows the end of the list is no option", capture.LinkRaw, segment(7, "02", "04 02 00 02 04 05 b4 01"), segmentIs(7, "S", "sackOK ")},
	{"option of length 0", capture.LinkRaw, segment(7, "02", "04 02 03 00 01 01 01 01"), "malformed " + segmentIs(7, "S", "sackOK ")},
	{"option longer than the header", capture.LinkRaw, segment(6, "02", "01 01 02 04"), "malformed " + segmentIs(6, "S", "")},
	{"MSS of the wrong length", capture.LinkRaw, segment(7, "02", "02 05 05 b4 00 04 02 01"), "malformed " + segmentIs(7, "S", "sackOK other ")},
	{"header shorter than 20 bytes", capture.LinkRaw, strings.Replace(segment(5, "10", ""), "50 10", "40 10", 1),
		"malformed 10.0.0.1:1>10.0.0.2:2 ip 20/40 ttl 64 id 1 |A seq 3 ack 4 header 16 options? unverified"},
	{"header longer than the datagram", capture.LinkRaw, strings.Replace(segment(5, "10", ""), "50 10", "60 10", 1),
		"malformed 10.0.0.1:1>10.0.0.2:2 ip 20/40 ttl 64 id 1 |A seq 3 ack 4 header 24 options? unverified"},
}

// datagram wraps a UDP payload in IPv4 between two tunnel ends, in one direction
// or the other.
func datagram(reverse bool, destination uint16, payload string) string {
	ends := "c0 00 02 01 c0 00 02 02"
	if reverse {
		ends = "c0 00 02 02 c0 00 02 01"
	}
	n := len(strings.ReplaceAll(payload, " ", "")) / 2
	return fmt.Sprintf("45 00 %04x 00 01 00 00 40 11 00 00 %s cc cc %04x %04x 00 00 %s", 28+n, ends, destination, 8+n, payload)
}

// plain is annotated hex without its remarks.
func plain(annotated string) string {
	var s strings.Builder
	for line := range strings.Lines(annotated) {
		line, _, _ = strings.Cut(line, "#")
		s.WriteString(strings.TrimSpace(line) + " ")
	}
	return strings.TrimSpace(s.String())
}

// outer is an IPv4 header around a payload of another protocol.
func outer(protocol byte, payload string) string {
	n := len(strings.ReplaceAll(payload, " ", "")) / 2
	return fmt.Sprintf("45 00 %04x 00 01 00 00 40 %02x 00 00 c0 00 02 01 c0 00 02 02 %s", 20+n, protocol, payload)
}

var (
	plainSYN  = plain(syn)
	plainIPv6 = plain(ipv6TCP)
	frameSYN  = plain(ethIPv4 + syn)
)

var tunnelSamples = []sample{
	{"IPv4 in IPv4", capture.LinkRaw, outer(4, plainSYN), "tunnel " + synIs},
	{"IPv6 in IPv4", capture.LinkRaw, outer(41, plainIPv6), "tunnel " + ipv6Is + ` "abc" at 80 zero`},
	{"IPv4 in IPv6", capture.LinkRaw, `60 00 00 00 00 3c 04 40
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02` + syn, "tunnel " + synIs},
	{"GRE", capture.LinkRaw, outer(47, "00 00 08 00 "+plainSYN), "tunnel " + synIs},
	{"GRE with checksum, key and sequence", capture.LinkRaw, outer(47, "b0 00 08 00 00 00 00 00 00 00 00 2a 00 00 00 01 "+plainSYN), "tunnel " + synIs},
	{"GRE, bridged Ethernet", capture.LinkRaw, outer(47, "20 00 65 58 00 00 00 2a "+frameSYN), macs + "tunnel " + synIs},
	{"GRE of PPTP", capture.LinkRaw, outer(47, "30 81 88 0b 00 41 00 07 00 00 00 01 00 00 00 02 21 "+plainSYN), "tunnel " + synIs},
	{"GRE of a web cache", capture.LinkRaw, outer(47, "00 00 88 3e 00 00 00 00 "+plainSYN), "tunnel " + synIs},
	{"ERSPAN type I", capture.LinkRaw, outer(47, "00 00 88 be "+frameSYN), macs + "tunnel " + synIs},
	{"ERSPAN type II", capture.LinkRaw, outer(47, "10 00 88 be 00 00 00 01 10 0a 00 64 00 00 00 00 "+frameSYN), macs + "tunnel " + synIs},
	{"ERSPAN type III", capture.LinkRaw, outer(47, "10 00 22 eb 00 00 00 01 20 0a 00 64 00 00 00 00 00 00 00 00 "+frameSYN), macs + "tunnel " + synIs},
	{"VXLAN", capture.LinkRaw, datagram(false, 4789, "08 00 00 00 00 00 2a 00 "+frameSYN), macs + "tunnel " + synIs},
	{"VXLAN on Linux's old port", capture.LinkRaw, datagram(false, 8472, "08 00 00 00 00 00 2a 00 "+frameSYN), macs + "tunnel " + synIs},
	{"VXLAN with a group policy", capture.LinkRaw, datagram(false, 4789, "88 00 00 07 00 00 2a 00 "+frameSYN), macs + "tunnel " + synIs},
	{"VXLAN's generic extension", capture.LinkRaw, datagram(false, 4790, "0c 00 00 01 00 00 2a 00 "+plainSYN), "tunnel " + synIs},
	{"no VXLAN, but its port", capture.LinkRaw, datagram(false, 4789, "01 02 03 04 05 06 07 08 09"),
		"192.0.2.1:52428>192.0.2.2:4789 ip 20/37 ttl 64 id 1 | other"},
	{"GENEVE with an option", capture.LinkRaw, datagram(false, 6081, "02 00 65 58 00 00 2a 00 01 02 00 01 00 00 00 00 "+frameSYN), macs + "tunnel " + synIs},
	{"GTP-U", capture.LinkRaw, datagram(false, 2152, "30 ff 00 3c 00 00 00 07 "+plainSYN), "tunnel " + synIs},
	{"GTP-U with an extension header", capture.LinkRaw, datagram(false, 2152, "34 ff 00 44 00 00 00 07 00 00 00 85 01 00 09 00 "+plainSYN), "tunnel " + synIs},
	{"MPLS in UDP", capture.LinkRaw, datagram(false, 6635, "00 01 01 40 "+plainSYN), synIs},
	{"EtherIP", capture.LinkRaw, outer(97, "30 00 "+frameSYN), macs + "tunnel " + synIs},
	{"a fragment of a tunnel's datagram", capture.LinkRaw, strings.Replace(outer(4, plainSYN), "00 01 00 00 40", "00 01 00 03 40", 1),
		"192.0.2.1>192.0.2.2 ip 20/80 ttl 64 id 1 | fragment at 24"},
	{"a tunnel's first fragment, its segment cut", capture.LinkRaw, strings.Replace(outer(4, plain(ackIPv4 + ackTCP)[:127]), "00 01 00 00 40", "00 01 20 00 40", 1),
		"tunnel " + ackIs + ` "ab" at 60 unverified`},
}

func TestTunnels(t *testing.T) { testSamples(t, tunnelSamples) }

func tunnelOf(t *testing.T, raw string) uint32 {
	t.Helper()
	p := decoded(t, capture.LinkRaw, raw)
	if p.Kind != KindTCP || p.Tunnel == 0 {
		t.Fatalf("no tunnelled segment in %s", raw)
	}
	return p.Tunnel
}

// The identity of a tunnel is the same for both directions, whatever may differ
// between them, and another for another network.
func TestTunnelIdentity(t *testing.T) {
	vxlan := func(reverse bool, port uint16, network string) uint32 {
		return tunnelOf(t, datagram(reverse, port, "08 00 00 00 "+network+" 00 "+frameSYN))
	}
	gtp := func(reverse bool, id string) uint32 {
		return tunnelOf(t, datagram(reverse, 2152, "30 ff 00 3c "+id+" "+plainSYN))
	}
	equal := []struct {
		name string
		a, b uint32
	}{
		{"VXLAN", vxlan(false, 4789, "00 00 2a"), vxlan(true, 4789, "00 00 2a")},
		{"VXLAN of Cilium, an identity in each direction", vxlan(false, 8472, "00 00 2a"), vxlan(true, 8472, "00 00 2b")},
		{"GTP-U, a tunnel id in each direction", gtp(false, "00 00 00 07"), gtp(true, "00 00 00 09")},
	}
	for _, e := range equal {
		if e.a != e.b {
			t.Errorf("%s: %#x and %#x", e.name, e.a, e.b)
		}
	}
	nested := datagram(false, 4789, "08 00 00 00 00 00 2a 00 "+plain(ethIPv4)+" "+outer(4, plainSYN))
	distinct := map[uint32]string{}
	for name, tunnel := range map[string]uint32{
		"VXLAN 42":         vxlan(false, 4789, "00 00 2a"),
		"VXLAN 43":         vxlan(false, 4789, "00 00 2b"),
		"GTP-U":            gtp(false, "00 00 00 07"),
		"GENEVE 42":        tunnelOf(t, datagram(false, 6081, "00 00 08 00 00 00 2a 00 "+plainSYN)),
		"IPv4":             tunnelOf(t, outer(4, plainSYN)),
		"GRE":              tunnelOf(t, outer(47, "00 00 08 00 "+plainSYN)),
		"GRE key 42":       tunnelOf(t, outer(47, "20 00 08 00 00 00 00 2a "+plainSYN)),
		"IPv4 in IPv4":     tunnelOf(t, outer(4, outer(4, plainSYN))),
		"IPv4 in VXLAN 42": tunnelOf(t, nested),
	} {
		if other, taken := distinct[tunnel]; taken {
			t.Errorf("%s and %s have one identity", name, other)
		}
		distinct[tunnel] = name
	}
}

// A frame of nothing but nested tunnels ends at the bound.
func TestNestingIsBounded(t *testing.T) {
	b := octets(t, plainSYN)
	for range 100 {
		header := octets(t, outer(4, ""))
		total := len(b) + len(header)
		header[2], header[3] = byte(total>>8), byte(total)
		b = append(header, b...)
	}
	p := new(Packet)
	NewDecoder().Decode(frameOf(capture.LinkRaw, b), p)
	if p.Kind != KindOther || !p.Malformed {
		t.Errorf("a hundred tunnels: %s", summary(p))
	}
}

// quoted is the head of a segment as a router quotes it: 8 bytes of TCP.
const quoted = `
	45 00 05 dc 00 07 40 00 3e 06 00 00 0a 00 00 01 0a 00 00 02 # 1500 bytes, TTL 62
	c0 00 00 50 00 00 03 e8 # 49152 > 80, seq 1000
`

func icmpIPv4(header, payload string) string {
	return outer(1, plain(header)+" "+plain(payload))
}

func icmpIPv6(header, payload string) string {
	p := plain(header) + " " + plain(payload)
	return fmt.Sprintf(`60 00 00 00 %04x 3a ff
		fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02 %s`,
		len(strings.ReplaceAll(p, " ", ""))/2, p)
}

const (
	icmpFrom  = "192.0.2.1>192.0.2.2 "
	icmp6From = "fe80::1>fe80::2 "
	quoteIs   = "quotes 10.0.0.1:49152>10.0.0.2:80 seq 1000 ttl 62 len 1500"
	neighbour = "fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 09 "
)

var icmpSamples = []sample{
	{"host unreachable", capture.LinkRaw, icmpIPv4("03 01 00 00 00 00 00 00", quoted), icmpFrom + "ip 20/56 ttl 64 id 1 | icmp 3/1 " + quoteIs},
	{"fragmentation needed", capture.LinkRaw, icmpIPv4("03 04 00 00 00 00 05 78", quoted), icmpFrom + "ip 20/56 ttl 64 id 1 | icmp 3/4 mtu 1400 " + quoteIs},
	{"time exceeded, more quoted", capture.LinkRaw, icmpIPv4("0b 00 00 00 00 00 00 00", quoted+"00 00 00 00 50 11"),
		icmpFrom + "ip 20/62 ttl 64 id 1 | icmp 11/0 " + quoteIs + " flags 11"},
	{"unreachable, UDP quoted", capture.LinkRaw, icmpIPv4("03 03 00 00 00 00 00 00", strings.Replace(quoted, "3e 06", "3e 11", 1)),
		icmpFrom + "ip 20/56 ttl 64 id 1 | icmp 3/3"},
	{"unreachable, later fragment quoted", capture.LinkRaw, icmpIPv4("03 01 00 00 00 00 00 00", strings.Replace(quoted, "40 00 3e", "00 01 3e", 1)),
		icmpFrom + "ip 20/56 ttl 64 id 1 | icmp 3/1"},
	{"unreachable, 4 bytes of TCP quoted", capture.LinkRaw, icmpIPv4("03 01 00 00 00 00 00 00", strings.Replace(quoted, "00 00 03 e8", "", 1)),
		icmpFrom + "ip 20/52 ttl 64 id 1 | icmp 3/1"},
	{"echo", capture.LinkRaw, icmpIPv4("08 00 00 00 00 01 00 01", quoted), icmpFrom + "ip 20/56 ttl 64 id 1 | icmp 8/0"},
	{"packet too big", capture.LinkRaw, icmpIPv6("02 00 00 00 00 00 05 00", ipv6TCP),
		icmp6From + "ip 40/111 ttl 255 | icmp 2/0 mtu 1280 quotes 2001:db8::1:80>2001:db8::2:49152 seq 2000 ttl 64 len 63 flags 18"},
	{"no route", capture.LinkRaw, icmpIPv6("01 00 00 00 00 00 00 00", ipv6TCP),
		icmp6From + "ip 40/111 ttl 255 | icmp 1/0 quotes 2001:db8::1:80>2001:db8::2:49152 seq 2000 ttl 64 len 63 flags 18"},
	{"neighbour solicitation", capture.LinkRaw, icmpIPv6("87 00 00 00 00 00 00 00", neighbour+"01 01 02 00 00 00 00 01"),
		icmp6From + "ip 40/72 ttl 255 | arp reply=false 020000000001 fe80::1 for fe80::9"},
	{"neighbour advertisement", capture.LinkRaw, icmpIPv6("88 00 00 00 60 00 00 00", neighbour+"02 01 02 00 00 00 00 09"),
		icmp6From + "ip 40/72 ttl 255 | arp reply=true 020000000009 fe80::9 for fe80::2"},
	{"neighbour option of length 0", capture.LinkRaw, icmpIPv6("87 00 00 00 00 00 00 00", neighbour+"01 00 02 00 00 00 00 01"),
		icmp6From + "ip 40/72 ttl 255 | arp reply=false 000000000000 fe80::1 for fe80::9"},
}

func TestICMP(t *testing.T) { testSamples(t, icmpSamples) }

func fromDNS(message string) string {
	return strings.Replace(datagram(false, 40000, plain(message)), "cc cc", "00 35", 1)
}

var dnsSamples = []sample{
	{"an alias and two addresses", capture.LinkRaw, fromDNS(`
		12 34 81 80 00 01 00 03 00 00 00 00 # response, one question, three answers
		03 57 77 77 07 65 78 61 6d 70 6c 65 00 00 01 00 01 # Www.example, A
		c0 0c 00 05 00 01 00 00 00 3c 00 06 03 63 64 6e c0 10 # alias of cdn.example
		c0 29 00 01 00 01 00 00 00 3c 00 04 cb 00 71 09
		c0 29 00 1c 00 01 00 00 00 3c 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09
	`), "192.0.2.1:53>192.0.2.2:40000 ip 20/119 ttl 64 id 1 | dns [{www.example 203.0.113.9} {www.example 2001:db8::9}]"},
	{"a question", capture.LinkRaw, fromDNS(`12 34 01 00 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01`),
		"192.0.2.1:53>192.0.2.2:40000 ip 20/47 ttl 64 id 1 | other"},
	{"no such name", capture.LinkRaw, fromDNS(`12 34 81 83 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01`),
		"192.0.2.1:53>192.0.2.2:40000 ip 20/47 ttl 64 id 1 | other"},
	{"a name that cannot be printed", capture.LinkRaw, fromDNS(`12 34 81 80 00 01 00 01 00 00 00 00 03 3c 0a ff 00 00 01 00 01
		c0 0c 00 01 00 01 00 00 00 3c 00 04 cb 00 71 09`),
		"192.0.2.1:53>192.0.2.2:40000 ip 20/65 ttl 64 id 1 | dns [{<?? 203.0.113.9}]"},
	{"a name that points at itself", capture.LinkRaw, fromDNS(`12 34 81 80 00 01 00 01 00 00 00 00 c0 0c 00 01 00 01
		c0 0c 00 01 00 01 00 00 00 3c 00 04 cb 00 71 09`),
		"192.0.2.1:53>192.0.2.2:40000 ip 20/62 ttl 64 id 1 | other"},
	{"an answer cut short", capture.LinkRaw, fromDNS(`12 34 81 80 00 01 00 02 00 00 00 00 01 61 00 00 01 00 01
		c0 0c 00 01 00 01 00 00 00 3c 00 04 cb 00 71 09 c0 0c 00 01 00 01 00 00 00 3c 00 04 cb 00`),
		"192.0.2.1:53>192.0.2.2:40000 ip 20/77 ttl 64 id 1 | dns [{a 203.0.113.9}]"},
}

func TestDNS(t *testing.T) { testSamples(t, dnsSamples) }

func testSamples(t *testing.T, samples []sample) {
	d, p := NewDecoder(), new(Packet)
	for _, s := range samples {
		d.Decode(frameOf(s.link, octets(t, s.hex)), p)
		if got := summary(p); got != s.want {
			t.Errorf("%s:\n got %s\nwant %s", s.name, got, s.want)
		}
	}
}

func TestLinks(t *testing.T) { testSamples(t, linkSamples) }

func TestIP(t *testing.T) { testSamples(t, ipSamples) }

func TestTCP(t *testing.T) { testSamples(t, tcpSamples) }
