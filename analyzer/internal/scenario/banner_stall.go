package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// bannerLate is from when on a greeting is late, in ns.
	bannerLate = lang.Second
	// bannerStands is from when on a person or a timeout notices, in ns.
	bannerStands = 3 * lang.Second
)

var bannerStall = Scenario{
	ID:    "banner-stall",
	Title: lang.Text{EN: "The server's greeting is late or does not come", ZH: "服务器的问候语迟到或始终没有出现"},
	Summary: lang.Text{
		EN: "The protocol lets the server speak first, and it stays silent after the handshake.",
		ZH: "该协议由服务器先说话，而握手之后它一直沉默。",
	},
	Meaning: lang.Text{
		EN: "The server accepted the connection and does something slow before it greets: it looks up the client's name (DNS time-outs of 5 s and multiples), asks an ident service, or waits for a free worker. A proxy that waits for the client to speak first, to learn the protocol, has the same effect.",
		ZH: "服务器接受了连接，却在问候之前做一件慢事：反查客户端域名（DNS 超时常为 5 秒及其倍数）、查询 ident，或等待空闲的工作进程。如果代理要等客户端先说话才能判断协议，效果也一样。",
	},
	Recognised: []lang.Text{
		{EN: "The handshake is complete and neither side sends data for more than a second.", ZH: "握手完成后，超过一秒双方都没有发送数据。"},
		{EN: "The server speaks first by the protocol: its greeting comes late, or the port is one of FTP, SSH, SMTP, POP3, IMAP, MySQL.", ZH: "协议规定服务器先说话：问候语迟到，或端口属于 FTP、SSH、SMTP、POP3、IMAP、MySQL。"},
	},
	Confused: []Confusion{
		{ID: "who-is-slow", Text: lang.Text{EN: "there the client has asked something", ZH: "那里客户端已经提出请求"}},
	},
	Fixes: []lang.Text{
		{EN: "Switch reverse look-ups off (UseDNS no, skip-name-resolve), or mend the name server the server asks.", ZH: "关闭反向解析（UseDNS no、skip-name-resolve），或修复服务器所用的 DNS。"},
		{EN: "In a service mesh, declare the port's protocol as one in which the server speaks first.", ZH: "在服务网格中，把该端口的协议声明为服务器先说话的类型。"},
	},
	References: []Reference{
		{Title: "Network traces (the FTP banner that was not sent)", Author: "Noah Davids", URL: "https://noahdavids.org/traces.html"},
	},
	Symptom: SymptomStall,
	Over:    []string{"who-is-slow", "client-gave-up", "health-check-or-scan", "close-wait-leak", "server-closed-without-answer"},
	Detect:  detectBannerStall,
}

// Reported when all of these hold: the handshake is complete; no payload flowed
// for 1 s and a round trip after it; and then a greeting came (SSH, SMTP, FTP, POP3,
// IMAP, MySQL by its form), or none ever did, on a port where the server speaks
// first, and the client left or 5 s passed. A problem from 3 s on. Not reported
// when the client spoke first, or on other ports without a greeting.
func detectBannerStall(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if !opened(c) {
			continue
		}
		ready := c.Handshake().ACK
		if at, known := firstWord(x, c); known && at >= 0 {
			if since(c, ready, at) >= bannerLate+c.RTT() {
				out = append(out, *tellBanner(x, c, at, since(c, ready, at)))
			}
			continue
		}
		if len(c.Turns()) > 0 || bannerPorts[c.Server.Port()] == "" {
			continue
		}
		if left := leaves(c); left >= 0 && since(c, ready, left) >= bannerLate+c.RTT() {
			out = append(out, *tellNoBanner(x, c, left, since(c, ready, left)))
		} else if wait := x.End - c.Segments[ready].Time; left < 0 && wait >= 5*lang.Second {
			out = append(out, *tellNoBanner(x, c, -1, wait))
		}
	}
	return out
}

// firstWord is the server's greeting when it spoke first, in a form that is
// known as one.
func firstWord(x *Context, c *conversation.Conversation) (at int, known bool) {
	turns := c.Turns()
	if len(turns) == 0 || turns[0].From != server {
		return -1, false
	}
	m := x.MessageOf(c, turns[0].First)
	return turns[0].First, m != nil && (m.Kind == conversation.MessageBanner || m.Kind == conversation.MessageSSH || m.Kind == conversation.MessageMySQL)
}

// leaves is the client's first FIN or RST, -1 for none.
func leaves(c *conversation.Conversation) int {
	if f := c.FirstFIN(client); f >= 0 {
		return f
	}
	if r := c.FirstReset(client); r != nil {
		return r.At
	}
	return -1
}

func bannerFinding(x *Context, c *conversation.Conversation, wait int64) *Finding {
	severity := Warning
	if wait >= bannerStands {
		severity = Problem
	}
	f := x.finding(severity, Certain, Possible, c)
	sayOpening(f, c)
	f.may(Possible, lang.T("A name look-up of the client's address before the greeting%s", "问候之前反查客户端域名%s", lookupHint(wait)), lang.Text{EN: "DNS queries of the server in this time; the delay with look-ups switched off.", ZH: "其间服务器是否发出 DNS 查询；关闭反查后是否仍有延迟。"})
	f.may(Possible, lang.Text{EN: "No free worker at the server, or a proxy that waits for the client to speak", ZH: "服务器没有空闲的工作进程，或代理在等客户端先说话"}, lang.Text{EN: "The server's log at the time it accepted; whether a proxy stands before it.", ZH: "服务器接受连接时刻的日志；前面是否有代理。"})
	f.confirm(lang.Text{EN: "On the server, name look-ups while it happens:", ZH: "复现时在服务器上看 DNS 查询："}, "tcpdump -ni any port 53")
	f.Drawing.Lanes = twoLanes(c)
	return f.waited(wait).grouped(c.Server.String(), portLabel(c.Client))
}

// lookupHint: resolvers give up after 5 s a try.
func lookupHint(wait int64) lang.Text {
	if rest := wait % (5 * lang.Second); wait >= 4900*lang.Millisecond && (rest < 600*lang.Millisecond || rest > 4900*lang.Millisecond) {
		return lang.T(": %s fits resolver time-outs of 5 s", "：%s 与解析器 5 秒一次的超时吻合", lang.Duration(wait))
	}
	return lang.Text{}
}

func tellBanner(x *Context, c *conversation.Conversation, at int, wait int64) *Finding {
	f := bannerFinding(x, c, wait)
	m := x.MessageOf(c, at)
	f.Summary = lang.T("%s greeted %s only %s after the handshake.", "%s 在握手 %[3]s 之后才向 %[2]s 发出问候。", c.Server, c.Client.Addr(), lang.Duration(wait))
	f.say(numbers(c, at), "Then nothing was sent for %s, until the server greeted with %s #%d.", "此后 %s 内没有任何数据，直到服务器发出问候%s #%d。", lang.Duration(wait), line(m), n(c, at))
	f.shows(n(c, at), "the late greeting", "迟到的问候")
	f.excludes(lang.Text{EN: "Loss on the path", ZH: "路径丢包"}, lang.T("The handshake took %s and #%d was sent once.", "握手只用了 %s，#%d 也只发送了一次。", elapsed(c, c.Handshake().SYNs[0], c.Handshake().ACK), n(c, at)))
	f.Drawing.Gaps = []GapHint{{Packet: n(c, at), Reason: lang.Text{EN: "the server should speak first", ZH: "应由服务器先说话"}}}
	return f
}

func tellNoBanner(x *Context, c *conversation.Conversation, left int, wait int64) *Finding {
	f := bannerFinding(x, c, wait)
	protocol := bannerPorts[c.Server.Port()]
	f.Summary = lang.T("%s sent no greeting (%s) within %s after the handshake.", "%s 在握手后的 %[3]s 内没有发出问候（%[2]s）。", c.Server, protocol, lang.Duration(wait))
	if left < 0 {
		f.say(nil, "On port %d (%s) the server speaks first; to the end of the capture, %s later, it sent nothing.", "端口 %d（%s）应由服务器先说话；直到 %s 后抓包结束，它都没有发送任何数据。", c.Server.Port(), protocol, lang.Duration(wait))
		f.shows(n(c, c.Handshake().ACK), "from here on it waits for the greeting", "从此处起等待问候")
		return f.restsOnAbsence()
	}
	f.say(numbers(c, left), "On port %d (%s) the server speaks first; it sent nothing, and after %s the client left #%d.", "端口 %d（%s）应由服务器先说话；它没有发送任何数据，%s 后客户端离开 #%d。", c.Server.Port(), protocol, lang.Duration(wait), n(c, left))
	f.shows(n(c, left), "the client leaves", "客户端离开")
	f.Drawing.Gaps = []GapHint{{Packet: n(c, left), Reason: lang.Text{EN: "the server should speak first", ZH: "应由服务器先说话"}}}
	return f
}
