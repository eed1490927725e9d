package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
)

// listener is what became of the connections to one server endpoint, so that
// one that fails can be seen beside those that do not.
type listener struct {
	stuckSilent   []*conversation.Conversation // SYN-ACK repeated though acknowledged, client sent nothing
	stuckSpeaking []*conversation.Conversation // the same, client data waiting
	served        []*conversation.Conversation // the server took the handshake and went on
	unanswered    []*conversation.Conversation // SYNs only
}

// shared is what several rules ask of the whole capture, computed once.
type shared struct {
	listeners map[netip.AddrPort]*listener
	scans     map[netip.Addr]*scan
	silences  []silence
	listened  bool // silences is filled
	heard     bool // a server's packet is in the capture
	lasts     []int64
	tongues   map[netip.AddrPort]*tongue
}

// listenerOf sorts the connections to a server endpoint.
func (x *Context) listenerOf(server netip.AddrPort) *listener {
	if l := x.shared.listeners[server]; l != nil {
		return l
	}
	if x.shared.listeners == nil {
		x.shared.listeners = map[netip.AddrPort]*listener{}
	}
	l := &listener{}
	x.shared.listeners[server] = l
	for _, c := range x.ToServer(server) {
		ladder := c.SYNACKLadder()
		switch {
		case ladder == nil:
			if c.Handshake().State == conversation.HandshakeSYN {
				l.unanswered = append(l.unanswered, c)
			}
		case len(ladder.Ignored) >= 2 && len(ladder.Waiting(c)) == 0:
			l.stuckSilent = append(l.stuckSilent, c)
		case len(ladder.Ignored) >= 1 && len(ladder.Waiting(c)) > 0 && ladder.Accepted < 0:
			l.stuckSpeaking = append(l.stuckSpeaking, c)
		case ladder.Accepted >= 0:
			l.served = append(l.served, c)
		}
	}
	return l
}

// during keeps the conversations that began within a time of one that did.
func during(cs []*conversation.Conversation, c *conversation.Conversation, within int64) []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, d := range cs {
		if d != c && d.First > c.First-within && d.First < c.First+within {
			out = append(out, d)
		}
	}
	return out
}
