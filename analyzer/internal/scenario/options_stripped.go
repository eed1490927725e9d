package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// TCP options were overwritten with padding on the way.

var optionsStripped = Scenario{
	ID:    "options-stripped",
	Title: lang.Text{EN: "TCP options were blanked out on the way", ZH: "TCP 选项在途中被抹去"},
	Summary: lang.Text{
		EN: "Where a SYN would carry window scaling, SACK or timestamps it carries padding: a device removes options.",
		ZH: "SYN 中本该是窗口扩大、SACK 或时间戳的位置只有填充：途中有设备删除了选项。",
	},
	Meaning: lang.Text{
		EN: "A firewall that \"normalises\" TCP, or a TCPOPTSTRIP rule. The connection works, without what the options give: windows above 64 kB, quick repair of loss, exact round trips.",
		ZH: "可能是对 TCP 做“规范化”的防火墙，或 TCPOPTSTRIP 规则。连接可以工作，但失去了这些选项的好处：64 kB 以上的窗口、快速的丢包恢复、精确的往返时间。",
	},
	Recognised: []lang.Text{
		{EN: "Three or more NOP bytes in a row among the options of a SYN or SYN-ACK, and one of those options missing.", ZH: "SYN 或 SYN-ACK 的选项中连续出现三个以上 NOP，且缺少上述某个选项。"},
	},
	Confused: []Confusion{
		{ID: "syn-cookies-active", Text: lang.Text{EN: "there the server itself leaves options out, without padding", ZH: "那里是服务器自己省略选项，没有填充"}},
		{ID: "window-scale-broken", Text: lang.Text{EN: "there the two sides disagree about scaling, and data is lost", ZH: "那里双方对窗口扩大的理解不一致，导致丢数据"}},
	},
	Fixes: []lang.Text{
		{EN: "Switch the option clearing off (tcp-map on Cisco ASA, TCPOPTSTRIP in iptables, \"scrub\" in pf).", ZH: "关闭清除选项的功能（Cisco ASA 的 tcp-map、iptables 的 TCPOPTSTRIP、pf 的 scrub）。"},
	},
	References: []Reference{
		{Title: "TCP window scaling, timestamps and SACK", Author: "Fedora Magazine (copy)", URL: "https://sickgaming.net/thread-96692.html"},
	},
	Symptom: SymptomSlow,
	Detect:  detectOptionsStripped,
}

// strippable are the options that such devices remove, with their names.
var strippable = []struct {
	option packet.OptionSet
	name   string
}{{packet.OptWindowScale, "WScale"}, {packet.OptSACKPermitted, "SACK"}, {packet.OptTimestamps, "TS"}}

// Reported as info when a SYN or SYN-ACK has a run of NOPs and lacks window
// scaling or timestamps. Not reported for missing options without padding:
// servers and clients leave them out by choice.
func detectOptionsStripped(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, side := range []conversation.Side{conversation.Client, conversation.Server} {
			at := opening(c, side)
			if at < 0 {
				continue
			}
			if e := x.ExtraOf(&c.Segments[at]); e != nil && e.Options&packet.OptNOPRun != 0 {
				// SACK alone may be missing beside the padding that aligns the others.
				if missing := missingOptions(e.Options); e.Options&(packet.OptWindowScale|packet.OptTimestamps) != packet.OptWindowScale|packet.OptTimestamps {
					out = append(out, *x.tellStripped(c, side, at, missing))
					break
				}
			}
		}
	}
	return out
}

func missingOptions(have packet.OptionSet) lang.Text {
	var names []lang.Text
	for _, o := range strippable {
		if have&o.option == 0 {
			names = append(names, lang.Same(o.name))
		}
	}
	return lang.List(names...)
}

func (x *Context) tellStripped(c *conversation.Conversation, side conversation.Side, at int, missing lang.Text) *Finding {
	f := x.finding(Info, Likely, Likely, c)
	what := lang.Same("SYN")
	if side == conversation.Server {
		what = lang.Same("SYN-ACK")
	}
	f.Summary = lang.T("The %s of %s carries padding where options were; missing: %s.", "%[2]s 的 %[1]s 在原有选项的位置只有填充；缺少：%[3]s。", what, c.Addr(side), missing)
	f.say(numbers(c, at), "The %s #%d has a run of NOP bytes and lacks %s: this is how a device blanks options without moving the rest.", "%s #%d 中有一串 NOP，缺少 %s：设备抹去选项而不移动其余内容时就会如此。", what, n(c, at), missing)
	f.shows(n(c, at), "padding instead of %s", "以填充代替 %s", missing)
	if other := opening(c, side.Other()); other >= 0 {
		if e := x.ExtraOf(&c.Segments[other]); e != nil && e.Options&packet.OptNOPRun != 0 {
			f.say(numbers(c, other), "So it is in the other direction (#%d).", "另一个方向也是如此（#%d）。", n(c, other))
			f.shows(n(c, other), "padding in this direction too", "这个方向同样有填充")
		}
	}
	f.may(Likely, lang.Text{EN: "A firewall on the way clears TCP options", ZH: "途中的防火墙清除了 TCP 选项"}, lang.Text{EN: "The same SYN captured at its sender: there the options are whole.", ZH: "在发送端抓同一个 SYN：那里选项是完整的。"})
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.Addr().String(), portLabel(c.Client))
}
