package scenario

import (
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// idleFloor is the shortest idle limit that devices and balancers are known
	// to have, less a margin, in ns.
	idleFloor = 4 * lang.Second
	// idleUsual is where the usual limits begin; below it a forgotten connection
	// is only possible without further evidence, in ns.
	idleUsual = 30 * lang.Second
	// idleFactor: with nothing else to go by, the silence must be so many times
	// the longest one that the connection had survived.
	idleFactor = 5
)

// idleLong reports whether a silence was longer than any the connection had
// survived, by a margin for a limit that lies between the two.
func idleLong(idle, survived int64) bool { return idle >= idleFloor && idle*5 > survived*6 }

// idleUnlike reports whether it was so much longer that the silence alone sets
// this moment apart.
func idleUnlike(idle, survived int64) bool { return idle >= max(idleFloor, idleFactor*survived) }

// knownLimits are idle limits of widespread devices and services, in seconds:
// their number as documented.
var knownLimits = []struct {
	seconds int64
	who     lang.Text
}{
	{60, lang.Text{EN: "many load balancers", ZH: "许多负载均衡"}},
	{120, lang.Text{EN: "some firewalls and NAT devices", ZH: "部分防火墙与 NAT 设备"}},
	{240, lang.Text{EN: "Azure load balancers", ZH: "Azure 负载均衡"}},
	{300, lang.Text{EN: "some firewalls", ZH: "部分防火墙"}},
	{350, lang.Text{EN: "AWS network load balancers and NAT gateways", ZH: "AWS 网络负载均衡与 NAT 网关"}},
	{900, lang.Text{EN: "some NAT gateways", ZH: "部分 NAT 网关"}},
	{1800, lang.Text{EN: "some firewalls", ZH: "部分防火墙"}},
	{3600, lang.Text{EN: "many firewalls", ZH: "许多防火墙"}},
}

// bracket tells between which silences the limit lies, and a known limit in it.
func bracket(idle, survived int64) lang.Text {
	t := lang.T("If an idle limit is behind it, it lies between %s, which the connection survived, and %s, which it did not.", "如果起因是空闲时限，它介于 %s（连接曾经撑过）与 %s（没有撑过）之间。", lang.Duration(survived), lang.Duration(idle))
	for i := len(knownLimits) - 1; i >= 0; i-- {
		if l := knownLimits[i]; idle >= l.seconds*lang.Second && survived < l.seconds*lang.Second {
			return lang.T("%s %d s is the usual limit of %s.", "%s%d 秒是%s的常见时限。", t, l.seconds, l.who)
		}
	}
	return t
}

// mostNeighbours bounds how many conversations begun in a span of time are
// looked at.
const mostNeighbours = 200

// begunIn lists conversations that were begun within a span of time, bounded.
// The list given is in order of time.
func begunIn(list []*conversation.Conversation, from, to int64) []*conversation.Conversation {
	i := sort.Search(len(list), func(i int) bool { return list[i].First >= from })
	j := i
	for j < len(list) && j < i+mostNeighbours && list[j].First <= to {
		j++
	}
	return list[i:j]
}

// freshConnection is a conversation to the same server that was begun and
// answered within a span of time; nil for none.
func (x *Context) freshConnection(c *conversation.Conversation, from, to int64) *conversation.Conversation {
	for _, g := range begunIn(x.ToServer(c.Server), from, to) {
		h := g.Handshake()
		if g == c || len(h.SYNs) == 0 || len(h.SYNACKs) == 0 {
			continue
		}
		if g.Segments[h.SYNACKs[0]].Time <= to {
			return g
		}
	}
	return nil
}

// failedConnections are a few conversations to the same host that were begun
// within a span of time and got no answer at all.
func (x *Context) failedConnections(c *conversation.Conversation, from, to int64) []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, g := range begunIn(x.OfHost(c.Server.Addr()), from, to) {
		if g != c && len(out) < 8 && g.Handshake().State == conversation.HandshakeSYN {
			out = append(out, g)
		}
	}
	return out
}

// sayLadder tells the repetitions of one segment.
func sayLadder(f *Finding, c *conversation.Conversation, b *conversation.Blackout) {
	again := numbers(c, b.At[1:]...)
	f.say(again, "It was repeated %s (%s) with pauses of %s; nothing acknowledged it%s.", "它被重传了 %s（%s），间隔依次为 %s；%[4]s没有任何确认。",
		lang.Times(len(again)), refs(again), waits(b.Gaps), until(b))
	for _, i := range b.At {
		f.shows(n(c, i), "sent and not acknowledged", "发出而未被确认")
	}
	f.Drawing.Timers = append(f.Drawing.Timers, timersOf(c, b.At)...)
}

func until(b *conversation.Blackout) lang.Text {
	if b.End < 0 {
		return lang.Text{}
	}
	return lang.Text{EN: " in all this time", ZH: "其间"}
}

// lost marks every sending of a blackout, but the one that was acknowledged, as
// not arrived.
func lost(f *Finding, c *conversation.Conversation, b *conversation.Blackout) {
	for k, i := range b.At {
		if b.End < 0 || k < len(b.At)-1 {
			f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Lost: true})
		}
	}
}
