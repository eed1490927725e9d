package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
)

const (
	// scanTargets: a source that tries more different endpoints than this, mostly
	// without insisting, is scanning.
	scanTargets = 20
	// scanShare is the share of its attempts that stay single and lead to nothing.
	scanShare = 0.7
)

// scan is what one source did that looks for open ports.
type scan struct {
	attempts []*conversation.Conversation
	targets  map[netip.AddrPort]bool
	idle     int // attempts that led to nothing: silence, refusal, an abort, a lone ACK
	open     int // attempts answered by a SYN-ACK
	refused  int
	rejected int // attempts answered by an ICMP error
}

// scans finds the sources of scans, by address.
func (x *Context) scans() map[netip.Addr]*scan {
	if x.shared.scans != nil {
		return x.shared.scans
	}
	all := map[netip.Addr]*scan{}
	x.shared.scans = all
	for _, c := range x.Conversations {
		s := all[c.Client.Addr()]
		if s == nil {
			s = &scan{targets: map[netip.AddrPort]bool{}}
			all[c.Client.Addr()] = s
		}
		s.add(c)
	}
	for a, s := range all {
		if len(s.targets) <= scanTargets || float64(s.idle) < scanShare*float64(len(s.attempts)) {
			delete(all, a)
		}
	}
	return all
}

func (s *scan) add(c *conversation.Conversation) {
	h := c.Handshake()
	s.attempts = append(s.attempts, c)
	s.targets[c.Server] = true
	if len(h.SYNACKs) > 0 {
		s.open++
	}
	switch {
	case refusal(c) != nil:
		s.refused++
	case len(h.SYNACKs) == 0 && len(c.ICMP) > 0:
		s.rejected++
	}
	single := len(h.SYNs) <= 1 && c.Flows[conversation.Client].Data+c.Flows[conversation.Server].Data == 0 && c.Packets-c.Copies <= 4
	if single && (len(h.SYNACKs) == 0 || h.Abort >= 0 || c.Flows[conversation.Client].RST) {
		s.idle++
	}
}
