package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// The endpoints of the tests' packets.
var (
	testClient = netip.MustParseAddrPort("192.0.2.10:40000")
	testServer = netip.MustParseAddrPort("198.51.100.20:80")
)

// feed builds packets of one conversation for a tracker. Sequence numbers are
// given relative to the side's ISN, as people read them.
type feed struct {
	tracker        *Tracker
	client, server netip.AddrPort
	isn            [2]uint32
	number         int
}

func newFeed() *feed {
	return &feed{tracker: NewTracker(), client: testClient, server: testServer, isn: [2]uint32{4_000_000_000, 1_000_000_000}}
}

// part changes a packet before it is fed.
type part func(*packet.Packet)

func withData(n int) part { return func(p *packet.Packet) { p.PayloadLen = n } }

func withTS(val, ecr uint32) part {
	return func(p *packet.Packet) {
		p.Options |= packet.OptTimestamps
		p.TSVal, p.TSEcr = val, ecr
	}
}

// at feeds a packet of a side at a time in milliseconds; seq and ack are
// relative, ack is left 0 without the ACK flag.
func (f *feed) at(ms float64, from Side, flags uint8, seq, ack uint32, parts ...part) {
	f.number++
	src, dst := f.client, f.server
	if from == Server {
		src, dst = dst, src
	}
	p := packet.Packet{Number: f.number, Time: 1_600_000_000*lang.Second + int64(ms*float64(lang.Millisecond)), Offset: int64(f.number * 100),
		WireLen: 66, CapLen: 66, Kind: packet.KindTCP, Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(),
		Flags: flags, Seq: f.isn[from] + seq, TTL: 64, IPID: uint16(f.number), Window: 1000, HeaderLen: 32,
		Known: packet.KnownTime | packet.KnownTTL | packet.KnownIPID | packet.KnownWindow | packet.KnownOptions |
			packet.KnownPayloadLen | packet.KnownWireLen | packet.KnownAbsolute | packet.KnownSeq | packet.KnownAck}
	if flags&packet.ACK != 0 {
		p.Ack = f.isn[from.Other()] + ack
	}
	for _, change := range parts {
		change(&p)
	}
	f.tracker.Add(&p)
}

// one ends the survey and returns its only conversation.
func (f *feed) one(t *testing.T) *Conversation {
	t.Helper()
	set := f.tracker.Finish()
	if len(set.Conversations) != 1 {
		t.Fatalf("%d conversations, want 1", len(set.Conversations))
	}
	return set.Conversations[0]
}
