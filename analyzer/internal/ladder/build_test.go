package ladder

import (
	"net/netip"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
	"pcaplain/analyzer/internal/scenario"
)

func emptyFinding() *scenario.Finding { return &scenario.Finding{} }

var (
	client = netip.MustParseAddrPort("192.0.2.1:40000")
	server = netip.MustParseAddrPort("198.51.100.2:443")
)

// send feeds one packet to a tracker at a time in ms.
func send(tr *conversation.Tracker, number int, ms float64, src, dst netip.AddrPort, flags uint8, seq, ack uint32, payload int) {
	tr.Add(&packet.Packet{Number: number, Time: 1_700_000_000*lang.Second + int64(ms*float64(lang.Millisecond)), Offset: int64(number), Kind: packet.KindTCP,
		Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(), Flags: flags, Seq: seq, Ack: ack, PayloadLen: payload,
		Window: 500, TTL: 64, WireLen: 60, CapLen: 60, HeaderLen: 20,
		Known: packet.KnownTime | packet.KnownTTL | packet.KnownWindow | packet.KnownOptions | packet.KnownPayloadLen | packet.KnownAbsolute | packet.KnownSeq | packet.KnownAck})
}

// exchange is a handshake, a request and its answer.
func exchange() *conversation.Set {
	tr := conversation.NewTracker()
	send(tr, 1, 0, client, server, packet.SYN, 1000, 0, 0)
	send(tr, 2, 20, server, client, packet.SYN|packet.ACK, 5000, 1001, 0)
	send(tr, 3, 21, client, server, packet.ACK, 1001, 5001, 0)
	send(tr, 4, 22, client, server, packet.ACK|packet.PSH, 1001, 5001, 100)
	send(tr, 5, 42, server, client, packet.ACK, 5001, 1101, 700)
	send(tr, 6, 900, client, server, packet.RST|packet.ACK, 1101, 5701, 0)
	return tr.Finish()
}

func TestConversationLadder(t *testing.T) {
	set := exchange()
	l := OfConversation(set, set.Conversations[0])
	if len(l.Lanes) != 2 || l.Lanes[0].ID != client.String() || l.Lanes[1].ID != server.String() {
		t.Fatalf("lanes %+v, want client and server", l.Lanes)
	}
	if l.Finding != -1 || l.Shown != 6 || l.StartSeconds != 1_700_000_000 || !l.HasDate {
		t.Errorf("finding %d, %d shown, start %v", l.Finding, l.Shown, l.StartSeconds)
	}
	want := []string{"SYN 0 ", "SYN-ACK 0 1", "ACK 1 1", "PSH-ACK 1 1", "ACK 1 101", "gap", "RST-ACK 101 701"}
	for i, r := range l.Rows {
		got := r.Flags + " " + r.Seq + " " + r.Ack
		if r.Kind == RowGap {
			got = "gap"
		}
		if i >= len(want) || got != want[i] {
			t.Errorf("row %d is %q, want %q", i, got, want[min(i, len(want)-1)])
		}
	}
	if foot := l.Lanes[1].Foot.EN; foot != "sent 2, got 1 RST" {
		t.Errorf("the server's foot says %q", foot)
	}
	if l.Rows[1].OneWay != float64(21*lang.Millisecond)/2 {
		t.Errorf("the slope is %v ns, want half the handshake's round trip", l.Rows[1].OneWay)
	}
}

func TestStates(t *testing.T) {
	set := exchange()
	var got []string
	for _, s := range OfConversation(set, set.Conversations[0]).States {
		got = append(got, s.Name)
	}
	if s := strings.Join(got, " "); s != "SYN_SENT ESTABLISHED SYN_RECV ESTABLISHED" {
		t.Errorf("states %s", s)
	}
}

// TestFindingLadder: what a rule wants said reaches the rows.
func TestFindingLadder(t *testing.T) {
	set := exchange()
	f := &scenario.Finding{Conversations: []int{0}, Evidence: []scenario.Evidence{{Packet: 6}},
		Story: []scenario.Sentence{{Packets: []int{4, 5}}, {Packets: []int{4, 6}}}}
	f.Drawing.Lanes = []scenario.LaneHint{{Endpoint: server, Role: lang.Same("first")}, {Endpoint: client}}
	f.Drawing.Marks = []scenario.Mark{{Packet: 6, Ignored: true, SenderNote: lang.Same("gives up")}}
	f.Drawing.Events = []scenario.Event{{Time: set.First + 500*lang.Millisecond, Endpoint: server, Label: lang.Same("expires"), Sentence: 1}}
	l := OfFinding(set, f, 3)
	if l.Lanes[0].ID != server.String() || l.Lanes[0].Role.EN != "first" || l.Finding != 3 {
		t.Errorf("lanes %+v, finding %d; want the hinted order and 3", l.Lanes, l.Finding)
	}
	rows := map[int]Row{}
	event := Row{}
	for _, r := range l.Rows {
		rows[r.Number] = r
		if r.Kind == RowEvent {
			event = r
		}
	}
	if r := rows[6]; !r.Evidence || !r.Ignored || r.SenderNote.EN != "gives up" || len(r.Callouts) != 1 || r.Callouts[0] != 2 {
		t.Errorf("#6 is %+v; want evidence, ignored, noted, callout 2 (4 already carries 1)", r)
	}
	if event.Label.EN != "expires" || event.Lane != 0 || len(event.Callouts) != 1 {
		t.Errorf("event %+v, want it on the server's lane with its callout", event)
	}
}

func TestTextLadder(t *testing.T) {
	set := exchange()
	text := OfConversation(set, set.Conversations[0]).Text("en")
	for _, want := range []string{"192.0.2.1:40000", "SYN seq 0", "PSH-ACK seq 1 ack 1 len 100", "858 ms without a packet", "X|"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestOneLane(t *testing.T) {
	tr := conversation.NewTracker()
	send(tr, 1, 0, client, client, packet.SYN, 1000, 0, 0)
	send(tr, 2, 0.1, client, client, packet.SYN|packet.ACK, 1000, 1001, 0)
	set := tr.Finish()
	l := OfConversation(set, set.Conversations[0])
	if len(l.Lanes) != 1 || l.Rows[0].From != 0 || l.Rows[0].To != 0 {
		t.Errorf("%d lanes, row from %d to %d; a socket connected to itself has one lane", len(l.Lanes), l.Rows[0].From, l.Rows[0].To)
	}
}
