package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A SYN meets what is left of an earlier connection on the same tuple. A stack
// in TIME_WAIT answers it with that connection's last ACK instead of a SYN-ACK,
// unless the SYN is plainly newer.

// reuseQuick is the delay below which the detour costs a connection nothing
// that anyone would notice, in ns.
const reuseQuick = lang.Second

var timewaitPortReuse = Scenario{
	ID:    "timewait-port-reuse",
	Title: lang.Text{EN: "A SYN on a reused port is answered with the old connection's ACK", ZH: "重用端口的 SYN 得到的是旧连接的 ACK"},
	Summary: lang.Text{
		EN: "The server still remembers an earlier connection between the same addresses and ports, and answers the new SYN in its name.",
		ZH: "服务器仍记得同一对地址和端口之间的旧连接，于是用旧连接的序列号应答新的 SYN。",
	},
	Meaning: lang.Text{
		EN: "The side that closes first keeps the pair of endpoints in TIME_WAIT, on Linux for 60 seconds. A SYN for that pair is accepted at once when its sequence number or its timestamp is beyond the old connection's; otherwise it looks like an old duplicate and draws an ACK with the old numbers. The client resets that, which frees the pair, and the next SYN works. Clients behind one address translator get into this easily, since each has its own sequence numbers. When the reset or the ACK is dropped on the way, the attempt hangs.",
		ZH: "先关闭的一方会让这对端点停留在 TIME_WAIT（Linux 为 60 秒）。如果新 SYN 的序列号或时间戳比旧连接更新，会被立即接受；否则它看起来像是旧的重复包，得到的是带旧序列号的 ACK。客户端将其复位后，这对端点得到释放，下一个 SYN 就能成功。同一个地址转换设备后面的多个客户端各有各的序列号，很容易遇到这种情况。如果 RST 或 ACK 在途中被丢弃，连接就会一直挂住。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN is answered by an ACK that does not acknowledge it.", ZH: "SYN 得到的 ACK 并不确认它。"},
		{EN: "The client answers that ACK with a RST and sends its SYN again.", ZH: "客户端用 RST 回应这个 ACK，然后重发 SYN。"},
		{EN: "The numbers of the ACK are where an earlier connection of the same endpoints stopped.", ZH: "这个 ACK 的序列号正是同一对端点的旧连接结束时的位置。"},
	},
	Confused: []Confusion{
		{ID: "half-open-after-crash", Text: lang.Text{EN: "there the earlier connection was never closed", ZH: "那里旧连接从未关闭"}},
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "there the numbers are those of another connection that is alive", ZH: "那里的序列号属于另一个仍然存活的连接"}},
		{ID: "lvs-stale-entry-after-port-reuse", Text: lang.Text{EN: "there a balancer keeps the old entry", ZH: "那里是负载均衡保留了旧条目"}},
	},
	Fixes: []lang.Text{
		{EN: "Let the client close first, so that TIME_WAIT stays on its side.", ZH: "让客户端先关闭，使 TIME_WAIT 留在客户端一侧。"},
		{EN: "Keep TCP timestamps on at both ends: then a newer SYN is accepted at once.", ZH: "两端都启用 TCP 时间戳：这样较新的 SYN 会被立即接受。"},
		{EN: "Widen the range of source ports, add addresses to the translator's pool, do not bind a fixed source port.", ZH: "扩大源端口范围，增加地址转换池中的地址，不要绑定固定的源端口。"},
		{EN: "Let firewalls pass the ACK and the RST of this exchange.", ZH: "让防火墙放行这个过程中的 ACK 与 RST。"},
	},
	References: []Reference{
		{Title: "Port reuse trace", Author: "Noah Davids", URL: "http://noahdavids.org/traces/port_reuse.html"},
		{Title: "Old sequence number in the response", Author: "Noah Davids", URL: "http://noahdavids.org/traces/old_seq_response.html"},
		{Title: "RFC 6191: Reducing the TIME-WAIT State Using TCP Timestamps", Date: "2011-04", URL: "https://www.rfc-editor.org/rfc/rfc6191"},
	},
	Symptom: SymptomOddAnswer,
	Over:    []string{"health-check-or-scan", "syn-no-answer", "rst-injection", "syn-dropped-by-host", "synack-unacknowledged", "conn-refused-rst"},
	Detect:  detectTimewaitPortReuse,
}

// Reported when an acknowledgement without data that does not acknowledge the
// SYN directly follows it (within 3 s, nothing of the client's between but SYNs
// and resets). Certain when the earlier connection is in the capture, was
// closed, and the numbers are where it stopped; likely otherwise. Not reported
// when the earlier connection is in the capture and was never closed
// (half-open-after-crash), or the numbers are those of another living connection
// (cross-wired-tuple-collision).
func detectTimewaitPortReuse(x *Context) []Finding {
	var out []Finding
	tangled := x.inTangle()
	for _, c := range x.Conversations {
		odd := c.OddAnswers()
		if len(odd) == 0 || c.Relative || tangled[c] || restartedClient(c, odd) || x.outer(c) != c.ID {
			continue
		}
		out = append(out, *tellTimewaitReuse(x, c, odd))
	}
	return out
}

// restartedClient: the odd answer belongs to a connection that nobody closed.
func restartedClient(c *conversation.Conversation, odd []conversation.OddAnswer) bool {
	r, ok := c.Reuse()
	return ok && !r.Ended && odd[0].Earlier
}

// oddSeverity: a detour of milliseconds is a warning, a connection that is late
// or never opens a problem. cost is the time lost in ns.
func oddSeverity(c *conversation.Conversation) (severity string, cost int64) {
	h := c.Handshake()
	if len(h.SYNACKs) == 0 {
		return Problem, c.Last - c.First
	}
	cost = c.Segments[h.SYNACKs[0]].Time - c.First
	if cost < reuseQuick {
		return Warning, cost
	}
	return Problem, cost
}

func tellTimewaitReuse(x *Context, c *conversation.Conversation, odd []conversation.OddAnswer) *Finding {
	r, known := c.Reuse()
	known = known && odd[0].Earlier
	symptom, cause := Likely, Possible
	conversations := []*conversation.Conversation{c}
	if known {
		symptom, cause = Certain, Certain
		conversations = []*conversation.Conversation{r.Earlier, c}
	}
	severity, cost := oddSeverity(c)
	f := x.finding(severity, symptom, cause, conversations...)
	f.at = c.First
	f.Summary = lang.T("%s's SYN to %s met the rest of an earlier connection: an ACK with foreign numbers came instead of a SYN-ACK.", "%s 向 %s 发送的 SYN 碰上了旧连接的残留：得到的不是 SYN-ACK，而是一个带着别的序列号的 ACK。", c.Client, c.Server)
	if known {
		f.sayReuse(c, r)
		sayCloser(f, r)
	}
	sayOdd(f, c, odd, known)
	if known {
		sayComparison(f, c, r)
	}
	sayOddEnd(f, c, odd)
	causesTimewait(f, c, odd, known)
	drawOdd(f, c, odd)
	f.waited(cost)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func sayCloser(f *Finding, r conversation.Reuse) {
	at := r.Earlier.FirstFIN(r.Closer)
	if !r.HasCloser || r.Closer != conversation.Server || at < 0 {
		return
	}
	f.say(numbers(r.Earlier, at), "The server had closed that one first #%d, so the pair of endpoints stays in TIME_WAIT there.", "旧连接由服务器先关闭 #%d，因此这对端点在服务器上停留于 TIME_WAIT。", n(r.Earlier, at))
	f.shows(n(r.Earlier, at), "the server closes the old connection first", "服务器先关闭旧连接")
}

func sayOdd(f *Finding, c *conversation.Conversation, odd []conversation.OddAnswer, known bool) {
	o := odd[0]
	s := &c.Segments[o.ACK]
	whose := lang.Text{EN: "they belong to another connection of these endpoints, which is not in this capture.", ZH: "它们属于这对端点的另一个连接，而那个连接不在此抓包中。"}
	if known {
		whose = lang.Text{EN: "they are exactly where the old connection stopped.", ZH: "正是旧连接结束时的位置。"}
	}
	f.say([]int{n(c, o.SYN), int(s.Number)}, "The SYN #%d was answered %s later by an ACK without SYN #%d. Its numbers are not this connection's: %s", "%[2]s 后，SYN #%[1]d 得到一个不带 SYN 的 ACK #%[3]d。它的序列号不属于这个连接：%[4]s",
		n(c, o.SYN), lang.Duration(s.Time-c.Segments[o.SYN].Time), s.Number, whose)
	for _, o := range odd {
		f.shows(n(c, o.ACK), "answers the SYN with other numbers", "用别的序列号应答 SYN")
	}
}

// sayComparison tells why the server took the SYN for an old duplicate.
func sayComparison(f *Finding, c *conversation.Conversation, r conversation.Reuse) {
	ts := lang.Text{EN: "there is no timestamp to compare", ZH: "没有可比较的时间戳"}
	if r.HasTS && r.Newer {
		ts = lang.Text{EN: "its timestamp is newer than the old connection's", ZH: "它的时间戳比旧连接的新"}
	} else if r.HasTS {
		ts = lang.Text{EN: "its timestamp is not newer than the old connection's either", ZH: "它的时间戳也不比旧连接的新"}
	}
	seq := lang.Text{EN: "is beyond the old connection's", ZH: "大于旧连接的序列号"}
	if r.Backward {
		seq = lang.Text{EN: "is not beyond the old connection's", ZH: "不大于旧连接的序列号"}
	}
	p := firstNumber(c)
	f.say([]int{p}, "The sequence number of #%d %s, and %s: to a stack in TIME_WAIT a SYN that is newer in neither is an old duplicate.", "#%d 的序列号%s，而且%s：对处于 TIME_WAIT 的协议栈来说，两者都不更新的 SYN 就是旧的重复包。", p, seq, ts)
}

// sayOddEnd tells the client's resets and whether the SYN got through at last.
func sayOddEnd(f *Finding, c *conversation.Conversation, odd []conversation.OddAnswer) {
	h := c.Handshake()
	if reset := odd[0].Reset; reset >= 0 {
		effect := lang.Text{EN: "which cleared the rest of the old connection", ZH: "旧连接的残留由此清除"}
		if len(h.SYNACKs) == 0 {
			effect = lang.Text{EN: "which would clear the rest of the old connection if it arrived", ZH: "它若能到达，就会清除旧连接的残留"}
		}
		f.say(numbers(c, reset), "The client knows no such numbers and answered with a RST #%d, %s.", "客户端不认识这些序列号，回了 RST #%d，%s。", n(c, reset), effect)
		f.shows(n(c, reset), "refuses the odd ACK", "拒绝这个异常的 ACK")
	} else {
		f.say(numbers(c, odd[0].ACK), "No RST for it #%d is in this capture: it was dropped before this point, or the client never got the ACK.", "抓包中没有对它 #%d 的 RST：或在到达此处之前被丢弃，或客户端没有收到这个 ACK。", n(c, odd[0].ACK))
	}
	if len(h.SYNACKs) > 0 {
		z := h.SYNACKs[0]
		f.say(numbers(c, z), "%s after the first SYN the repeated one was answered normally #%d.", "首个 SYN 之后 %s，重发的 SYN 得到正常应答 #%d。", lang.Duration(c.Segments[z].Time-c.First), n(c, z))
		f.shows(n(c, z), "the next SYN works", "下一个 SYN 成功")
		return
	}
	at := numbers(c, h.SYNs...)
	f.say(at, "The SYN was sent %s over %s (%s), answered that way %s, and the connection never opened.", "SYN 在 %[2]s 内共发送 %[1]s（%[3]s），其中 %[4]s得到这样的应答，连接始终没有建立。", lang.Times(len(at)), lang.Duration(c.Last-c.First), refs(at), lang.Times(len(odd)))
}

func causesTimewait(f *Finding, c *conversation.Conversation, odd []conversation.OddAnswer, known bool) {
	if odd[0].Reset < 0 || len(c.Handshake().SYNACKs) == 0 {
		f.may(Likely, lang.Text{EN: "A firewall drops the odd ACK or the RST for it, so that the tuple is not freed", ZH: "防火墙丢弃了这个异常的 ACK 或随后的 RST，使该四元组得不到释放"},
			lang.Text{EN: "Captures at both ends: does the ACK reach the client, and its RST the server?", ZH: "在两端同时抓包：ACK 是否到达客户端，RST 是否到达服务器。"})
	}
	closed := lang.Text{EN: "The server keeps the earlier connection in TIME_WAIT", ZH: "服务器的旧连接仍处于 TIME_WAIT"}
	if known {
		f.may(Certain, closed, lang.T("On the server: ss -tan state time-wait, port %d.", "在服务器上：ss -tan state time-wait，端口 %d。", c.Client.Port()))
	} else {
		f.may(Possible, closed, lang.T("On the server: ss -tan, the state of the connection from port %d.", "在服务器上：ss -tan，查看来自端口 %d 的连接状态。", c.Client.Port()))
		f.may(Possible, lang.Text{EN: "The server still holds an open connection of these endpoints, whose client is gone or sits behind the same translator", ZH: "服务器仍持有这对端点的一个未关闭连接，其客户端已经消失，或位于同一个地址转换设备之后"},
			lang.T("On the server: ss -tan, the state of the connection from port %d.", "在服务器上：ss -tan，查看来自端口 %d 的连接状态。", c.Client.Port()))
	}
	f.excludes(lang.Text{EN: "Nobody listens, or the server is down", ZH: "没有监听，或服务器宕机"}, lang.T("A stack answered #%d, and an absent listener would have sent a RST.", "有协议栈应答了 #%d；若没有监听，得到的会是 RST。", n(c, odd[0].SYN)))
	f.confirm(lang.Text{EN: "On the server: states and counters.", ZH: "在服务器上查看状态与计数："}, lang.T("ss -tan 'dport = :%d'; nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge TcpExtTCPACKSkippedTimeWait", "", c.Client.Port()).EN)
	f.confirm(lang.Text{EN: "Whether a translator gives one port to several clients:", ZH: "地址转换设备是否把同一端口分给了多个客户端："}, lang.T("conntrack -L -p tcp --reply-port-dst %d", "", c.Client.Port()).EN)
}

func drawOdd(f *Finding, c *conversation.Conversation, odd []conversation.OddAnswer) {
	f.Drawing.Lanes = twoLanes(c)
	for _, o := range odd {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, o.ACK), Ignored: true, SenderNote: lang.Text{EN: "the old connection's numbers", ZH: "旧连接的序列号"}})
	}
}
