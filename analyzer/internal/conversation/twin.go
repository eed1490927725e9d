package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// twinLag is how long after a SYN its twin behind a device can come, in ns.
const twinLag = 10 * lang.Millisecond

// twinSYN reports whether a SYN is this conversation's own SYN once more, behind
// a device that replaces sequence numbers: same 4-tuple, same IP ID and
// timestamp, another number, another place. Both sides of such a device in one
// capture are two legs under one tuple, which would spoil each other's
// sequence analysis.
func (t *Tracker) twinSYN(c *Conversation, p *packet.Packet) bool {
	if c.Role != RoleSYN || len(c.Segments) == 0 || p.Flags&(packet.SYN|packet.ACK) != packet.SYN || c.sideOf(p) != Client {
		return false
	}
	y := &c.Segments[0]
	both := y.Known & p.Known
	if !y.PureSYN() || y.Seq == p.Seq || p.Time < y.Time || p.Time-y.Time > twinLag || both&packet.KnownIPID == 0 || p.IPID == 0 || y.IPID != p.IPID {
		return false
	}
	if y.HasTS() != p.Has(packet.OptTimestamps) || y.TSVal != p.TSVal {
		return false
	}
	link := t.set.Links[y.Link]
	return y.TTL != p.TTL || link.HasMAC && p.Known&packet.KnownMAC != 0 && (link.SrcMAC != p.SrcMAC || link.DstMAC != p.DstMAC)
}

// pick chooses between the two legs of a tuple by their sequence spaces.
func (e *entry) pick(p *packet.Packet) *Conversation {
	if e.twin.closeness(p) > e.current.closeness(p) {
		return e.twin
	}
	return e.current
}

// closeness is how many of a packet's numbers fit the conversation; exact ones
// count more.
func (c *Conversation) closeness(p *packet.Packet) int {
	from := c.sideOf(p)
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	n := 0
	if f.HasSeq && Near(p.Seq, f.Next) {
		n += 2
	}
	if f.HasISN && f.ISN == p.Seq {
		n += 4
	}
	if p.Flags&packet.ACK != 0 && peer.HasSeq && Near(p.Ack, peer.Next) {
		n += 2
	}
	return n
}
