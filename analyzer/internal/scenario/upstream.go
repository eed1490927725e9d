package scenario

import (
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// upstreamLag is how soon a proxy passes its upstream's failure on to the
	// client, in ns: both happen in one process, one wake-up apart.
	upstreamLag = 50 * lang.Millisecond
	// mostLegs bounds how many failed connections are looked at as the second leg
	// of one client's connection.
	mostLegs = 500
)

// upstreamFailure is an attempt of the server's own host to open another
// connection, which failed just before the client's connection was ended: the
// second leg of a proxy.
type upstreamFailure struct {
	leg    *conversation.Conversation
	at     int // index of the refusal, or of the last unanswered SYN
	reason lang.Text
}

// failedLegs are the connections that never opened, by time: what can be the
// second leg of a proxy.
func (x *Context) failedLegs() []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, c := range x.Conversations {
		if s := c.Handshake().State; s == conversation.HandshakeRefused || s == conversation.HandshakeSYN {
			out = append(out, c)
		}
	}
	return out
}

// failedUpstream looks among the legs for the one behind a client's connection:
// begun while the client waited, failed when its connection ended at the given
// time; nil for none.
func (x *Context) failedUpstream(legs []*conversation.Conversation, c *conversation.Conversation, end int64) *upstreamFailure {
	from := sort.Search(len(legs), func(i int) bool { return legs[i].First >= c.First })
	var best *upstreamFailure
	for i := from; i < len(legs) && i < from+mostLegs && legs[i].First <= end; i++ {
		g := legs[i]
		if g == c || g.Server == c.Server && g.Client.Addr() == c.Client.Addr() || !x.opensFrom(g, c) {
			continue
		}
		if u := failure(x, g, end); u != nil {
			best = u
		}
	}
	return best
}

// opensFrom reports whether g was opened on the host that holds c's server: from
// its address, from a loopback address, or leaving the host that c arrived at.
func (x *Context) opensFrom(g, c *conversation.Conversation) bool {
	a := g.Client.Addr()
	if a == c.Server.Addr() || a.IsLoopback() {
		return true
	}
	syns := g.Handshake().SYNs
	return len(syns) > 0 && g.Segments[syns[0]].Outbound() && x.Vantage(c).Place == conversation.PlaceServer
}

func failure(x *Context, g *conversation.Conversation, end int64) *upstreamFailure {
	h := g.Handshake()
	near := func(t int64) bool { return t <= end && end-t < upstreamLag }
	switch {
	case h.State == conversation.HandshakeRefused && near(g.Segments[h.Refusal].Time):
		return &upstreamFailure{g, h.Refusal, lang.Text{EN: "was refused", ZH: "遭到拒绝"}}
	case h.State == conversation.HandshakeSYN && len(g.ICMP) > 0 && near(x.ICMP[g.ICMP[0]].Time):
		return &upstreamFailure{g, h.SYNs[0], lang.Text{EN: "was answered by an ICMP error", ZH: "收到 ICMP 差错"}}
	case h.State == conversation.HandshakeSYN && g.Segments[h.SYNs[len(h.SYNs)-1]].Time < end && len(g.ICMP) == 0:
		return &upstreamFailure{g, h.SYNs[len(h.SYNs)-1], lang.Text{EN: "got no answer", ZH: "没有得到应答"}}
	}
	return nil
}
