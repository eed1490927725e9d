package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func withWindow(w uint16) part { return func(p *packet.Packet) { p.Window = w } }

func TestStalls(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
	f.at(2, Client, packet.ACK, 1, 1)
	f.at(3, Server, packet.ACK, 1, 1, withData(1000))
	f.at(4, Client, packet.ACK, 1, 1001, withWindow(0))
	f.at(300, Server, packet.ACK, 1000, 1)                // probe, one byte back
	f.at(301, Client, packet.ACK, 1, 1001, withWindow(0)) // still closed
	f.at(2004, Client, packet.ACK, 1, 1001, withWindow(1000))
	f.at(2005, Server, packet.ACK, 1001, 1, withData(500))
	f.at(3000, Server, packet.RST|packet.ACK, 1501, 1, withWindow(0))
	c := f.one(t)
	stalls := c.Stalls()
	if len(stalls) != 1 {
		t.Fatalf("%d stalls, want 1: a reset's window is no window", len(stalls))
	}
	s := stalls[0]
	if s.Reader != Client || c.Segments[s.Closed].Number != 5 || c.Segments[s.Opened].Number != 8 || c.Segments[s.Resumed].Number != 9 {
		t.Errorf("stall %+v, want closed by #5, opened by #8, resumed by #9", s)
	}
	if len(s.Probes) != 1 || len(s.Answers) != 1 || (s.To-s.From)/1e6 != 2000 {
		t.Errorf("%d probes, %d answers, %d ms; want 1, 1, 2000", len(s.Probes), len(s.Answers), (s.To-s.From)/1e6)
	}
	if !c.Segments[s.Probes[0]].Tags.Has(TagZeroWindowProbe) {
		t.Errorf("the probe is tagged %v", c.Segments[s.Probes[0]].Tags.Names())
	}
}
