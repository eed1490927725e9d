package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// mss announces a largest segment in a SYN or SYN-ACK.
func mss(n uint16) part {
	return func(p *packet.Packet) { p.MSS, p.Options = n, p.Options|packet.OptMSS }
}

// sack adds a block relative to the other side's ISN.
func (f *feed) sack(of Side, left, right uint32) part {
	return func(p *packet.Packet) {
		p.Options |= packet.OptSACK
		p.SACK[p.SACKCount] = packet.SACKBlock{Left: f.isn[of] + left, Right: f.isn[of] + right}
		p.SACKCount++
	}
}

func openedMSS(f *feed, n uint16) {
	f.at(0, Client, packet.SYN, 0, 0, mss(n))
	f.at(20, Server, packet.SYN|packet.ACK, 0, 1, mss(n))
	f.at(21, Client, packet.ACK, 1, 1)
	f.at(22, Client, packet.ACK|packet.PSH, 1, 1, withData(100))
}

// The server's segments of 1000 bytes vanish behind the capture point, its last
// of 300 arrives; the repetitions stay full.
func TestLargeSegmentsVanish(t *testing.T) {
	f := newFeed()
	openedMSS(f, 1000)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(41, Server, packet.ACK, 1001, 101, withData(1000))
	f.at(42, Server, packet.ACK|packet.PSH, 2001, 101, withData(300))
	f.at(62, Client, packet.ACK, 101, 1, f.sack(Server, 2001, 2301))
	for _, ms := range []float64{250, 700, 1600} {
		f.at(ms, Server, packet.ACK, 1, 101, withData(1000))
	}
	c := f.one(t)
	o := c.Oversized(Server, 2)
	if o == nil || len(o.Ladder) != 4 || len(o.Lost) != 5 || len(o.Passed) != 1 || o.Gap >= 0 || o.Relief >= 0 {
		t.Fatalf("oversized %+v, want a ladder of 4 among 5 lost, one passed", o)
	}
	if o.TooLarge != 1040 || o.Fits != 340 {
		t.Errorf("too large %d, fits %d, want 1040 and 340 with 40 bytes of headers", o.TooLarge, o.Fits)
	}
	if c.Oversized(Client, 2) != nil {
		t.Error("the client's 100 bytes passed")
	}
}

// Cut smaller, the same bytes pass.
func TestSmallerSegmentsPass(t *testing.T) {
	f := newFeed()
	openedMSS(f, 1000)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	for _, ms := range []float64{250, 700, 1600} {
		f.at(ms, Server, packet.ACK, 1, 101, withData(1000))
	}
	f.at(3400, Server, packet.ACK, 1, 101, withData(500))
	f.at(3420, Client, packet.ACK, 101, 501)
	c := f.one(t)
	o := c.Oversized(Server, 2)
	if o == nil || o.Relief < 0 || c.Segments[o.Relief].Len != 500 || c.Segments[o.Relieved].Number != 10 {
		t.Fatalf("oversized %+v, want relief by 500 bytes, acknowledged by #10", o)
	}
}

// Random loss: a repetition of the same size arrives.
func TestRepetitionOfTheSameSizePasses(t *testing.T) {
	f := newFeed()
	openedMSS(f, 1000)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(42, Server, packet.ACK|packet.PSH, 1001, 101, withData(300))
	f.at(62, Client, packet.ACK, 101, 1, f.sack(Server, 1001, 1301))
	for _, ms := range []float64{250, 700, 1600} {
		f.at(ms, Server, packet.ACK, 1, 101, withData(1000))
	}
	f.at(1620, Client, packet.ACK, 101, 1301)
	if o := f.one(t).Oversized(Server, 2); o != nil {
		t.Errorf("oversized %+v although a full segment arrived", o)
	}
}

// At the receiver: exactly two full segments are missing before a short one.
func TestHoleOfFullSegments(t *testing.T) {
	for _, missing := range []uint32{2000, 1700} {
		f := newFeed()
		openedMSS(f, 1000)
		f.at(42, Server, packet.ACK|packet.PSH, 1+missing, 101, withData(300))
		f.at(43, Client, packet.ACK, 101, 1, f.sack(Server, 1+missing, 301+missing))
		o := f.one(t).Oversized(Server, 2)
		if missing%1000 != 0 {
			if o != nil {
				t.Errorf("a hole of %d bytes is no number of full segments: %+v", missing, o)
			}
			continue
		}
		if o == nil || o.Missing != missing || len(o.Told) != 1 || o.Gap < 0 {
			t.Errorf("oversized %+v, want a hole of %d bytes", o, missing)
		}
	}
}
