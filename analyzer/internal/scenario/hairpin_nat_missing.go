package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// One reason for an answer from the wrong address: client and server sit on one
// link, the router translates the destination only, and the server answers the
// client straight, past the router.

var hairpinNATMissing = Scenario{
	ID:    "hairpin-nat-missing",
	Title: lang.Text{EN: "Hairpin NAT without masquerade", ZH: "回环（hairpin）NAT 缺少源地址伪装"},
	Summary: lang.Text{
		EN: "An inside client reaches an inside server by its outside address; the router translates only the destination, so the server answers directly.",
		ZH: "内网客户端用外部地址访问内网服务器；路由器只转换了目的地址，于是服务器直接应答客户端。",
	},
	Meaning: lang.Text{
		EN: "The router forwards the SYN to the server with the client's own address as source. Client and server are neighbours, so the server's answer never passes the router and keeps the server's inside address, which the client did not ask. The same packets appear with any translation to a server on the client's own subnet.",
		ZH: "路由器把 SYN 转发给服务器时保留了客户端的源地址。客户端和服务器在同一链路上，服务器的应答不再经过路由器，带着客户端并未请求的内部地址。凡是把目的地址转换到客户端所在子网内的服务器，都会出现同样的包。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN-ACK comes from another address than was asked, and from another MAC than the one the SYN was sent to.", ZH: "SYN-ACK 来自并非所请求的地址，其源 MAC 也不是 SYN 所发往的那个。"},
		{EN: "On the router: the SYN comes in and goes out by one interface, and the server asks for the client's MAC.", ZH: "在路由器上：SYN 从同一接口进出，服务器询问客户端的 MAC 地址。"},
		{EN: "Once the router also translates the source, the next connection works.", ZH: "路由器同时转换源地址之后，下一个连接成功。"},
	},
	Confused: []Confusion{
		{ID: "synack-from-wrong-address", Text: lang.Text{EN: "the symptom; this is one of its causes", ZH: "那是症状，这是其原因之一"}},
		{ID: "asymmetric-routing-stateful-drop", Text: lang.Text{EN: "there the addresses are right and a stateful device drops", ZH: "那里地址正确，是有状态设备丢弃了包"}},
	},
	Fixes: []lang.Text{
		{EN: "On the router, masquerade connections that come from the inside and go back to the inside.", ZH: "在路由器上，对来自内网又返回内网的连接做源地址伪装（masquerade）。"},
		{EN: "Split DNS: let the name resolve to the inside address inside.", ZH: "内外分离的 DNS：让该名称在内网解析为内部地址。"},
		{EN: "Put the server into another subnet, so that its answers pass the router.", ZH: "把服务器放到另一个子网，使其应答经过路由器。"},
	},
	References: []Reference{
		{Title: "Loopback to forwarded public IP address from local network (hairpin NAT)", URL: "https://serverfault.com/questions/55611/loopback-to-forwarded-public-ip-address-from-local-network-hairpin-nat"},
		{Title: "Hairpin NAT", URL: "https://blog.dood.ie/networking/Hairpin-NAT"},
	},
	Symptom: SymptomOddAnswer,
	Detect:  detectHairpin,
}

// Reported only beside synack-from-wrong-address, as its cause. Likely when the
// wrong answer comes from another MAC than the SYN was sent to and its TTL is an
// initial one, or the server asks for the client's MAC; certain when a later
// connection to the same address, whose source the router translated too, works.
func detectHairpin(x *Context) []Finding {
	var out []Finding
	for _, w := range x.wrongSources() {
		h := x.hairpin(&w)
		if w.asked == nil || h.certainty != Likely && h.certainty != Certain {
			continue
		}
		f := x.finding(Info, Likely, h.certainty, w.asked, w.other)
		f.say(h.packets, "%s", "%s", h.why)
		if h.mended != nil {
			p, z := firstNumber(h.mended), n(h.mended, h.mended.Handshake().SYNACKs[0])
			f.say([]int{p, z}, "A later connection to %s left with %s as its source #%d and was answered #%d.", "后来到 %s 的连接以 %s 为源地址发出 #%d，并得到应答 #%d。", w.asked.Server, h.mended.Client.Addr(), p, z)
			f.shows(p, "source translated too", "源地址也被转换")
		}
		f.shows(firstNumber(w.asked), "asks the outside address", "请求外部地址")
		f.may(h.certainty, lang.Text{EN: "The rule that translates the destination has no counterpart for the source", ZH: "只有目的地址转换规则，没有相应的源地址转换规则"}, h.decides)
		f.confirm(lang.Text{EN: "On the router: the rules that translate sources.", ZH: "在路由器上查看源地址转换规则："}, "iptables -t nat -vnL POSTROUTING; nft list ruleset | grep -i masquerade")
		f.confirm(lang.Text{EN: "On the client: whose MAC is whose.", ZH: "在客户端核对 MAC 归属："}, "ip neigh")
		out = append(out, *f.grouped(w.asked.Server.String()+w.other.Server.String(), portLabel(w.asked.Client)))
	}
	return out
}

// hairpinSigns is what speaks for a missing masquerade.
type hairpinSigns struct {
	certainty string // "" when nothing can be said
	why       lang.Text
	packets   []int
	decides   lang.Text
	mended    *conversation.Conversation // a later connection that works, behind the translator
}

// hairpin weighs whether an answer from the wrong address came straight from
// the client's own link.
func (x *Context) hairpin(w *wrongSource) hairpinSigns {
	if w.asked == nil {
		return hairpinSigns{}
	}
	h := hairpinSigns{decides: lang.Text{EN: "The source MAC of the SYN-ACK at the client: the gateway's, or the server's own.", ZH: "客户端处 SYN-ACK 的源 MAC：是网关的，还是服务器自己的。"}}
	switch {
	case len(w.rounds) > 0:
		x.hairpinByMAC(w, &h)
	case len(w.arp) > 0:
		h.certainty, h.packets = Likely, w.arp
		h.why = lang.T("%s looks for %s on its own link (%s): both are neighbours, and its answer will not pass the router.", "%s 在本地链路上寻找 %s（%s）：两者是邻居，应答不会经过路由器。", w.other.Server.Addr(), w.other.Client.Addr(), refs(w.arp))
	}
	if h.certainty == Likely {
		if h.mended = x.mendedHairpin(w); h.mended != nil {
			h.certainty = Certain
			h.decides = lang.T("In this capture: #%d, whose source was translated too, works.", "就在此抓包中：#%d 的源地址也被转换，连接成功。", firstNumber(h.mended))
		}
	}
	return h
}

func (x *Context) hairpinByMAC(w *wrongSource, h *hairpinSigns) {
	y, z := &w.asked.Segments[w.rounds[0].syn], &w.other.Segments[w.rounds[0].synack]
	out, back := x.Link(y), x.Link(z)
	h.packets = []int{int(y.Number), int(z.Number)}
	if !out.HasMAC || !back.HasMAC {
		h.certainty = Possible
		return
	}
	if out.DstMAC == back.SrcMAC || z.Known&packet.KnownTTL != 0 && !initialTTL(z.TTL) {
		return // it came back through the box the SYN went to, or was routed
	}
	h.certainty = Likely
	h.why = lang.T("The SYN went to the MAC %s #%d, the SYN-ACK came from %s #%d and was not routed: the server is on the client's own link and answered directly.",
		"SYN 发往 MAC %s #%d，SYN-ACK 却来自 %s #%d，且未经路由：服务器就在客户端的本地链路上，直接作了应答。", mac(out.DstMAC), y.Number, mac(back.SrcMAC), z.Number)
}

// initialTTL reports a value that stacks start with: nobody routed the packet.
func initialTTL(ttl uint8) bool { return ttl == 64 || ttl == 128 || ttl == 255 }

// mendedHairpin is the inner leg of a connection to the same address whose
// source was translated as well and which was answered; nil for none.
func (x *Context) mendedHairpin(w *wrongSource) *conversation.Conversation {
	for _, o := range x.ToServer(w.asked.Server) {
		if in := x.inner(o); in != nil && in.Client.Addr() != o.Client.Addr() && len(in.Handshake().SYNACKs) > 0 {
			return in
		}
	}
	return nil
}
