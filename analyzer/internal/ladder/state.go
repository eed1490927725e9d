package ladder

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// states infers each endpoint's TCP state over time (RFC 9293, figure 5), for
// conversations whose opening is in the capture.
func (b *builder) states() {
	if len(b.items) == 0 {
		return
	}
	end := b.items[len(b.items)-1].time
	hinted := map[netip.AddrPort]bool{}
	for _, h := range b.finding.Drawing.States {
		hinted[h.Endpoint] = true
		to := h.To
		if to == 0 {
			to = end
		}
		b.state(h.Endpoint, h.Name, h.From, to)
	}
	if len(b.ladder.Lanes) > 3 {
		return // bars on many lanes hide more than they tell
	}
	for _, c := range b.convs {
		if c.Role != conversation.RoleSYN || c.Client == c.Server {
			continue
		}
		if !hinted[c.Client] {
			b.clientStates(c, end)
		}
		if !hinted[c.Server] {
			b.serverStates(c, end)
		}
	}
}

func (b *builder) state(a netip.AddrPort, name string, from, to int64) {
	if lane, ok := b.lanes.find(a); ok && name != "" && to > from {
		b.ladder.States = append(b.ladder.States, State{Lane: lane, Name: name, From: b.at(from), To: b.at(to), Inferred: true})
	}
}

// closing is when a side's connection ended: its first FIN or any RST.
func closing(c *conversation.Conversation, end int64) int64 {
	for i := range c.Segments {
		if s := &c.Segments[i]; !s.IsCopy() && s.Flags&(packet.FIN|packet.RST) != 0 && !s.Tags.Has(conversation.TagStray) {
			return s.Time
		}
	}
	return end
}

func (b *builder) clientStates(c *conversation.Conversation, end int64) {
	h := c.Handshake()
	if len(h.SYNs) == 0 {
		return
	}
	first := c.Segments[h.SYNs[0]].Time
	if h.ACK < 0 {
		b.state(c.Client, "SYN_SENT", first, closing(c, end))
		return
	}
	open := c.Segments[h.SYNACKs[0]].Time
	b.state(c.Client, "SYN_SENT", first, open)
	b.state(c.Client, "ESTABLISHED", open, closing(c, end))
}

func (b *builder) serverStates(c *conversation.Conversation, end int64) {
	h := c.Handshake()
	if len(h.SYNACKs) == 0 {
		return
	}
	first := c.Segments[h.SYNACKs[0]].Time
	if h.ACK < 0 {
		b.state(c.Server, "SYN_RECV", first, closing(c, end))
		return
	}
	open := c.Segments[h.ACK].Time
	b.state(c.Server, "SYN_RECV", first, open)
	b.state(c.Server, "ESTABLISHED", open, closing(c, end))
}
