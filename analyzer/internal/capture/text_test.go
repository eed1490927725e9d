package capture

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pcaplain/analyzer/internal/lang"
)

// say spells what a frame of a listing states, and nothing that it does not.
func say(f Frame) string {
	if f.Data != nil {
		return fmt.Sprintf("%d bytes of link type %d", len(f.Data), f.LinkType)
	}
	l := f.Line
	if l == nil {
		return "other"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v > %v %s", l.Src, l.Dst, flagText(l.Flags))
	stated := func(k Known, format string, args ...any) {
		if l.Known&k != 0 {
			fmt.Fprintf(&b, " "+format, args...)
		}
	}
	stated(KnownSeq, "seq %d", l.Seq)
	stated(KnownAck, "ack %d", l.Ack)
	stated(KnownWindow, "win %d", l.Window)
	stated(KnownPayloadLen, "len %d", l.PayloadLen)
	stated(KnownWireLen, "wire %d", f.WireLen)
	stated(KnownTTL, "ttl %d", l.TTL)
	stated(KnownIPID, "id %d df %v", l.IPID, l.DF)
	stated(KnownMAC, "mac %x %x", l.SrcMAC, l.DstMAC)
	stated(KnownChecksum, "bad %v", l.BadChecksum)
	stated(KnownOptions, "opt %x", l.Options)
	stated(KnownRelative, "relative")
	return b.String()
}

func flagText(flags uint8) string {
	var b strings.Builder
	for i, c := range "FSRPAUEW" {
		if flags&(1<<i) != 0 {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func sayAll(t *testing.T, listing string) []string {
	t.Helper()
	var lines []string
	for _, f := range mustRead(t, []byte(listing)).frames {
		lines = append(lines, say(f))
	}
	return lines
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing %q", want[i])
		case i >= len(want):
			t.Errorf("too much: %q", got[i])
		case got[i] != want[i]:
			t.Errorf("packet %d:\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
}

func TestTextOneLine(t *testing.T) {
	cases := []struct{ name, line, want string }{
		{"tcpdump", "18:56:40.353352 IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S], seq 853654705, win 29200, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0",
			"10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0 opt 020405b40402080a000000010000000001030307"},
		{"IPv6", "18:56:40.353352 IP6 fd00::1.35582 > fd00::2.443: Flags [SEW], seq 853654705, win 29200, length 0", "[fd00::1]:35582 > [fd00::2]:443 SEW seq 853654705 win 29200 len 0"},
		{"a link-local zone", "IP6 fe80::1%eth0.1000 > fe80::2%eth0.22: Flags [F.], seq 853654705, ack 953654705, win 1, length 0", "[fe80::1]:1000 > [fe80::2]:22 FA seq 853654705 ack 953654705 win 1 len 0"},
		{"loopback", "IP6 ::1.50050 > ::1.50034: Flags [R.], seq 3000000000, ack 4000000000, win 0, length 0", "[::1]:50050 > [::1]:50034 RA seq 3000000000 ack 4000000000 win 0 len 0"},
		{"IP in IP", "12:00:00.1 IP 192.168.0.1 > 192.168.0.2: IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0", "10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0"},
		{"no flags", "IP 10.0.0.1.1 > 10.0.0.2.2: Flags [none], win 1, length 0", "10.0.0.1:1 > 10.0.0.2:2  win 1 len 0"},
		{"service name", "IP 10.0.0.1.50000 > 10.0.0.2.mysql: Flags [P.], seq 3000000001:3000000011, ack 4000000001, win 5, length 10", "10.0.0.1:50000 > 10.0.0.2:3306 PA seq 3000000001 ack 4000000001 win 5 len 10"},
		{"-e", "00:00:01.5 00:16:35:a4:c1:c6 > 00:00:0c:07:ac:01, ethertype IPv4 (0x0800), length 74: 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0",
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 wire 74 mac 001635a4c1c6 00000c07ac01"},
		{"-e with a VLAN", "00:00:01.5 00:16:35:a4:c1:c6 > 00:00:0c:07:ac:01, ethertype 802.1Q (0x8100), length 78: vlan 5, p 0, ethertype IPv4 (0x0800), 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0",
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 wire 78 mac 001635a4c1c6 00000c07ac01"},
		{"-v of IPv6", "12:00:00.1 IP6 (flowlabel 0x51, hlim 63, next-header TCP (6) payload length: 20) fd00::1.9 > fd00::2.443: Flags [R], cksum 0x1234 (correct), seq 853654705, win 0, length 0",
			"[fd00::1]:9 > [fd00::2]:443 R seq 853654705 win 0 len 0 ttl 63 bad false"},
		{"-v glued to one line", "12:00:00.1 IP (tos 0x0, ttl 64, id 12096, offset 0, flags [DF], proto TCP (6), length 60) 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], cksum 0x1a2b (incorrect -> 0x9f01), seq 853654705, win 9, length 0",
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 ttl 64 id 12096 df true bad true"},
		{"before 4.0", "18:56:40.353352 IP 10.0.0.1.35582 > 10.0.0.2.80: S 853654705:853654705(0) win 5840 <mss 1460,sackOK,timestamp 7 0,nop,wscale 7> (DF)",
			"10.0.0.1:35582 > 10.0.0.2:80 S seq 853654705 win 5840 len 0 opt 020405b40402080a000000070000000001030307"},
		{"version 3", "18:56:40.353352 10.0.0.2.80 > 10.0.0.1.35582: P 853654705:853654811(106) ack 953654705 win 5840 (ttl 64, id 77, len 146)",
			"10.0.0.2:80 > 10.0.0.1:35582 PA seq 853654705 ack 953654705 win 5840 len 106 ttl 64 id 77 df false"},
		{"version 3, acknowledgement", "18:56:40.353352 10.0.0.2.80 > 10.0.0.1.35582: . ack 953654705 win 5840", "10.0.0.2:80 > 10.0.0.1:35582 A ack 953654705 win 5840 len 0"},
		{"full-width", "１　18:56:40.353352　IP　10.4.26.45.35582　＞　10.4.26.234.80：　Flags　［S］，　seq　853654705，　win　29200，　length　0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"a bullet and hard spaces", "• 18:56:40.353352\u00a0IP\u00a010.4.26.45.35582\u00a0→\u00a010.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"Markdown", `> \#1 18:56:40.353352 IP 10.4.26.45.35582 \> 10.4.26.234.80: Flags \[S\.\], seq 853654705, ack 4000000000, win 29200, length 0`, "10.4.26.45:35582 > 10.4.26.234:80 SA seq 853654705 ack 4000000000 win 29200 len 0"},
		{"entities, escaped twice", "IP 10.4.26.45.35582 &amp;gt; 10.4.26.234.80: Flags &#91;S&#93;, seq 853654705, win 29200, length&nbsp;0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"tags", `<p class="a>b">IP 10.4.26.45.<b>35582</b> <strong>></strong> 10.4.26.234.80: Flags [<i>S</i>], seq 853654705, win 29200, length 0</p>`, "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"colours", "\x1b[32mIP 10.4.26.45.35582 > 10.4.26.234.80:\x1b[0m Flags [S], seq 853654705, win 29200, length 0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"glued prose", "客户端发出：IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0然后超时", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"no space at the arrow", "IP 10.4.26.45.35582>10.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0"},
		{"an interface", "18:56:40.353352 eth0  In  IP 10.0.0.1.1 > 10.0.0.2.2: Flags [R], seq 853654705, win 0, length 0", "10.0.0.1:1 > 10.0.0.2:2 R seq 853654705 win 0 len 0"},
		{"application text", "IP 10.0.0.1.1 > 10.0.0.2.80: Flags [P.], seq 853654705:853654709, ack 4000000000, win 9, length 4: HTTP: GET /?seq 1 ack 2 win 3 length 9", "10.0.0.1:1 > 10.0.0.2:80 PA seq 853654705 ack 4000000000 win 9 len 4"},
		{"an option with the client's address", "IP 10.0.0.1.1 > 10.0.0.2.80: Flags [.], ack 4000000000, win 9, options [unknown-200 0x1f40c0a80105], length 0", "10.0.0.1:1 > 10.0.0.2:80 A ack 4000000000 win 9 len 0 opt c8081f40c0a80105"},
		{"tshark", "    1 0.000154 10.4.26.45 → 10.4.26.234 TCP 74 35582 → 80 [SYN] Seq=0 Win=29200 Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128",
			"10.4.26.45:35582 > 10.4.26.234:80 S seq 0 win 29200 len 0 wire 74 opt 020405b40402080a000000010000000001030307 relative"},
		{"an older tshark", "  7   3.000154 10.4.26.45 -> 10.4.26.234 TCP [TCP Retransmission] 35582 > http [PSH, ACK] Seq=1 Ack=1 Win=5840 Len=10 TSV=1 TSER=2",
			"10.4.26.45:35582 > 10.4.26.234:80 PA seq 1 ack 1 win 5840 len 10 opt 0101080a0000000100000002 relative"},
		{"Wireshark, tabs", "7\t3.000154\t10.4.26.45\t10.4.26.234\tTCP\t66\t[TCP Dup ACK 3#1] 35582 → 80 [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=5 SRE=9",
			"10.4.26.45:35582 > 10.4.26.234:80 A seq 1 ack 1 win 5840 len 0 wire 66 opt 0101050a0000000500000009 relative"},
		{"comma-separated", `"7","3.000154","10.4.26.45","10.4.26.234","TCP","54","35582  >  80 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0"`, "10.4.26.45:35582 > 10.4.26.234:80 RA seq 1 ack 1 win 0 len 0 wire 54 relative"},
		{"a date before the time", "1 2020-11-18 08:42:18.387260 fd00::1 fd00::2 TCP 86 64866 → http(80) [FIN, ACK] Seq=1 Ack=1 Win=5840 Len=0", "[fd00::1]:64866 > [fd00::2]:80 FA seq 1 ack 1 win 5840 len 0 wire 86 relative"},
		{"absolute numbers", "1 0.000154 10.4.26.45 → 10.4.26.234 TCP 54 35582 → 80 [SYN] Seq=853654705 Win=29200 Len=0", "10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0 wire 54"},
		{"an annotation after", "1 0.000154 10.4.26.45 → 10.4.26.234 TCP 1514 443 → 5000 [ACK] Seq=1 Ack=1 Win=9 Len=1460 [TCP segment of a reassembled PDU]", "10.4.26.45:443 > 10.4.26.234:5000 A seq 1 ack 1 win 9 len 1460 wire 1514 relative"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { expect(t, sayAll(t, c.line), []string{c.want}) })
	}
}

// The header that -v prints on a line of its own belongs to the line after it;
// a packet quoted in an ICMP error is no packet of the capture.
func TestTextVerbose(t *testing.T) {
	expect(t, sayAll(t, `12:00:00.100000 IP (tos 0x0, ttl 64, id 12096, offset 0, flags [DF], proto TCP (6), length 60)
    10.0.0.1.1000 > 10.0.0.2.22: Flags [S], cksum 0x1a2b (correct), seq 853654705, win 9, length 0
12:00:00.200000 00:16:35:a4:c1:c6 > 00:00:0c:07:ac:01, ethertype IPv4 (0x0800), length 102: (tos 0xc0, ttl 63, id 5, offset 0, flags [none], proto ICMP (1), length 88)
    10.0.0.9 > 10.0.0.1: ICMP host 10.0.0.2 unreachable, length 68
	IP (tos 0x0, ttl 62, id 12096, offset 0, flags [DF], proto TCP (6), length 60)
    10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
12:00:00.300000 IP (tos 0x0, ttl 64, id 12097, offset 0, flags [none], proto TCP (6), length 60)
    10.0.0.1.1000 > 10.0.0.2.22: Flags [S], cksum 0x1a2b (correct), seq 853654705, win 9, length 0
`), []string{
		"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 ttl 64 id 12096 df true bad false",
		"other",
		"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 ttl 64 id 12097 df false bad false",
	})
}

func TestTextWrappedLine(t *testing.T) {
	expect(t, sayAll(t, `12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, options [mss 1460,sackOK,TS val 1
 ecr 0,nop,wscale 7], length 0
12:00:00.2 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [R], seq 853654706, win 0, length 0`), []string{
		"10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0 opt 020405b40402080a000000010000000001030307",
		"10.0.0.1:1000 > 10.0.0.2:22 R seq 853654706 win 0 len 0 opt ",
	})
}

func TestTextSeveralPacketsOnOneLine(t *testing.T) {
	glued := "1 18:56:40.353352 IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0 2 18:56:40.353506 IP 10.4.26.234.80 > 10.4.26.45.35582: Flags [R.], seq 0, ack 853654706, win 0, length 0"
	want := []string{"10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0", "10.4.26.234:80 > 10.4.26.45:35582 RA seq 0 ack 853654706 win 0 len 0 relative"}
	expect(t, sayAll(t, glued), want)
	expect(t, sayAll(t, strings.ReplaceAll(glued, " 2 18", "<br/>2 18")), want)
	if g := mustRead(t, []byte(glued)); g.frames[1].Time != (18*3600+56*60+40)*lang.Second+353_506_000 {
		t.Errorf("time %d", g.frames[1].Time)
	}
}

// Relative numbers become absolute from the ones tcpdump printed first.
func TestTextRelativeNumbers(t *testing.T) {
	const handshake = `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 4294967290, win 9, length 0
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [S.], seq 2000000000, ack 4294967291, win 9, length 0
`
	cases := []struct {
		name, listing string
		want          []string
	}{
		{"after the handshake, across the wrap", handshake + `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [.], ack 1, win 9, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [P.], seq 1:101, ack 1, win 9, length 100
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [.], ack 101, win 9, options [nop,nop,sack 1 {201:301}], length 0
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [R.], seq 1, ack 101, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 4294967290 win 9 len 0",
			"10.0.0.2:22 > 10.0.0.1:1000 SA seq 2000000000 ack 4294967291 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 A ack 2000000001 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 PA seq 4294967291 ack 2000000001 win 9 len 100",
			"10.0.0.2:22 > 10.0.0.1:1000 A ack 95 win 9 len 0 opt 0101050a000000c300000127",
			"10.0.0.2:22 > 10.0.0.1:1000 RA seq 2000000001 ack 95 win 9 len 0 opt ",
		}},
		{"-S", handshake + `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [P.], seq 4294967291:95, ack 2000000001, win 9, length 100
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [.], ack 95, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 4294967290 win 9 len 0",
			"10.0.0.2:22 > 10.0.0.1:1000 SA seq 2000000000 ack 4294967291 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 PA seq 4294967291 ack 2000000001 win 9 len 100",
			"10.0.0.2:22 > 10.0.0.1:1000 A ack 95 win 9 len 0",
		}},
		{"from mid-conversation", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [P.], seq 1000000000:1000000010, ack 2000000000, win 9, length 10
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [P.], seq 1:6, ack 10, win 9, length 5
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [.], ack 6, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 PA seq 1000000000 ack 2000000000 win 9 len 10",
			"10.0.0.2:22 > 10.0.0.1:1000 PA seq 2000000000 ack 1000000010 win 9 len 5",
			"10.0.0.1:1000 > 10.0.0.2:22 A ack 2000000005 win 9 len 0",
		}},
		{"an excerpt without its beginning", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [P.], seq 1:101, ack 1, win 9, length 100
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [.], ack 101, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 PA seq 1 ack 1 win 9 len 100 relative",
			"10.0.0.2:22 > 10.0.0.1:1000 A ack 101 win 9 len 0 relative",
		}},
		{"only one direction was captured", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 3602057454, win 9, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [.], ack 4185016643, win 9, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [P.], seq 0:40, ack 1, win 9, length 40`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 3602057454 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 A ack 4185016643 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 PA seq 3602057455 ack 4185016643 win 9 len 40",
		}},
		{"data in the SYN", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 3976103259:3976103345, win 9, length 86
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [S.], seq 1264775795, ack 3976103346, win 9, length 0
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [P.], seq 1:11, ack 1, win 9, length 10`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 3976103259 win 9 len 86",
			"10.0.0.2:22 > 10.0.0.1:1000 SA seq 1264775795 ack 3976103346 win 9 len 0",
			"10.0.0.2:22 > 10.0.0.1:1000 PA seq 1264775796 ack 3976103346 win 9 len 10",
		}},
		{"a challenge to a reused port", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 3804035183, win 9, length 0
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [.], ack 3809035184, win 9, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [R], seq 3809035184, win 0, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 3804035183, win 9, length 0
IP 10.0.0.2.22 > 10.0.0.1.1000: Flags [.], ack 1, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 3804035183 win 9 len 0",
			"10.0.0.2:22 > 10.0.0.1:1000 A ack 3809035184 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 R seq 3809035184 win 0 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 3804035183 win 9 len 0",
			"10.0.0.2:22 > 10.0.0.1:1000 A ack 3809035184 win 9 len 0",
		}},
		{"two conversations that could be answered", `IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 3602057454, win 9, length 0
IP 10.0.1.1.1000 > 10.0.0.2.22: Flags [S], seq 3602057454, win 9, length 0
IP 10.0.0.9.22 > 10.0.2.1.1000: Flags [S.], seq 1264775795, ack 3602057455, win 9, length 0
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [.], ack 1, win 9, length 0`, []string{
			"10.0.0.1:1000 > 10.0.0.2:22 S seq 3602057454 win 9 len 0",
			"10.0.1.1:1000 > 10.0.0.2:22 S seq 3602057454 win 9 len 0",
			"10.0.0.9:22 > 10.0.2.1:1000 SA seq 1264775795 ack 3602057455 win 9 len 0",
			"10.0.0.1:1000 > 10.0.0.2:22 A ack 1 win 9 len 0 relative",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { expect(t, sayAll(t, c.listing), c.want) })
	}
}

// Wireshark shows windows multiplied; the header's value comes back where the
// factor was shown and was in force.
func TestTextScaledWindow(t *testing.T) {
	list := func(serverOptions string) string {
		return `1 0.100000 10.0.0.1 → 10.0.0.2 TCP 74 1000 → 80 [SYN] Seq=0 Win=29200 Len=0 WS=128
2 0.200000 10.0.0.2 → 10.0.0.1 TCP 74 80 → 1000 [SYN, ACK] Seq=0 Ack=1 Win=28960 Len=0` + serverOptions + `
3 0.300000 10.0.0.1 → 10.0.0.2 TCP 66 1000 → 80 [ACK] Seq=1 Ack=1 Win=29312 Len=0
4 0.400000 10.0.0.2 → 10.0.0.1 TCP 66 80 → 1000 [ACK] Seq=1 Ack=1 Win=262144 Len=0`
	}
	window := func(listing string) (windows []string) {
		for _, f := range mustRead(t, []byte(listing)).frames {
			if f.Line.Known&KnownWindow == 0 {
				windows = append(windows, "unknown")
			} else {
				windows = append(windows, fmt.Sprint(f.Line.Window))
			}
		}
		return windows
	}
	if got := window(list(" WS=64")); !slices.Equal(got, []string{"29200", "28960", "229", "4096"}) {
		t.Errorf("both scale: %v", got)
	}
	if got := window(list("")); !slices.Equal(got, []string{"29200", "28960", "29312", "unknown"}) {
		t.Errorf("the server does not scale: %v", got)
	}
}

func TestTextTimes(t *testing.T) {
	const rest = " IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0\n"
	const noon = 12 * lang.Hour
	cases := []struct {
		name  string
		times []string
		want  []int64
		date  bool
	}{
		{"time of day", []string{"12:00:00.000001", "12:00:01"}, []int64{noon + 1000, noon + lang.Second}, false},
		{"across midnight", []string{"23:59:59.5", "00:00:00.5", "00:00:01.5"}, []int64{24*lang.Hour - lang.Second/2, 24*lang.Hour + lang.Second/2, 24*lang.Hour + 3*lang.Second/2}, false},
		{"out of order", []string{"12:00:01", "12:00:00", "12:00:02"}, []int64{noon + lang.Second, noon, noon + 2*lang.Second}, false},
		{"-tttt", []string{"2020-09-13 12:26:40.000000001", "2020-09-13 12:26:41"}, []int64{someTime*lang.Second + 1, (someTime + 1) * lang.Second}, true},
		{"-tt", []string{"1600000000.000001", "1600000001.123456789"}, []int64{someTime*lang.Second + 1000, (someTime+1)*lang.Second + 123_456_789}, true},
		{"a month's name", []string{"Sep 13, 2020 12:26:40.000000001 CST", "Sep  13, 2020 12:26:41.0 CST"}, []int64{someTime*lang.Second + 1, (someTime + 1) * lang.Second}, true},
		{"-ttt", []string{" 00:00:00.000000", " 00:00:00.000190", " 00:00:00.000011", "00:00:03.0"}, []int64{0, 190_000, 201_000, 3_000_201_000}, false},
		{"-ttttt", []string{" 00:00:00.000000", " 00:00:00.000190", " 00:00:00.000201"}, []int64{0, 190_000, 201_000}, false},
		{"-ttt, out of order", []string{" 00:00:00.000000", " 00:00:00.000190", "-00:00:00.000011", "00:00:03.0"}, []int64{0, 190_000, 179_000, 3_000_179_000}, false},
		{"since the first, out of order", []string{"0.000000", "0.034112987", "0.034109302", "0.400000000"}, []int64{0, 34_112_987, 34_109_302, 400_000_000}, false},
		{"seconds since the first", []string{"0.000000", "0.000190", "10.000201"}, []int64{0, 190_000, 10_000_201_000}, false},
		{"a fraction after a comma", []string{"12:00:00,000001"}, []int64{noon + 1000}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := mustRead(t, []byte(strings.Join(c.times, rest)+rest))
			var times []int64
			for _, f := range g.frames {
				times = append(times, f.Time)
				if dated := f.Line.Known&KnownDate != 0; dated != c.date || f.NoTime {
					t.Errorf("date known: %v, no time: %v", dated, f.NoTime)
				}
			}
			if !slices.Equal(times, c.want) {
				t.Errorf("times %v, want %v", times, c.want)
			}
		})
	}
	if f := mustRead(t, []byte(rest)).frames[0]; !f.NoTime {
		t.Error("-t: a time appears from nowhere")
	}
}

func TestTextHostNames(t *testing.T) {
	g := mustRead(t, []byte(`12:00:00.1 IP web-1.example.com.35582 > db.mysql: Flags [S], seq 853654705, win 9, length 0
12:00:00.2 IP db.mysql > web-1.example.com.35582: Flags [R.], seq 0, ack 853654706, win 0, length 0
12:00:00.3 IP localhost.1000 > 10.0.0.1.80: Flags [S], seq 953654705, win 9, length 0`))
	if len(g.frames) != 3 {
		t.Fatalf("%d frames", len(g.frames))
	}
	first, second := g.frames[0].Line, g.frames[1].Line
	if first.Src != second.Dst || first.Dst != second.Src || first.Dst.Port() != 3306 {
		t.Errorf("%v > %v, then %v > %v", first.Src, first.Dst, second.Src, second.Dst)
	}
	if g.info.Names[first.Src.Addr()] != "web-1.example.com" || g.info.Names[first.Dst.Addr()] != "db" || !netip.MustParsePrefix("240.0.0.0/4").Contains(first.Src.Addr()) {
		t.Errorf("names %v", g.info.Names)
	}
	if g.frames[2].Line.Src.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("localhost is %v", g.frames[2].Line.Src)
	}
	if len(g.info.Notes) != 1 || g.info.Notes[0].ID != "names-for-addresses" {
		t.Errorf("notes %+v", g.info.Notes)
	}
}

// Lines that show an application's protocol belong to the only conversation
// between their addresses, and to none where there are two.
func TestTextProtocolLines(t *testing.T) {
	expect(t, sayAll(t, `  1 0.000000 10.0.0.1 → 10.0.0.2 TCP 74 1000 → 80 [SYN] Seq=0 Win=9 Len=0
  2 0.100000 10.0.0.1 → 10.0.0.2 HTTP 172 GET / HTTP/1.1
  3 0.200000 10.0.0.1 → 10.0.0.3 DNS 80 Standard query 0x1 A example.com
  4 0.300000 10.0.0.1 → 10.0.0.2 TCP 74 1001 → 80 [SYN] Seq=0 Win=9 Len=0
  5 0.400000 10.0.0.2 → 10.0.0.1 HTTP 200 HTTP/1.1 200 OK`), []string{
		"10.0.0.1:1000 > 10.0.0.2:80 S seq 0 win 9 len 0 wire 74 relative",
		"10.0.0.1:1000 > 10.0.0.2:80 A wire 172",
		"other",
		"10.0.0.1:1001 > 10.0.0.2:80 S seq 0 win 9 len 0 wire 74 relative",
		"other",
	})
}

// What looks like a time of day in an address or in an application's words is
// none.
// Their payload and place follow from the lines before; not after a gap.
func TestTextProtocolLinesAreCompleted(t *testing.T) {
	expect(t, sayAll(t, `  1 0.000000 10.0.0.1 → 10.0.0.2 TCP 74 1000 → 80 [SYN] Seq=0 Win=9 Len=0 TSval=1 TSecr=0
  2 0.100000 10.0.0.2 → 10.0.0.1 TCP 74 80 → 1000 [SYN, ACK] Seq=0 Ack=1 Win=9 Len=0 TSval=1 TSecr=1
  3 0.200000 10.0.0.1 → 10.0.0.2 TCP 66 1000 → 80 [ACK] Seq=1 Ack=1 Win=9 Len=0 TSval=1 TSecr=1
  4 0.300000 10.0.0.1 → 10.0.0.2 HTTP 166 GET / HTTP/1.1
  5 0.400000 10.0.0.1 → 10.0.0.2 TLSv1.2 116 Application Data
  6 0.500000 10.0.0.2 → 10.0.0.1 HTTP 1514 [TCP Previous segment not captured] Continuation
  7 0.600000 10.0.0.2 → 10.0.0.1 HTTP 266 Continuation`)[3:], []string{
		"10.0.0.1:1000 > 10.0.0.2:80 A seq 1 len 100 wire 166 relative",
		"10.0.0.1:1000 > 10.0.0.2:80 A seq 101 len 50 wire 116 relative",
		"10.0.0.2:80 > 10.0.0.1:1000 A len 1448 wire 1514",
		"10.0.0.2:80 > 10.0.0.1:1000 A len 200 wire 266",
	})
}

func TestTextTimeIsTheFirst(t *testing.T) {
	g := mustRead(t, []byte(`1 0.100000 Apple_12:34:56 → Broadcast ARP 42 Who has 10.0.0.2? Tell 10.0.0.1
2 0.200000 10.0.0.1 → 10.0.0.2 TCP 74 1000 → 80 [SYN] Seq=0 Win=9 Len=0
3 0.300000 10.0.0.1 → 10.0.0.2 HTTP 172 GET /?t=12:34:56 HTTP/1.1
`))
	for i, want := range []int64{100, 200, 300} {
		if i >= len(g.frames) || g.frames[i].Time != want*lang.Millisecond {
			t.Fatalf("%d frames, frame %d: %+v", len(g.frames), i+1, g.frames)
		}
	}
}

func TestTextOtherPacketsKeepTheirNumbers(t *testing.T) {
	g := mustRead(t, []byte(`tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
12:00:00.2 ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
12:00:00.3 IP 10.0.0.1.53 > 10.0.0.2.5000: UDP, length 20
12:00:00.4 IP 10.0.0.9 > 10.0.0.1: ICMP host 10.0.0.2 unreachable, length 68
12:00:01.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
5 packets captured
7 packets received by filter
2 packets dropped by kernel
`))
	var said []string
	for _, f := range g.frames {
		said = append(said, say(f))
	}
	const syn = "10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0"
	expect(t, said, []string{syn, "other", "other", "other", syn})
	if in := g.info.Interfaces; len(in) != 1 || !in[0].HasStats || in[0].Received != 7 || in[0].Dropped != 2 {
		t.Errorf("interfaces %+v", in)
	}
	if g.frames[4].Number != 5 || g.frames[4].Line.SourceLine != 6 {
		t.Errorf("number %d, line %d", g.frames[4].Number, g.frames[4].Line.SourceLine)
	}
}

// The inner packet of a tunnel stands on a line of its own; it is the packet.
func TestTextTunnel(t *testing.T) {
	g := mustRead(t, []byte(`12:00:00.1 IP 192.168.0.1.55001 > 192.168.0.2.4789: VXLAN, flags [I] (0x08), vni 42
IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
12:00:00.2 IP 192.168.0.1.55001 > 192.168.0.2.4789: VXLAN, flags [I] (0x08), vni 42
ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
12:00:00.3 eth0  B   ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
`))
	if len(g.frames) != 3 || say(g.frames[0]) != "10.0.0.1:1000 > 10.0.0.2:22 S seq 853654705 win 9 len 0" || g.frames[0].Time != 12*lang.Hour+lang.Second/10 || say(g.frames[1]) != "other" || say(g.frames[2]) != "other" {
		t.Errorf("%d frames, first %s at %d", len(g.frames), say(g.frames[0]), g.frames[0].Time)
	}
}

func TestTextUnread(t *testing.T) {
	g := mustRead(t, []byte(`Some words about 10.0.0.1 and what follows.
12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
12:00:00.2 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [?], seq 853654705, win 9, length 0
12:00:00.3 IP 10.0.0.1.nosuchservice > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0
12:00:00.4 IP 10.0.0.1.1000 > 10.0.0.2.22: tcp 106
More words -> and an arrow.
`))
	if len(g.frames) != 1 || len(g.info.Unread) != 3 {
		t.Fatalf("%d frames, unread %+v", len(g.frames), g.info.Unread)
	}
	for i, u := range g.info.Unread {
		if u.Line != i+3 || !strings.HasPrefix(u.Text, "12:00:00.") {
			t.Errorf("unread %+v", u)
		}
	}
}

func TestTextHexDumps(t *testing.T) {
	// A SYN from 10.0.0.1:1000 to 10.0.0.2:22, made by hand.
	ip := "4500 0028 0001 4000 4006 26cc 0a00 0001 0a00 0002 03e8 0016 32e1 a6b1 0000 0000 5002 0009 0000 0000"
	groups := strings.Fields(ip)
	row := func(i int) string { return strings.Join(groups[i:min(i+8, len(groups))], " ") }
	const line = "12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853649073, win 9, length 0\n"
	x := line + "\t0x0000:  " + row(0) + "\n\t0x0010:  " + row(8) + "\n\t0x0020:  " + row(16) + "\n"
	characters := line + "\t0x0000:  " + row(0) + "  E..(..@.@.&.....\n\t0x0010:  " + row(8) + "  .......2.......\n\t0x0020:  " + row(16) + "            P.......\n"
	collapsed := line + "0x0000: " + row(0) + " E..(..@.@.&.....\n0x0010: " + row(8) + " .......2.......\n0x0020: " + row(16) + " beef\n"
	spaced := func(link string) (s string) {
		bytes := strings.ReplaceAll(link+ip, " ", "")
		for at := 0; at < len(bytes); at += 32 {
			row := bytes[at:min(at+32, len(bytes))]
			s += fmt.Sprintf("%04x ", at/2)
			for i := 0; i < len(row); i += 2 {
				s += " " + row[i:i+2]
			}
			s += "   ....\n"
		}
		return s
	}
	ethernet := "00000c07ac01 00163 5a4c1c6 0800"
	sll := "0000 0001 0006 0016 35a4 c1c6 0000 0800"
	cases := []struct {
		name, listing string
		link          LinkType
		length        int
	}{
		{"-x", x, LinkRaw, 40},
		{"-X", characters, LinkRaw, 40},
		{"spaces collapsed", collapsed, LinkRaw, 40},
		{"Wireshark", spaced(ethernet), LinkEthernet, 54},
		{"Wireshark with its line", "1 0.1 10.0.0.1 → 10.0.0.2 TCP 54 1000 → 22 [SYN] Seq=0 Win=9 Len=0\n\n" + spaced(ethernet) + "\n", LinkEthernet, 54},
		{"cooked", spaced(sll), LinkSLL, 56},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := mustRead(t, []byte(c.listing+c.listing))
			if len(g.frames) != 2 {
				t.Fatalf("%d frames", len(g.frames))
			}
			for _, f := range g.frames {
				header := linkHeader[c.link]
				if f.LinkType != c.link || len(f.Data) != c.length || f.WireLen != c.length || f.Line != nil || f.Offset != -1 ||
					fmt.Sprintf("%x", f.Data[header:header+4]) != "45000028" {
					t.Errorf("%d of %d bytes of link type %d: %x", len(f.Data), f.WireLen, f.LinkType, f.Data)
				}
			}
		})
	}
}

func TestTextUTF16(t *testing.T) {
	line := "12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 853654705, win 9, length 0\r\n"
	for _, o := range []order{little, big} {
		wide := o.halves(0xfeff)
		for _, c := range line + line {
			wide = append(wide, o.halves(uint16(c))...)
		}
		for _, size := range []int{0, 1, 7} {
			if g := readAll(wide, size); g.err != nil || len(g.frames) != 2 {
				t.Errorf("chunks of %d: %d frames, error %v", size, len(g.frames), g.err)
			}
		}
	}
}

// Long lines made to be tried again and again cost time in proportion to their
// length.
func TestTextCostIsLinear(t *testing.T) {
	for _, unit := range []string{
		"->", "<a \"", "[", "[ACK]", "[ACK] > ", "IP 1.1.1.1.1 > 1.1.1.1.2: Flags [", "IP 1.1.1.1.1 > 1.1.1.1.2: Flags [?] ", "&", "\x1b", "1:", "12:00:00.1 ", "0x0000: ",
		"1 > 2 [SYN] Seq=0 ", "IP6 (hlim next-header ", "＞", "seq 1:", "\"", "Nov 1, 2020 ", "1.234 ",
	} {
		measure := func(n int) time.Duration {
			input := []byte(strings.Repeat(unit, n/len(unit)))
			begin := time.Now()
			readAll(input, 0)
			return time.Since(begin)
		}
		if small, large := measure(1<<16), measure(1<<20); large > 64*small+time.Second {
			t.Errorf("%q: 16 times the bytes took %v instead of %v", unit, large, small)
		}
	}
}

func TestNoCapture(t *testing.T) {
	binary := make([]byte, 600)
	for i := range binary {
		binary[i] = byte(i * 131)
	}
	erf := make([]byte, 0, 300)
	for i := range 3 {
		erf = append(erf, little.words(uint32(i), someTime)...)
		erf = append(erf, 2, 4, 0, 96, 0, 0, 0, 60)
		erf = append(erf, make([]byte, 80)...)
	}
	trace := join(little.words(65536), make([]byte, 68), []byte{2, 0, 2, 0xc0}, make([]byte, 200))
	tar := append(make([]byte, 257), "ustar\x0000"...)
	tar[0] = 'a'
	for want, input := range map[string]string{
		"empty":         "",
		"zip":           "PK\x03\x04rest",
		"7z":            "7z\xbc\xaf\x27\x1crest",
		"xz":            "\xfd7zXZ\x00rest",
		"bzip2":         "BZh91AY",
		"rar":           "Rar!\x1a\x07\x00",
		"zstd":          "\x28\xb5\x2f\xfdrest",
		"tar":           string(append(tar, make([]byte, 300)...)),
		"image":         "\x89PNG\r\n\x1a\n",
		"pdf":           "%PDF-1.7",
		"elf":           "\x7fELF\x02\x01",
		"exe":           "MZ\x90\x00",
		"snoop":         "snoop\x00\x00\x00\x00\x00\x00\x02",
		"netmon":        "GMBU\x00\x02",
		"etl":           string(trace),
		"erf":           string(erf),
		"netscaler":     "\x00\x01\x02\x03NetScaler V30 Performance Data\x00",
		"html":          "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
		"json":          `{"error": "not found"}`,
		"xml":           "<?xml version=\"1.0\"?>\n<pdml></pdml>",
		"git-lfs":       "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
		"text":          "Dear all,\nthe connection hangs at 12:00:00.\n",
		"zeros":         string(make([]byte, 100)),
		"unknown":       string(binary),
		"pcap-header":   "\xd4\xc3\xb2\xa1\x02\x00",
		"pcapng-header": "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00rubbish instead of a section",
	} {
		for _, size := range []int{0, 1} {
			var e *Error
			g := readAll([]byte(input), size)
			if !errors.As(g.err, &e) || e.Looks != want {
				t.Errorf("%s in chunks of %d: %v", want, size, g.err)
			} else if e.Text.EN == "" || e.Text.ZH == "" || strings.Contains(e.Text.EN, "%!") || strings.Contains(e.Text.ZH, "%!") {
				t.Errorf("%s: %+v", want, e.Text)
			}
		}
	}
	for looks, text := range looksLike {
		if text.EN == "" || text.ZH == "" || strings.ContainsAny(text.EN+text.ZH, "!！") {
			t.Errorf("%s: %+v", looks, text)
		}
	}
}
