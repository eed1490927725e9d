package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// step is one packet of a conversation told by hand: who sends what at which
// millisecond, with sequence numbers counted from the side's ISN.
type step struct {
	at       float64
	from     Side
	flags    uint8
	seq, ack uint32
	payload  string
	len      int // of the payload where its bytes do not matter
}

// opening is the three-way handshake at 0 ms.
var opening = []step{
	{0, Client, packet.SYN, 0, 0, "", 0},
	{1, Server, packet.SYN | packet.ACK, 0, 1, "", 0},
	{2, Client, packet.ACK, 1, 1, "", 0},
}

// play feeds the steps of one conversation to a tracker. The client's numbers
// wrap within its first bytes.
func play(t *testing.T, steps ...step) (*Set, *Conversation) {
	t.Helper()
	f := newFeed()
	f.isn[Client] = 0xffff_fff0
	for _, s := range steps {
		f.at(s.at, s.from, s.flags, s.seq, s.ack, withData(max(s.len, len(s.payload))),
			func(p *packet.Packet) { p.Payload = []byte(s.payload) })
	}
	set := f.tracker.Finish()
	if len(set.Conversations) != 1 {
		t.Fatalf("%d conversations, want 1", len(set.Conversations))
	}
	return set, set.Conversations[0]
}

func with(first []step, more ...step) []step { return append(append([]step(nil), first...), more...) }
