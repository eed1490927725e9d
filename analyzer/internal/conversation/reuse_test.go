package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// closeBy ends a connection; the first side closes first.
func (f *feed) closeBy(ms float64, first Side) {
	f.at(ms, first, packet.FIN|packet.ACK, 1, 1)
	f.at(ms+1, first.Other(), packet.FIN|packet.ACK, 1, 2)
	f.at(ms+2, first, packet.ACK, 2, 2)
}

func (f *feed) handshake(ms float64) {
	f.at(ms, Client, packet.SYN, 0, 0)
	f.at(ms+1, Server, packet.SYN|packet.ACK, 0, 1)
	f.at(ms+2, Client, packet.ACK, 1, 1)
}

func TestReuseComparesWithTheConnectionBefore(t *testing.T) {
	for _, c := range []struct {
		name     string
		end      bool
		isn      uint32 // of the second SYN
		ended    bool
		backward bool
	}{
		{"closed, newer number", true, 4_000_100_000, true, false},
		{"closed, older number", true, 3_999_900_000, true, true},
		{"not closed", false, 4_000_100_000, false, false},
	} {
		f := newFeed()
		f.handshake(0)
		if c.end {
			f.closeBy(10, Server)
		}
		f.isn[Client] = c.isn
		f.at(1012, Client, packet.SYN, 0, 0)
		set := f.tracker.Finish()
		r, ok := set.Conversations[1].Reuse()
		if !ok || r.Ended != c.ended || r.Backward != c.backward || r.HasCloser != c.end || c.end && r.Closer != Server {
			t.Errorf("%s: %+v", c.name, r)
		}
		if want := int64(1_000_000_000); c.end && r.Gap != want {
			t.Errorf("%s: gap %d ns, want %d", c.name, r.Gap, want)
		}
	}
}

func TestOddAnswerCarriesTheOldNumbers(t *testing.T) {
	run := func(ack uint32, before, reset bool) []OddAnswer {
		f := newFeed()
		f.handshake(0)
		f.closeBy(10, Server)
		old := f.isn
		f.isn = [2]uint32{3_000_000_000, 2_000_000_000}
		f.at(1000, Client, packet.SYN, 0, 0)
		if before {
			f.at(1000.5, Client, packet.ACK, 1, 1, withData(5))
		}
		f.at(1001, Server, packet.ACK, 0, 0, raw(old[Server]+2, ack))
		if reset {
			f.at(1002, Client, packet.RST, 0, 0, raw(ack, 0))
		}
		set := f.tracker.Finish()
		return set.Conversations[1].OddAnswers()
	}
	if got := run(4_000_000_002, false, true); len(got) != 1 || !got[0].Earlier || got[0].Reset < 0 {
		t.Errorf("%+v, want the old connection's acknowledgement and its reset", got)
	}
	if got := run(3_000_000_001, false, true); len(got) != 0 {
		t.Errorf("an ACK of this very SYN: %+v, want none", got)
	}
	if got := run(3_000_000_077, false, false); len(got) != 0 {
		t.Errorf("76 bytes above this SYN, which the capture missed: %+v, want none", got)
	}
	if got := run(4_000_000_002, true, true); len(got) != 0 {
		t.Errorf("behind the client's data: %+v, want none", got)
	}
}

func TestSelfOpening(t *testing.T) {
	f := newFeed()
	f.client = netip.MustParseAddrPort("127.0.0.1:33000")
	f.server = f.client
	f.isn = [2]uint32{500, 500}
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(0.1, Client, packet.SYN|packet.ACK, 0, 1)
	f.at(0.2, Client, packet.ACK, 1, 1)
	f.at(0.3, Client, packet.ACK, 1, 1, withData(6))
	o := f.one(t).SelfOpening()
	if o.SYN != 0 || o.SYNACK != 1 || o.ACK != 2 || o.Bytes != 6 {
		t.Errorf("%+v, want SYN, SYN-ACK, ACK and 6 bytes", o)
	}
}

func TestCopyNamesItsOriginal(t *testing.T) {
	f := newFeed()
	f.handshake(0)
	f.at(10, Client, packet.ACK, 1, 1, withData(9), func(p *packet.Packet) { p.IPID = 9 })
	f.at(10.1, Client, packet.ACK, 1, 1, withData(9), func(p *packet.Packet) { p.IPID, p.TTL = 9, 63 })
	c := f.one(t)
	if o, kind, ok := c.Original(4); !ok || o != 3 || kind != CopyForward {
		t.Errorf("original %d, kind %d, %v; want the packet before it, forwarded", o, kind, ok)
	}
	if _, _, ok := c.Original(3); ok {
		t.Error("the original has an original")
	}
}

// An ICMP error may quote the SYN with its destination translated.
func TestQuoteOfATranslatedSYN(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	icmp := packet.Packet{Number: 2, Time: 1_600_000_001_000_000_000, Kind: packet.KindICMP, Known: packet.KnownTime, ICMPType: 3, ICMPCode: 1,
		Quote: packet.Quote{Valid: true, Src: testClient.Addr(), SrcPort: testClient.Port(), Dst: netip.MustParseAddr("10.9.9.9"), DstPort: 8080, Seq: f.isn[Client]}}
	f.tracker.Add(&icmp)
	set := f.tracker.Finish()
	if c := set.Conversations[0]; len(c.ICMP) != 1 || set.ICMP[0].Conversation != c {
		t.Errorf("the error is not linked to the conversation whose SYN it quotes")
	}
}
