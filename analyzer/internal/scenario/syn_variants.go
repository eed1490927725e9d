package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// variant is a conversation whose SYN drew nothing as long as it carried a
// feature, and was answered once a repetition left it out.
type variant struct {
	c      *conversation.Conversation
	with   []int // SYNs that carry the feature, unanswered
	plain  int   // the first SYN without it
	answer int   // the SYN-ACK to that
}

// variants finds them, by server endpoint, in order of their first packets.
// Endpoints that answer a SYN with the feature elsewhere in the capture are left
// out: there it was ordinary loss.
func (x *Context) variants(has func(*conversation.Segment) bool) [][]variant {
	byServer := map[netip.AddrPort][]variant{}
	takes := map[netip.AddrPort]bool{}
	var order []netip.AddrPort
	for _, c := range x.Conversations {
		h := c.Handshake()
		if len(h.SYNs) == 0 || len(h.SYNACKs) == 0 {
			continue
		}
		v, answered := variantOf(c, h, has)
		takes[c.Server] = takes[c.Server] || answered
		if v == nil {
			continue
		}
		if byServer[c.Server] == nil {
			order = append(order, c.Server)
		}
		byServer[c.Server] = append(byServer[c.Server], *v)
	}
	var out [][]variant
	for _, a := range order {
		if !takes[a] {
			out = append(out, byServer[a])
		}
	}
	return out
}

// variantOf is nil when the handshake is not of that kind; answered tells that a
// SYN with the feature was answered.
func variantOf(c *conversation.Conversation, h *conversation.Handshake, has func(*conversation.Segment) bool) (v *variant, answered bool) {
	found := &variant{c: c, plain: -1, answer: h.SYNACKs[0]}
	for _, y := range h.SYNs {
		switch {
		case y > found.answer:
		case has(&c.Segments[y]) && found.plain < 0:
			found.with = append(found.with, y)
		case has(&c.Segments[y]):
			return nil, false
		case found.plain < 0:
			found.plain = y
		}
	}
	switch {
	case len(found.with) == 0:
		return nil, false
	case found.plain < 0:
		return nil, true
	}
	return found, false
}

// variantFinding tells what the kinds have in common. feature names what the
// SYNs carried, inside a sentence.
func (x *Context) variantFinding(vs []variant, feature lang.Text) *Finding {
	v := vs[0]
	c := v.c
	first, plain, z := &c.Segments[v.with[0]], &c.Segments[v.plain], &c.Segments[v.answer]
	certainty, cause := Likely, Possible
	if len(vs) > 1 {
		certainty, cause = Certain, Likely
	}
	var cs []*conversation.Conversation
	var lost int64
	for _, w := range vs {
		cs = append(cs, w.c)
		lost += w.c.Segments[w.plain].Time - w.c.Segments[w.with[0]].Time
	}
	f := x.finding(Warning, certainty, cause, cs...)
	f.Count = len(vs)
	f.waited(lost)
	wait := lang.Duration(plain.Time - first.Time)
	f.Summary = lang.T("Each connection to %s lost %s: the SYN %s got no answer, its plain repetition did (%s).", "到 %s 的连接每次都损失 %s：%[3]s的 SYN 没有应答，改发普通 SYN 后则有（%[4]s）。", c.Server, wait, feature, lang.Count(len(vs), "connection", "connections", "个连接"))
	f.say(numbers(c, v.with...), "The client's SYN %s (#%d) got no answer.", "客户端%s的 SYN（#%[2]d）没有应答。", feature, first.Number)
	f.say(numbers(c, v.plain, v.answer), "%s later it repeated it as a plain SYN (#%d), and the SYN-ACK came at once (#%d, after %s).", "%s 后它改用普通的 SYN 重试（#%d），SYN-ACK 随即到达（#%d，%s 后）。", wait, plain.Number, z.Number, lang.Duration(z.Time-plain.Time))
	f.shows(int(first.Number), "%s: no answer", "%s：无应答", feature)
	f.shows(int(plain.Number), "repeated as a plain SYN", "改用普通的 SYN 重试")
	f.shows(int(z.Number), "answered at once", "立即得到应答")
	if len(vs) > 1 {
		w := vs[1]
		f.say(numbers(w.c, w.with[0], w.plain, w.answer), "The same happened on %s (#%d unanswered, #%d answered).", "另外 %s也是如此（#%d 无应答，#%d 有应答）。",
			lang.Count(len(vs)-1, "other connection", "other connections", "个连接"), n(w.c, w.with[0]), n(w.c, w.plain))
		f.shows(n(w.c, w.with[0]), "the same on another connection", "另一个连接上的同一现象")
	}
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Timers = timersOf(c, append(append([]int{}, v.with...), v.plain))
	for _, y := range v.with {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, y), Lost: true})
	}
	return f
}
