package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// closeWaitSeen is the shortest proven silence behind an acknowledged FIN that
	// is more than the end of a capture, in ns.
	closeWaitSeen = 5 * lang.Second
	// closeWaitSure: by then Linux has given up waiting for the other FIN
	// (tcp_fin_timeout), in ns.
	closeWaitSure = 60 * lang.Second
	// closeWaitMost: a longer silence is a gap between captures in one file, in ns.
	closeWaitMost = 24 * lang.Hour
	// closeWaitCrowd is how many such connections make a leak in the program
	// likely.
	closeWaitCrowd = 3
)

var closeWaitLeak = Scenario{
	ID:    "close-wait-leak",
	Title: lang.Text{EN: "A close was acknowledged and never returned", ZH: "关闭得到确认，却始终没有回应 FIN"},
	Summary: lang.Text{
		EN: "One side closes; the other's kernel acknowledges it, but its program never closes its own side.",
		ZH: "一侧关闭，对端内核作了确认，但对端程序一直没有关闭自己的一侧。",
	},
	Meaning: lang.Text{
		EN: "The socket stays in CLOSE_WAIT until its program closes it. A program that misses the end of a connection leaks a socket each time, until it runs out of file descriptors or its accept queue fills.",
		ZH: "套接字会停留在 CLOSE_WAIT，直到程序关闭它。若程序没有察觉连接结束，每次都会泄漏一个套接字，最终耗尽文件描述符或占满 accept 队列。",
	},
	Recognised: []lang.Text{
		{EN: "A FIN and its acknowledgement.", ZH: "出现 FIN 及其确认。"},
		{EN: "From then on neither data nor a FIN from the other side, for at least 5 s of captured time.", ZH: "此后在至少 5 秒的抓包时间内，对端既没有数据也没有 FIN。"},
	},
	Confused: []Confusion{
		{ID: "half-close-cut", Text: lang.Text{EN: "a half-closed connection on which data still flows is in order", ZH: "半关闭后仍有数据流动属于正常"}},
	},
	Fixes: []lang.Text{
		{EN: "Let the program close its socket when a read returns the end of the connection; look at error paths and connection pools.", ZH: "读到连接结束时，程序应关闭套接字；重点检查错误处理路径与连接池。"},
	},
	References: []Reference{
		{Title: "CLOSE_WAIT and FIN_WAIT in a capture", Author: "hannes-software", URL: "https://hannes-software.com/pcap-surgery/blogs/tcp-close-wait-fin-wait-pcap-analysis/"},
		{Title: "RFC 9293, Transmission Control Protocol, section 3.6", Author: "W. Eddy", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
	},
	Symptom: SymptomClose,
	Detect:  detectCloseWait,
}

// Reported when all of these hold: a FIN was acknowledged; its receiver sent
// neither data nor FIN nor RST from then to the end of the conversation; the
// capture is known to have run on for at least 5 s (60 s and more on 3 connections
// of one host: a problem);
// and the closing side was not itself waiting for an answer to a request. Not
// reported when data went on flowing (a half-close in use).
func detectCloseWait(x *Context) []Finding {
	type stuck struct {
		c        *conversation.Conversation
		fin, ack int
		silence  int64
	}
	var found []stuck
	alike := map[string]int{}
	for _, c := range x.Conversations {
		for _, from := range []conversation.Side{client, server} {
			fin, ack := unreturned(c, from)
			if fin < 0 {
				continue
			}
			silence := x.End - c.Segments[ack].Time
			if c.Later != nil {
				silence = c.Later.First - c.Segments[ack].Time
			}
			if silence >= closeWaitSeen && silence < closeWaitMost {
				found = append(found, stuck{c, fin, ack, silence})
				alike[c.Addr(from.Other()).Addr().String()]++
			}
		}
	}
	var out []Finding
	for _, s := range found {
		holder := s.c.Addr(s.c.Segments[s.fin].From.Other())
		out = append(out, *tellCloseWait(x, s.c, s.fin, s.ack, s.silence, alike[holder.Addr().String()]))
	}
	return out
}

// unreturned gives a side's FIN that was acknowledged and not returned, with the
// acknowledgement; -1 when there is none.
func unreturned(c *conversation.Conversation, from conversation.Side) (fin, ack int) {
	fin = c.FirstFIN(from)
	if fin < 0 || c.FirstFIN(from.Other()) >= 0 || len(c.Resets()) > 0 {
		return -1, -1
	}
	ack = c.AckedBy(fin)
	if ack < 0 || len(c.NewData(from.Other(), fin)) > 0 {
		return -1, -1
	}
	if t := lastTurn(c, fin); t != nil && t.From == from && from == client {
		return -1, -1 // it may still get its answer
	}
	return fin, ack
}

func tellCloseWait(x *Context, c *conversation.Conversation, fin, ack int, silence int64, crowd int) *Finding {
	severity, symptom, cause := Warning, Likely, Possible
	if silence >= closeWaitSure {
		symptom = Certain
	}
	if crowd >= closeWaitCrowd {
		cause = Likely
		if silence >= closeWaitSure {
			severity = Problem
		}
	}
	from := c.Segments[fin].From
	holder, who := c.Addr(from.Other()), sideName(from.Other())
	f := x.finding(severity, symptom, cause, c)
	f.Summary = lang.T("%s acknowledged the close of %s and did not close its own side for the %s that the capture shows.", "%s 确认了 %s 的关闭，但在抓包所示的 %s 内一直没有关闭自己的一侧。", holder, c.Addr(from), lang.Duration(silence))
	f.say(numbers(c, fin, ack), "The %s closed with a FIN #%d; it was acknowledged %s later #%d.", "%s用 FIN 关闭 #%d，%s 后得到确认 #%d。", sideName(from), n(c, fin), elapsed(c, fin, ack), n(c, ack))
	f.say(nil, "For the next %s, to the end of what was captured of it, the %s sent neither data nor a FIN: its program has not closed the socket (CLOSE_WAIT).", "此后直到抓包所及的 %s 内，%s既没有发送数据也没有发送 FIN：它的程序没有关闭套接字（CLOSE_WAIT）。", lang.Duration(silence), who)
	f.shows(n(c, fin), "closes", "关闭")
	f.shows(n(c, ack), "acknowledges; never closes", "确认，但始终不关闭")
	f.may(cause, lang.T("The %s's program does not notice the end of connections, or keeps them in a pool", "%s程序没有察觉连接结束，或把它们留在连接池里", who), lang.Text{EN: "The number of sockets in CLOSE_WAIT there, and whether it grows.", ZH: "该主机上 CLOSE_WAIT 套接字的数量及其是否增长。"})
	f.may(Possible, lang.Text{EN: "The program is busy or stopped and will close later", ZH: "程序正忙或暂停，稍后才会关闭"}, lang.Text{EN: "A longer capture.", ZH: "更长时间的抓包。"})
	f.confirm(lang.T("On %s:", "在 %s 上查看：", holder.Addr()), "ss -tanp state close-wait")
	f.Drawing.Lanes = twoLanes(c)
	return f.restsOnAbsence().grouped(holder.Addr().String(), portLabel(c.Client))
}
