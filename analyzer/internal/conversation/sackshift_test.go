package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// The first of four segments is missing; the receiver's blocks name the others,
// each shifted by the same number.
func sacked(offset uint32) *feed {
	f := newFeed()
	opened(f)
	for i := uint32(0); i < 4; i++ {
		f.at(40+float64(i), Server, packet.ACK, 1+i*1000, 101, withData(1000))
	}
	for i := uint32(0); i < 3; i++ {
		f.at(60+float64(i), Client, packet.ACK, 101, 1, f.sack(Server, offset+1001, offset+2001+i*1000))
	}
	return f
}

func TestSACKBlocksShifted(t *testing.T) {
	x := sacked(979_000_000).one(t).SACKOutside(Client)
	if x == nil || x.Blocks != 3 || !x.Constant || x.Offset != 979_000_000 {
		t.Fatalf("outside %+v, want three blocks shifted by 979,000,000", x)
	}
	if x := sacked(0).one(t).SACKOutside(Client); x != nil {
		t.Errorf("outside %+v, want none for blocks in place", x)
	}
}

// A duplicate SACK lies below the acknowledgement and is legal.
func TestDuplicateSACKIsNotOutside(t *testing.T) {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(60, Client, packet.ACK, 101, 1001, f.sack(Server, 1, 1001))
	if x := f.one(t).SACKOutside(Client); x != nil {
		t.Errorf("outside %+v, want none", x)
	}
}
