package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// A listener answers with SYN cookies: clients without timestamps lose their
// other options.

const (
	// cookieOffer are the options a client offers that a cookie cannot hold
	// without timestamps.
	cookieOffer = packet.OptWindowScale | packet.OptSACKPermitted
	// cookieFew is how many such answers make a manner.
	cookieFew = 2
)

var synCookiesActive = Scenario{
	ID:    "syn-cookies-active",
	Title: lang.Text{EN: "The server answers with SYN cookies", ZH: "服务器正以 SYN Cookie 应答"},
	Summary: lang.Text{
		EN: "One listener changes its manner: options the client offered are accepted in some SYN-ACKs and missing in others.",
		ZH: "同一监听端口的应答方式发生变化：客户端提供的选项在一些 SYN-ACK 中被接受，在另一些中却没有。",
	},
	Meaning: lang.Text{
		EN: "With its SYN queue full (or forced by tcp_syncookies=2) Linux keeps no half-open entry and packs what it must remember into its sequence number. Scaling and SACK survive only with timestamps. A cookie SYN-ACK is never repeated: if the client's ACK is lost and the client waits for the server to speak, both wait.",
		ZH: "SYN 队列已满（或 tcp_syncookies=2 强制）时，Linux 不保留半开连接，把必须记住的内容编码进序列号。窗口扩大和 SACK 只有借助时间戳才能保留。Cookie 方式的 SYN-ACK 不会重传：如果客户端的 ACK 丢失而它又在等服务器先说话，双方就会一直等下去。",
	},
	Recognised: []lang.Text{
		{EN: "Clients that offer window scaling and SACK but no timestamps get a SYN-ACK with neither.", ZH: "提供窗口扩大与 SACK、但不带时间戳的客户端，得到的 SYN-ACK 两者皆无。"},
		{EN: "Other clients of the same listener get both.", ZH: "同一监听端口的其他客户端两者都有。"},
	},
	Confused: []Confusion{
		{ID: "options-stripped", Text: lang.Text{EN: "there a device removes options, for every connection of a path", ZH: "那里是设备删除选项，影响该路径上的所有连接"}},
	},
	Fixes: []lang.Text{
		{EN: "Raise the queues (somaxconn, backlog) and accept faster; stop the flood if there is one; set tcp_syncookies back to 1 if it is 2.", ZH: "调大队列（somaxconn、backlog）并加快 accept；如有洪水攻击则先行拦截；若 tcp_syncookies 为 2，改回 1。"},
	},
	References: []Reference{
		{Title: "SYN cookies: drawbacks", Author: "liquisearch", URL: "http://www.liquisearch.com/syn_cookies/drawbacks"},
	},
	Symptom: SymptomHalfOpen,
	Detect:  detectSynCookiesActive,
}

// Reported as info when a listener answers cookieFew or more clients that offer
// window scaling and SACK without timestamps with neither of them, and other
// clients with both. Not reported when it never accepts them: then they are
// switched off.
func detectSynCookiesActive(x *Context) []Finding {
	type manner struct{ bare, full []*conversation.Conversation }
	ports := map[netip.AddrPort]*manner{}
	var order []netip.AddrPort
	for _, c := range x.Conversations {
		cl, sv := &c.Flows[conversation.Client], &c.Flows[conversation.Server]
		if !cl.HasISN || !sv.HasISN || cl.Options&cookieOffer != cookieOffer || len(c.Handshake().SYNACKs) == 0 {
			continue
		}
		m := ports[c.Server]
		if m == nil {
			m = &manner{}
			ports[c.Server] = m
			order = append(order, c.Server)
		}
		switch {
		case sv.Options&cookieOffer == cookieOffer:
			m.full = append(m.full, c)
		case cl.Options&packet.OptTimestamps == 0 && sv.Options&(cookieOffer|packet.OptNOPRun) == 0 && sv.Options&packet.OptMSS != 0:
			m.bare = append(m.bare, c)
		}
	}
	var out []Finding
	for _, a := range order {
		if m := ports[a]; len(m.bare) >= cookieFew && len(m.full) > 0 {
			out = append(out, *x.tellCookies(m.bare, m.full))
		}
	}
	return out
}

func (x *Context) tellCookies(bare, full []*conversation.Conversation) *Finding {
	c, d := bare[0], full[0]
	f := x.finding(Info, Likely, Likely, bare...)
	f.Count = len(bare)
	z, w := opening(c, conversation.Server), opening(d, conversation.Server)
	f.Summary = lang.T("%s agreed to neither window scaling nor SACK on %s that offered both without timestamps; others got both.", "%s 在 %s提供了窗口扩大与 SACK（但无时间戳）的连接上对两者都没有同意，而其他连接两者都有。", c.Server, lang.Count(len(bare), "connection", "connections", "个"))
	f.say(numbers(d, w), "To %s the listener answered with window scaling and SACK (#%d).", "对 %s，监听方的应答带有窗口扩大与 SACK（#%d）。", d.Client, n(d, w))
	f.say(numbers(c, z), "%s offered the same without timestamps and got an MSS alone (#%d): without timestamps a cookie has no room for more.", "%s 同样提供了这些选项但不带时间戳，只得到 MSS（#%d）：没有时间戳时，Cookie 容纳不下更多内容。", c.Client, n(c, z))
	f.shows(n(d, w), "options accepted", "接受了选项")
	f.shows(n(c, z), "MSS alone", "只有 MSS")
	f.may(Likely, lang.Text{EN: "The SYN queue overflowed, or cookies are forced", ZH: "SYN 队列溢出，或强制使用 Cookie"}, lang.Text{EN: "On the server: TcpExtSyncookiesSent rises; sysctl net.ipv4.tcp_syncookies.", ZH: "在服务器上：TcpExtSyncookiesSent 增长；查看 sysctl net.ipv4.tcp_syncookies。"})
	f.confirm(lang.Text{EN: "On the server:", ZH: "在服务器上："}, "nstat -az | grep Syncookies; sysctl net.ipv4.tcp_syncookies")
	f.Drawing.Lanes = twoLanes(c)
	return f
}
