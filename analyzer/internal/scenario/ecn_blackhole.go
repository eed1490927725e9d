package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// SYNs that ask for ECN vanish; without the request they are answered.

var ecnBlackhole = Scenario{
	ID:    "ecn-blackhole",
	Title: lang.Text{EN: "SYNs that ask for ECN get no answer", ZH: "请求 ECN 的 SYN 没有应答"},
	Summary: lang.Text{
		EN: "The SYN with the ECN bits set is lost, the repetition without them is answered, so each connection costs a second.",
		ZH: "设置了 ECN 位的 SYN 丢失，去掉这些位的重传得到应答，于是每次建连都多花一秒。",
	},
	Meaning: lang.Text{
		EN: "A device on the way drops SYNs with ECE and CWR set. Linux falls back by itself after the first timeout.",
		ZH: "途中有设备丢弃设置了 ECE 与 CWR 的 SYN。Linux 在第一次超时后会自行回退。",
	},
	Recognised: []lang.Text{
		{EN: "SYN with ECE and CWR: nothing.", ZH: "带 ECE 与 CWR 的 SYN：没有应答。"},
		{EN: "The same SYN without them a second later: answered at once.", ZH: "一秒后去掉它们的同一个 SYN：立即得到应答。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "a single lost SYN looks alike; twice in the same way is no accident", ZH: "偶然丢失一个 SYN 看起来一样；两次都如此则不是偶然"}},
		{ID: "tfo-blackhole", Text: lang.Text{EN: "there it is the Fast Open option or the data in the SYN", ZH: "那里是 Fast Open 选项或 SYN 中的数据"}},
	},
	Fixes: []lang.Text{
		{EN: "Repair or replace the device that drops them; meanwhile tcp_ecn=2 on the client (answer ECN, do not ask for it), with tcp_ecn_fallback=1.", ZH: "修复或更换丢弃它们的设备；在此之前在客户端设 tcp_ecn=2（只应答、不主动请求），并保持 tcp_ecn_fallback=1。"},
	},
	References: []Reference{
		{Title: "Linux commit 492135557dc0 (ECN fallback, RFC 3168 section 6.1.1.1)", URL: "https://git.zx2c4.com/linux-dev/commit/include/net?id=492135557dc090a1abb2cfbe1a412757e3ed68ab"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "packet-loss", "synack-unacknowledged"},
	Detect:  detectEcnBlackhole,
}

// Reported when a SYN with ECE and CWR stays unanswered and its repetition
// without both is answered; certain on two connections to one server. Not
// reported when that server answers such a SYN elsewhere in the capture.
func detectEcnBlackhole(x *Context) []Finding {
	var out []Finding
	for _, vs := range x.variants(func(s *conversation.Segment) bool { return s.Has(packet.ECE | packet.CWR) }) {
		f := x.variantFinding(vs, lang.Text{EN: "with the ECN bits", ZH: "带有 ECN 位"})
		f.may(f.Cause, lang.Text{EN: "A firewall, router or balancer on the way drops SYNs that ask for ECN", ZH: "途中的防火墙、路由器或负载均衡器丢弃请求 ECN 的 SYN"},
			lang.Text{EN: "A capture at the server: the SYN with the bits never arrives.", ZH: "在服务器上抓包：带这些位的 SYN 从未到达。"})
		f.may(Possible, lang.Text{EN: "The server's host drops them", ZH: "服务器主机丢弃了它们"}, lang.Text{EN: "A capture at the server: the SYN arrives and is not answered.", ZH: "在服务器上抓包：SYN 到达却没有应答。"})
		if len(vs) == 1 {
			f.may(Possible, lang.Text{EN: "The first SYN was lost by chance", ZH: "第一个 SYN 偶然丢失"}, lang.Text{EN: "Does it happen again on the next connection?", ZH: "下一次连接是否仍然如此？"})
		}
		f.confirm(lang.Text{EN: "On the client: is ECN asked for?", ZH: "在客户端：是否请求 ECN？"}, "sysctl net.ipv4.tcp_ecn net.ipv4.tcp_ecn_fallback")
		out = append(out, *f)
	}
	return out
}
