package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// SYNs with a Fast Open option, or with data, vanish; plain ones are answered.

var tfoBlackhole = Scenario{
	ID:    "tfo-blackhole",
	Title: lang.Text{EN: "SYNs with TCP Fast Open get no answer", ZH: "带 TCP Fast Open 的 SYN 没有应答"},
	Summary: lang.Text{
		EN: "The SYN with the Fast Open option or with data is lost, the plain repetition is answered, so what should save a round trip costs a second.",
		ZH: "带 Fast Open 选项或数据的 SYN 丢失，普通的重传得到应答，本想省一个往返，反而多花一秒。",
	},
	Meaning: lang.Text{
		EN: "A device on the way drops SYNs with an option it does not know, or with payload.",
		ZH: "途中有设备丢弃带有未知选项或载荷的 SYN。",
	},
	Recognised: []lang.Text{
		{EN: "SYN with the Fast Open option, perhaps with data: nothing.", ZH: "带 Fast Open 选项（可能还有数据）的 SYN：没有应答。"},
		{EN: "The same SYN without option and data: answered at once.", ZH: "去掉选项和数据的同一个 SYN：立即得到应答。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "a single lost SYN looks alike; twice in the same way is no accident", ZH: "偶然丢失一个 SYN 看起来一样；两次都如此则不是偶然"}},
		{ID: "ecn-blackhole", Text: lang.Text{EN: "there it is the ECN request", ZH: "那里是 ECN 请求"}},
	},
	Fixes: []lang.Text{
		{EN: "Let the device pass option 34 and data in SYNs, or switch Fast Open off on this path (net.ipv4.tcp_fastopen).", ZH: "让设备放行选项 34 和 SYN 中的数据，或在该路径上关闭 Fast Open（net.ipv4.tcp_fastopen）。"},
	},
	References: []Reference{
		{Title: "RFC 7413: TCP Fast Open", Author: "IETF", Date: "2014-12", URL: "https://datatracker.ietf.org/doc/rfc7413/"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "packet-loss", "synack-unacknowledged"},
	Detect:  detectTfoBlackhole,
}

// Reported when a SYN with the Fast Open option or payload stays unanswered and
// its repetition without both is answered; certain on two connections to one
// server. Not reported when that server answers such a SYN elsewhere, or when it
// answers and merely does not take the data.
func detectTfoBlackhole(x *Context) []Finding {
	var out []Finding
	has := func(s *conversation.Segment) bool {
		if s.Len > 0 {
			return true
		}
		// The request for a cookie is harmless on paths that drop cookies and data.
		e := x.ExtraOf(s)
		return e != nil && e.Options&packet.OptFastOpen != 0 && e.FastOpen > 0
	}
	for _, vs := range x.variants(has) {
		feature := lang.Text{EN: "with Fast Open", ZH: "带有 Fast Open"}
		if y := &vs[0].c.Segments[vs[0].with[0]]; y.Len > 0 {
			feature = lang.T("with Fast Open and %s of data", "带有 Fast Open 与 %s 数据", lang.Bytes(int64(y.Len)))
		}
		f := x.variantFinding(vs, feature)
		f.may(f.Cause, lang.Text{EN: "A firewall or other device on the way drops SYNs with this option or with data", ZH: "途中的防火墙或其他设备丢弃带该选项或数据的 SYN"},
			lang.Text{EN: "A capture at the server: that SYN never arrives.", ZH: "在服务器上抓包：该 SYN 从未到达。"})
		if len(vs) == 1 {
			f.may(Possible, lang.Text{EN: "The first SYN was lost by chance", ZH: "第一个 SYN 偶然丢失"}, lang.Text{EN: "Does it happen again on the next connection?", ZH: "下一次连接是否仍然如此？"})
		}
		f.confirm(lang.Text{EN: "On the client: Fast Open and what it has noticed.", ZH: "在客户端：Fast Open 设置及其统计。"}, "sysctl net.ipv4.tcp_fastopen; nstat -az | grep TCPFastOpen")
		out = append(out, *f)
	}
	return out
}
