package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// abort is the first reset of a conversation, where a live socket or a balancer
// sent it on its own account, with how matters stood just before.
type abort struct {
	c      *conversation.Conversation
	r      conversation.Reset
	from   conversation.Side
	before conversation.Moment
	turn   *conversation.Turn // the newest run of data before it, nil for none
	quiet  int64              // ns since the segment before it
}

// firstAbort is the conversation's abort; nil when its first reset only answers
// a segment, when both sides had closed before, or when there is none.
func firstAbort(c *conversation.Conversation) *abort {
	rs := c.Resets()
	if len(rs) == 0 || rs[0].Form != conversation.ResetAbort && rs[0].Form != conversation.ResetCleanup {
		return nil
	}
	at := rs[0].At
	a := &abort{c: c, r: rs[0], from: c.Segments[at].From, before: c.Before(at), turn: lastTurn(c, at)}
	if a.before.Any < 0 || a.before.FIN[client] >= 0 && a.before.FIN[server] >= 0 {
		return nil
	}
	a.quiet = since(c, a.before.Any, at)
	return a
}

// owes reports whether the side that aborts had a request of the other side
// before it that it had not answered.
func (a *abort) owes() bool { return a.turn != nil && a.turn.From != a.from }

// recentData is the other side's newest payload when it reached the side that
// resets only just before, so that a program can hardly have read it; -1 for none.
func (a *abort) recentData() int {
	d := a.before.Data[a.from.Other()]
	if d < 0 {
		return -1
	}
	// The way there and back, and 5 ms: a program that is woken and reads needs
	// that long on a busy host.
	if since(a.c, d, a.r.At) <= a.c.RTT()+5*lang.Millisecond {
		return d
	}
	return -1
}

// crossing are the other side's new data segments behind the reset: they were
// under way when it was sent.
func (a *abort) crossing() []int { return a.c.NewData(a.from.Other(), a.r.At) }

// shape names the reset in one clause.
func (a *abort) shape() lang.Text {
	if a.r.Form == conversation.ResetCleanup {
		return lang.Text{EN: "without ACK, at its side's own next number", ZH: "不带 ACK，序号为己方的下一个序号"}
	}
	return lang.Text{EN: "with the connection's own numbers, from a live socket", ZH: "带有该连接自己的序号，出自活动的套接字"}
}

// group is what aborts have in common that are one finding: who sent them, and
// to or from which server.
func (a *abort) group() string { return sideName(a.from).EN + a.c.Server.String() }
