package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A device takes the window scale option out of the handshake, or rewrites it:
// one side scales its windows down, the other reads them as they stand
// (RFC 7323, section 2.2).

// squeezedFills: so many segments must end exactly at the misread window, so
// that chance and plain small windows are out.
const squeezedFills = 3

var windowScaleBroken = Scenario{
	ID:    "window-scale-broken",
	Title: lang.Text{EN: "The two sides disagree about window scaling, and the transfer crawls", ZH: "双方对窗口扩大因子的理解不一致，传输极慢"},
	Summary: lang.Text{
		EN: "One side announces its window scaled down, the other takes the number as it stands and sends only a few bytes at a time.",
		ZH: "一方按扩大因子缩小后宣告窗口，另一方却照字面理解，每次只发几十个字节。",
	},
	Meaning: lang.Text{
		EN: "Window scaling is agreed on in the handshake: it holds only if both SYN and SYN-ACK carry the option. A firewall or normaliser on the path removes or blanks the option in one of them. Then the side that sent it believes scaling is on and divides its windows by up to 16,384; the other side believes it is off and sees a receiver with room for a few dozen bytes.",
		ZH: "窗口扩大在握手时商定：只有 SYN 与 SYN-ACK 都携带该选项才生效。途中的防火墙或流量规整设备从其中之一删除或抹去了该选项。于是发出它的一方以为扩大已启用，把窗口除以最多 16,384；另一方以为没有启用，看到的是一个只剩几十字节空间的接收方。",
	},
	Recognised: []lang.Text{
		{EN: "One side's window falls from tens of thousands in the handshake to a few dozen in its first acknowledgement and stays there.", ZH: "一方的窗口在握手时为数万，首个确认中却降到几十，并一直如此。"},
		{EN: "The other side sends short segments that end exactly at that tiny window, often one per timeout.", ZH: "另一方发送的短报文段恰好止于这个极小的窗口，往往每次超时才发一个。"},
		{EN: "Where the SYN-ACK arrives, it carries no window scale; where it was sent, it does.", ZH: "在 SYN-ACK 到达处，它没有窗口扩大选项；在发出处却有。"},
	},
	Confused: []Confusion{
		{ID: "window-limited", Text: lang.Text{EN: "there the window is small but both sides agree about it", ZH: "那里窗口虽小，双方的理解却一致"}},
		{ID: "zero-window-stall", Text: lang.Text{EN: "there the program does not read; here the receiver takes everything at once", ZH: "那里是程序不读取；这里接收方来者不拒"}},
		{ID: "options-stripped", Text: lang.Text{EN: "there an option is missing without harm", ZH: "那里缺少选项但没有造成危害"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the device that rewrites TCP options and correct or update it (TCP normaliser, tcp-map, MSS or option filters).", ZH: "找出改写 TCP 选项的设备，修正其配置或升级（TCP 规整、tcp-map、MSS 或选项过滤）。"},
		{EN: "Until then, switch scaling off for that path (net.ipv4.tcp_window_scaling=0): slower than it should be, but not broken.", ZH: "在此之前，对该路径关闭窗口扩大（net.ipv4.tcp_window_scaling=0）：虽达不到应有的速度，但能正常传输。"},
	},
	References: []Reference{
		{Title: "RFC 7323, section 2.2: Window Scale Option", Date: "2014-09", URL: "https://www.rfc-editor.org/rfc/rfc7323#section-2.2"},
		{Title: "Window scaling problems", Author: "GÉANT PERT", URL: "http://kb.pert.geant.net/PERTKB/WindowScalingProblems"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"zero-window-stall", "window-limited", "packet-loss", "tail-loss-rto", "nagle-delayed-ack", "who-is-slow", "options-stripped", "client-gave-up"},
	Detect:  detectWindowScaleBroken,
}

// Reported when one side offered window scaling, the other side's windows fall
// after the handshake by a power of two as if they were scaled, and at least
// three short segments end exactly at the unscaled window: either that side's
// SYN lacks the option here, or both carry it and the sender's own windows are
// those of someone who does not scale. Not reported when nothing is squeezed by
// it; an option missing without harm is options-stripped. Not detected: a device
// that drops what exceeds the unscaled window.
func detectWindowScaleBroken(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, reader := range []conversation.Side{conversation.Client, conversation.Server} {
			if q := c.Squeezed(reader); q != nil && len(q.Fills) >= squeezedFills {
				out = append(out, *tellSqueezed(x, c, q))
			}
		}
	}
	return out
}

func tellSqueezed(x *Context, c *conversation.Conversation, q *conversation.Squeeze) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	reader, sender := c.Addr(q.Reader), c.Addr(q.Reader.Other())
	open, first := n(c, q.Opening), n(c, q.First)
	fills := numbers(c, q.Fills...)
	f.Summary = lang.T("%s announces its window scaled down, %s reads it unscaled: it sends some %d bytes at a time where %s are meant.", "%s 按扩大因子缩小后宣告窗口，%s 却照字面理解：每次只发约 %d 字节，而本意是 %s。",
		reader, sender, q.Window1, lang.Bytes(int64(q.Window1)<<q.Shift))
	f.say([]int{open, first}, "%s announced a window of %s in its %s #%d and of %d in its first segment after it #%d: smaller by 2 to the power of %d, which is what window scaling does.", "%s 在其 %[3]s 中宣告窗口 %[2]s #%[4]d，之后的首个报文段却为 %[5]d #%[6]d：缩小为 2 的 %[7]d 次方分之一，这正是窗口扩大的做法。",
		reader, lang.Number(int64(q.Window0)), openingName(q.Reader), open, q.Window1, first, q.Shift)
	f.shows(open, "window as it stands", "未扩大的窗口")
	f.shows(first, "window scaled down", "按扩大因子缩小后的窗口")
	tellAgreement(f, c, q)
	f.say(fills, "%s of %s end exactly at the unscaled window, shorter than full segments (%s): it takes the number as it stands.", "%[2]s 有 %[1]s恰好止于未扩大的窗口，都不是满长（%[3]s）：它照字面理解这个数字。",
		lang.Count(len(fills), "segment", "segments", "个报文段"), sender, refs(fills))
	f.shows(fills[0], "ends exactly at the misread window", "恰好止于被误读的窗口")
	took := c.Segments[q.Fills[len(q.Fills)-1]].Time - c.Segments[q.Fills[0]].Time
	bytes := int64(c.Segments[q.Fills[len(q.Fills)-1]].End() - c.Segments[q.Fills[0]].Seq)
	f.say([]int{fills[0], fills[len(fills)-1]}, "From #%d to #%d it got %s across in %s.", "从 #%d 到 #%d，%[4]s 内只送达 %[3]s。", fills[0], fills[len(fills)-1], lang.Bytes(bytes), lang.Duration(took))
	f.may(Likely, lang.T("A device between %s and %s removes or blanks the window scale option", "%s 与 %s 之间的设备删除或抹去了窗口扩大选项", c.Client.Addr(), c.Server.Addr()),
		lang.Text{EN: "The same SYN and SYN-ACK captured at both ends: the option is there on one side only.", ZH: "在两端抓取同一对 SYN 与 SYN-ACK：该选项只在一端存在。"})
	f.excludes(lang.Text{EN: "A slow reader", ZH: "读取太慢的程序"}, lang.T("The window stays at its level while everything is acknowledged at once (#%d).", "数据都被立即确认（#%d），窗口却停在同一水平。", first))
	f.confirm(lang.Text{EN: "At both ends, the handshakes only:", ZH: "在两端只抓握手包："}, "tcpdump -nvi any '"+filterServer(c.Server)+" and tcp[13] & 2 != 0'")
	f.confirm(lang.Text{EN: "Whether it goes away without scaling:", ZH: "关闭窗口扩大后是否消失："}, "sysctl net.ipv4.tcp_window_scaling")
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: first, SenderNote: lang.T("means %s", "本意为 %s", lang.Bytes(int64(q.Window1)<<q.Shift)), ReceiverNote: lang.T("reads %d bytes", "理解为 %d 字节", q.Window1)}}
	return f.waited(took).grouped(c.Server.String(), portLabel(c.Client))
}

func openingName(s conversation.Side) string {
	if s == conversation.Client {
		return "SYN"
	}
	return "SYN-ACK"
}

// tellAgreement says where the option is missing.
func tellAgreement(f *Finding, c *conversation.Conversation, q *conversation.Squeeze) {
	syn, synack := c.Handshake().SYNs, c.Handshake().SYNACKs
	if len(syn) == 0 || len(synack) == 0 {
		return
	}
	p := numbers(c, syn[0], synack[0])
	if q.Agreed {
		f.say(p, "Here both SYN #%d and SYN-ACK #%d carry the window scale. Yet %s goes on with the very window of its SYN, which scaled would be tens of megabytes: it does not know that scaling was agreed.", "在这里，SYN #%d 与 SYN-ACK #%d 都携带窗口扩大选项。但 %s 一直沿用其 SYN 中的窗口值，若按扩大计算将达数十兆字节：它并不知道扩大已商定。",
			p[0], p[1], c.Addr(q.Reader.Other()))
		return
	}
	f.say(p, "The SYN #%d offers window scaling; the SYN-ACK #%d, as it arrives here, does not carry the option.", "SYN #%d 提议了窗口扩大；而到达这里的 SYN-ACK #%d 没有该选项。", p[0], p[1])
}
