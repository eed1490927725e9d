package packet

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/lang"
)

// told is what Fields says, a line for each layer and field.
func told(all []Layer) string {
	var s strings.Builder
	for _, l := range all {
		fmt.Fprintf(&s, "%s %d+%d\n", l.Name, l.Offset, l.Length)
		for _, f := range l.Fields {
			fmt.Fprintf(&s, "  %s = %s %d+%d\n", f.Name, f.Value, f.Offset, f.Length)
		}
	}
	return s.String()
}

func TestFieldsOfASYN(t *testing.T) {
	got := told(Fields(frameOf(capture.LinkEthernet, octets(t, ethIPv4+syn))))
	want := `Ethernet 0+14
  Destination = 02:00:00:00:00:02 0+6
  Source = 02:00:00:00:00:01 6+6
  Type = 0x0800 IPv4 12+2
IPv4 14+20
  Version = 4 14+1
  Header length = 20 14+1
  DSCP = 0 15+1
  ECN = 0 15+1
  Total length = 60 16+2
  Identification = 0x1234 (4660) 18+2
  Don't fragment = 1 20+1
  More fragments = 0 20+1
  Fragment offset = 0 20+2
  TTL = 64 22+1
  Protocol = 6 TCP 23+1
  Header checksum = 0x0000 24+2
  Source = 10.0.0.1 26+4
  Destination = 10.0.0.2 30+4
TCP 34+40
  Source port = 49152 34+2
  Destination port = 80 36+2
  Sequence number = 1000 38+4
  Acknowledgment number = 0 42+4
  Header length = 40 46+1
  Flags = SYN 47+1
  Window = 64240 48+2
  Checksum = 0x0000 50+2
  Urgent pointer = 0 52+2
  Option: MSS = 1460 54+4
  Option: SACK permitted =  58+2
  Option: timestamps = 4096, echo 0 60+10
  Option: NOP = 1 70+1
  Option: window scale = 7 71+3
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFieldsOfAPaddedSegment(t *testing.T) {
	got := told(Fields(frameOf(capture.LinkEthernet, octets(t, ethIPv4+ack+"00 00 00"))))
	for _, want := range []string{"\nPayload 54+3\n  Length = 3 54+3\n  Text = abc 54+3\n", "\nTrailer 57+3\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestFieldsOfAQuote(t *testing.T) {
	got := told(Fields(frameOf(capture.LinkRaw, octets(t, icmpIPv4("03 04 00 00 00 00 05 78", quoted)))))
	for _, want := range []string{"ICMP 20+8\n  Type = 3 20+1", "Next-hop MTU = 1400 26+2", "Quoted IPv4 28+20\n", "Source = 10.0.0.1 40+4",
		"Quoted TCP 48+8\n  Source port = 49152 48+2\n", "Sequence number = 1000 52+4\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Flags = ") || strings.Contains(got, "Acknowledgment number") {
		t.Errorf("more than was quoted:\n%s", got)
	}
}

func TestFieldsOfATunnel(t *testing.T) {
	got := told(Fields(frameOf(capture.LinkRaw, octets(t, datagram(false, 4789, "08 00 00 00 00 00 2a 00 "+frameSYN)))))
	for _, want := range []string{"IPv4 0+20", "UDP 20+8", "VXLAN 28+8", "Network = 42 32+3", "Ethernet 36+14", "IPv4 50+20", "TCP 70+40"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestFieldsOfAListing(t *testing.T) {
	l := &capture.Line{
		Known: capture.KnownSeq | capture.KnownOptions,
		Src:   netip.MustParseAddrPort("10.0.0.1:49152"), Dst: netip.MustParseAddrPort("10.0.0.2:80"),
		Flags: SYN, Seq: 7, Window: 5, TTL: 9, Options: []byte{2, 4, 5, 0xb4}, SourceLine: 3, Text: "a line",
	}
	got := told(Fields(&capture.Frame{Offset: -1, Line: l}))
	for _, want := range []string{"IPv4 -1+0", "Sequence number = 7 -1+0", "Flags = SYN -1+0", "Option: MSS = 1460 -1+0", "Line = 3", "Text = a line"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, unknown := range []string{"Window", "TTL", "Acknowledgment", "Payload"} {
		if strings.Contains(got, unknown) {
			t.Errorf("%s is not in the listing:\n%s", unknown, got)
		}
	}
}

// within checks that every layer and field lies inside the frame, that a field
// lies inside its layer, and that both languages say something or neither.
func within(t *testing.T, all []Layer, frame int) {
	t.Helper()
	for _, l := range all {
		if l.Offset < 0 || l.Length < 0 || l.Offset+l.Length > frame {
			t.Fatalf("%s at %d+%d of %d", l.Name, l.Offset, l.Length, frame)
		}
		for _, f := range l.Fields {
			if f.Offset < l.Offset || f.Length < 0 || f.Offset+f.Length > frame {
				t.Fatalf("%s, %s at %d+%d, layer %d+%d of %d", l.Name, f.Name, f.Offset, f.Length, l.Offset, l.Length, frame)
			}
			if (f.Meaning.EN == "") != (f.Meaning.ZH == "") {
				t.Fatalf("%s, %s: %q and %q", l.Name, f.Name, f.Meaning.EN, f.Meaning.ZH)
			}
		}
	}
}

func TestFieldsOfEveryPrefix(t *testing.T) {
	for _, s := range allSamples() {
		b := octets(t, s.hex)
		for n := range len(b) + 1 {
			f := frameOf(s.link, b[:n])
			f.WireLen = len(b)
			within(t, Fields(f), n)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, s := range allSamples() {
		f.Add(uint16(s.link), octets(f, s.hex))
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		within(t, Fields(frameOf(capture.LinkType(link), data)), len(data))
	})
}

func TestMeanings(t *testing.T) {
	for _, c := range []struct {
		got    lang.Text
		en, zh string
	}{
		{ttlMeaning(63), "if it began at 64, the packet has passed 1 router ", "初始值为 64，则到抓包点之前经过了 1 个路由器"},
		{ttlMeaning(116), "if it began at 128, the packet has passed 12 routers ", "初始值为 128，则到抓包点之前经过了 12 个路由器"},
		{ttlMeaning(64), "probably none was passed", "多半没有经过路由器"},
		{flagsMeaning(SYN | ACK), "SYN: opens a connection and sets the first sequence number; ACK: ", "SYN：建立连接，并给出初始序号；ACK："},
		{windowMeaning(ACK, 0), "the peer must wait", "对端必须等待"},
		{windowMeaning(RST, 0), "How much more the sender can take in", "还能接收的数据量"},
		{windowMeaning(SYN, 0), "never scaled in a SYN", "SYN 中的窗口不缩放"},
		{icmpMeaning(icmpNames, 3, 4), "must not be fragmented", "不允许分片"},
		{icmpMeaning(icmpNames, 3, 15), "Destination unreachable", "目的不可达"},
	} {
		if !strings.Contains(c.got.EN, c.en) || !strings.Contains(c.got.ZH, c.zh) {
			t.Errorf("%q / %q, want %q / %q", c.got.EN, c.got.ZH, c.en, c.zh)
		}
	}
}
