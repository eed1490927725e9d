package scenario

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// silentWait is how long a single SYN must have waited before its silence
	// means anything, in ns: the first retransmission of old stacks.
	silentWait = 3 * lang.Second
	// answeredLate is the shortest wait in ns that a repeated SYN shows: the
	// initial timer of 1 s, fired a little early.
	answeredLate = 900 * lang.Millisecond
	// excerptGap is the longest pause of one running capture, in ns; behind a longer
	// one another excerpt may begin.
	excerptGap = 2 * lang.Minute
	// legWait is how much later a translating box sends the other leg of a SYN on.
	legWait = 50 * lang.Millisecond
)

// silence is a conversation whose SYNs drew nothing, at least for a while.
type silence struct {
	c    *conversation.Conversation
	syns []int                      // those without an answer
	at   int                        // the SYN-ACK that came at last, -1 for none
	leg  *conversation.Conversation // the same SYN, sent on by a box and silent too
	// sentOn: a box sent the same SYN on, whatever became of it there.
	sentOn bool
	// insisted: SYNs of this endpoint's clients stayed silent often enough that it
	// is no accident, though each was sent once.
	insisted bool
}

// insisting is how many single SYNs to one endpoint, none of them answered, are
// as good as repetitions: an application that opens a new socket each time.
const insisting = 3

// silences finds the SYNs that nothing in the capture answers: no SYN-ACK, no
// reset, no odd acknowledgement, no ICMP error. Targets of a scan are left out.
func (x *Context) silences() []silence {
	if !x.shared.listened {
		x.shared.listened, x.shared.silences = true, x.listen()
	}
	return x.shared.silences
}

func (x *Context) listen() []silence {
	scans := x.scans()
	x.shared.heard, x.shared.lasts = x.serversHeard(), x.lasts()
	byISN := map[uint32][]*conversation.Conversation{}
	var out []silence
	for _, c := range x.Conversations {
		s := x.silence(c)
		if s == nil || scans[c.Client.Addr()] != nil {
			continue
		}
		isn := c.Flows[conversation.Client].ISN
		if first := firstLeg(byISN[isn], c); first >= 0 && !c.Relative {
			joinLeg(out, byISN[isn][first], c)
			continue
		}
		byISN[isn] = append(byISN[isn], c)
		out = append(out, *s)
	}
	x.markSentOn(out)
	x.markInsisted(out)
	return out
}

// markInsisted finds the endpoints that several single SYNs tried in vain.
func (x *Context) markInsisted(silent []silence) {
	singles := map[netip.AddrPort]int{}
	for _, s := range silent {
		if s.at < 0 && len(s.syns) == 1 {
			singles[s.c.Server]++
		}
	}
	for i := range silent {
		server := silent[i].c.Server
		silent[i].insisted = singles[server] >= insisting && len(x.listenerOf(server).served) == 0
	}
}

// markSentOn finds the SYNs that appear again under other addresses.
func (x *Context) markSentOn(silent []silence) {
	byISN := map[uint32][]*conversation.Conversation{}
	for _, c := range x.Conversations {
		if f := &c.Flows[conversation.Client]; f.HasISN && !c.Relative {
			byISN[f.ISN] = append(byISN[f.ISN], c)
		}
	}
	for i := range silent {
		c := silent[i].c
		for _, d := range byISN[c.Flows[conversation.Client].ISN] {
			other := d.Server != c.Server || d.Client != c.Client
			silent[i].sentOn = silent[i].sentOn || other && d.First-c.First <= legWait && c.First-d.First <= legWait
		}
	}
}

// firstLeg is the conversation whose SYN a box sent on as this one's.
func firstLeg(earlier []*conversation.Conversation, c *conversation.Conversation) int {
	for i, d := range earlier {
		if c.First-d.First <= legWait && d.Client != c.Client || d.Server != c.Server && c.First-d.First <= legWait {
			return i
		}
	}
	return -1
}

func joinLeg(out []silence, first, leg *conversation.Conversation) {
	for i := range out {
		if out[i].c == first {
			out[i].leg = leg
		}
	}
}

func (x *Context) silence(c *conversation.Conversation) *silence {
	h := c.Handshake()
	if c.Client == c.Server || len(h.SYNs) == 0 || len(h.Odd) > 0 || h.Refusal >= 0 || len(c.ICMP) > 0 {
		return nil
	}
	if len(h.SYNACKs) > 0 {
		return answeredAtLast(c, h)
	}
	if h.State != conversation.HandshakeSYN || len(h.SYNs) == 1 && !x.heardLater(c) {
		return nil
	}
	return &silence{c: c, syns: h.SYNs, at: -1}
}

// answeredAtLast: the first SYN drew nothing before it was repeated, a later one
// did. Where each SYN has its SYN-ACK the path is slow, nothing was lost.
func answeredAtLast(c *conversation.Conversation, h *conversation.Handshake) *silence {
	z := h.SYNACKs[0]
	if len(h.SYNs) < 2 || h.SYNs[1] > z || c.Segments[z].Time-c.Segments[h.SYNs[0]].Time < answeredLate {
		return nil
	}
	s := &silence{c: c, at: z}
	answers := 0
	for _, a := range h.SYNACKs {
		if c.Segments[a].Time-c.Segments[z].Time < answeredLate {
			answers++
		}
	}
	for _, y := range h.SYNs {
		if y < z {
			s.syns = append(s.syns, y)
		}
	}
	if answers >= len(s.syns) {
		return nil
	}
	return s
}

// heardLater: a single SYN is silence only when the capture went on long enough
// and does hold packets of servers, so that it is no capture of SYNs alone.
func (x *Context) heardLater(c *conversation.Conversation) bool {
	return x.End-c.Last >= silentWait && x.shared.heard && x.ranOn(c.Last)
}

// ranOn reports whether the capture ran on after a time: in a file put together
// of excerpts, what stands hours later proves nothing.
func (x *Context) ranOn(since int64) bool {
	if x.End > x.Last {
		return true // the container says until when it ran
	}
	i := sort.Search(len(x.Conversations), func(i int) bool { return x.Conversations[i].First > since+excerptGap })
	return i > 0 && x.shared.lasts[i-1] >= since+silentWait
}

// lasts gives, for each conversation, the latest packet of it and of those
// before it, ns.
func (x *Context) lasts() []int64 {
	out := make([]int64, len(x.Conversations))
	var last int64
	for i, c := range x.Conversations {
		last = max(last, c.Last)
		out[i] = last
	}
	return out
}

// serversHeard reports whether any server's packet is in the capture.
func (x *Context) serversHeard() bool {
	for _, d := range x.Conversations {
		if d.Flows[conversation.Server].Packets > 0 {
			return true
		}
	}
	return false
}
