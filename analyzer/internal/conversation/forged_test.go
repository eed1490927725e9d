package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// stamp sets the fields by which hosts are told apart.
func stamp(ttl uint8, id, window uint16) part {
	return func(p *packet.Packet) { p.TTL, p.IPID, p.Window = ttl, id, window }
}

// asked is an opened connection with timestamps and one request, the client's
// packets counting from IP ID 100 and the server's from 9000 (TTL 61).
func asked() *feed {
	f := newFeed()
	ts := withTS(1, 1)
	f.at(0, Client, packet.SYN, 0, 0, ts, stamp(64, 100, 600))
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1, ts, stamp(61, 0, 700))
	f.at(2, Client, packet.ACK, 1, 1, ts, stamp(64, 101, 600))
	f.at(3, Server, packet.ACK, 1, 1, ts, stamp(61, 9000, 700))
	f.at(4, Client, packet.ACK|packet.PSH, 1, 1, ts, stamp(64, 102, 600), withData(90))
	return f
}

func TestProvenanceOfAForgedReset(t *testing.T) {
	f := asked()
	f.at(10, Server, packet.RST|packet.ACK, 1, 91, stamp(47, 102, 600))
	f.at(10.1, Server, packet.RST|packet.ACK, 1461, 91, stamp(47, 102, 600))
	f.at(20, Server, packet.ACK|packet.PSH, 1, 91, withTS(2, 2), stamp(61, 9001, 700), withData(50))
	p := f.one(t).Provenance(5)
	if !p.OtherTTL || p.Usual != 61 || !p.CopiedID || !p.CopiedWin || !p.NoTS || p.Fits || p.Explained || p.Behind {
		t.Errorf("%+v", p)
	}
	if p.Later != 7 || len(p.Rising) != 1 || p.Rising[0] != 6 || p.Content != 4 || p.OtherEnd != -1 {
		t.Errorf("later %d, rising %v, content %d, other end %d; want 7, [6], 4, -1", p.Later, p.Rising, p.Content, p.OtherEnd)
	}
}

func TestProvenanceOfAGenuineReset(t *testing.T) {
	f := asked()
	f.at(5, Server, packet.ACK, 1, 91, withTS(2, 2), stamp(61, 9001, 700))
	f.at(6, Server, packet.RST|packet.ACK, 1, 91, withTS(2, 2), stamp(61, 9002, 700))
	p := f.one(t).Provenance(6)
	if p.OtherTTL || p.CopiedID || p.CopiedWin || p.NoTS || !p.Fits || p.Later != -1 || p.Behind || len(p.Rising) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestProvenanceTowardsBothEnds(t *testing.T) {
	f := asked()
	f.at(10, Server, packet.RST|packet.ACK, 1, 91, stamp(47, 7, 0))
	f.at(11, Client, packet.RST|packet.ACK, 91, 1, stamp(47, 7, 0))
	if p := f.one(t).Provenance(5); p.OtherEnd != 6 {
		t.Errorf("the reset towards the other end is %d, want 6", p.OtherEnd)
	}
}
