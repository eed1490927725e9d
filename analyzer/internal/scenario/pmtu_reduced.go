package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A router refuses packets that are too large for its next link and says so by
// ICMP; the sender should send smaller ones from then on (RFC 1191, RFC 8201).

// ignoredFew: so many packets of the refused size after the message mean that
// the sender did not heed it.
const ignoredFew = 3

var pmtuReduced = Scenario{
	ID:    "pmtu-reduced",
	Title: lang.Text{EN: "A router asked for smaller packets", ZH: "路由器要求使用更小的包"},
	Summary: lang.Text{
		EN: "A link on the path takes only smaller packets; the router in front of it said so, and the sender should adapt.",
		ZH: "路径上某段链路只能承载更小的包；它前面的路由器告知了这一点，发送方应随之调整。",
	},
	Meaning: lang.Text{
		EN: "This is path MTU discovery at work: the ends cannot know of a tunnel or a narrower link in between, so they learn of it by an ICMP message and send smaller segments. It costs the packets that were on the way, once. If the sender goes on with the old size, the message does not reach its TCP: a host firewall or a network namespace in front of it drops ICMP.",
		ZH: "这是路径 MTU 发现在起作用：两端无从得知中间的隧道或更窄的链路，于是通过 ICMP 包获知，并改发更小的报文段。代价只是当时在途的那些包。若发送方仍用旧的大小，说明该包没有到达它的 TCP：主机防火墙或其前的网络命名空间丢弃了 ICMP。",
	},
	Recognised: []lang.Text{
		{EN: "An ICMP message \"fragmentation needed\" (IPv6: \"packet too big\") quotes a segment of the connection and names an MTU.", ZH: "ICMP“需要分片”（IPv6：“包过大”）引用了该连接的报文段，并给出 MTU。"},
		{EN: "The same bytes follow in smaller segments.", ZH: "同样的字节随后以更小的报文段发送。"},
	},
	Confused: []Confusion{
		{ID: "pmtud-blackhole", Text: lang.Text{EN: "there the message never comes and the sender repeats the large packets", ZH: "那里该包从未到来，发送方一再重传大包"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there nobody says why packets vanished", ZH: "那里没有人说明包为何消失"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend when the sender adapts; an MSS clamp at the narrow link saves the first round trip.", ZH: "发送方能调整时无需处理；在变窄处钳制 MSS 可省去第一个往返。"},
		{EN: "When it does not adapt: let ICMP type 3 code 4 (ICMPv6 type 2) into the sending host and its containers.", ZH: "若不调整：放行 ICMP 类型 3 代码 4（ICMPv6 类型 2）进入发送主机及其容器。"},
	},
	References: []Reference{
		{Title: "RFC 1191: Path MTU Discovery", Date: "1990-11", URL: "https://www.rfc-editor.org/rfc/rfc1191"},
		{Title: "RFC 8201: Path MTU Discovery for IP version 6", Date: "2017-07", URL: "https://www.rfc-editor.org/rfc/rfc8201"},
		{Title: "Path MTU discovery in practice", Author: "Cloudflare", Date: "2015-02-04", URL: "https://blog.cloudflare.com/path-mtu-discovery-in-practice/"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"packet-loss", "tail-loss-rto", "spurious-retransmission", "rto-death", "path-outage"},
	Detect:  detectPMTUReduced,
}

// Reported when an ICMP error refuses the size of a connection's packets: as
// info when smaller ones follow, as a problem when three or more of the refused
// size are sent 0.2 s and more after the message. Not reported when the message
// names no size.
func detectPMTUReduced(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if len(c.ICMP) == 0 {
			continue
		}
		for _, r := range c.RefusedSizes() {
			if r.MTU == 0 {
				continue // a router older than RFC 1191 names no size: nothing to compare with
			}
			out = append(out, *x.tellRefused(c, r))
		}
	}
	return out
}

func (x *Context) tellRefused(c *conversation.Conversation, r conversation.SizeReport) *Finding {
	f := x.finding(Info, Certain, Likely, c)
	first := &x.ICMP[r.ICMP[0]]
	var icmp []int
	for _, i := range r.ICMP {
		icmp = append(icmp, int(x.ICMP[i].Number))
	}
	sender := c.Addr(r.From).Addr()
	f.Summary = lang.T("The router %s refused packets of %s that were larger than %d bytes; smaller ones followed.", "路由器 %s 拒绝了 %s 发出的超过 %d 字节的包，随后改发了更小的包。", first.Src, sender, r.MTU)
	if r.Refused >= 0 {
		s := &c.Segments[r.Refused]
		f.say(numbers(c, r.Refused), "%s sent packets of %d bytes #%d.", "%s 发送了 %d 字节的包 #%d。", sender, c.IPSize(r.From, min(s.Len, max(c.FullSize(r.From), 1))), s.Number)
		f.shows(int(s.Number), "too large for a link on the path", "对路径上某段链路来说太大")
	}
	f.say(icmp, "The router %s answered by ICMP that its next link takes %d bytes at most (%s).", "路由器 %s 以 ICMP 回应：其下一段链路最多承载 %d 字节（%s）。", first.Src, r.MTU, refs(icmp))
	f.shows(icmp[0], "names the size that fits", "给出可行的大小")
	switch {
	case len(r.Ignored) >= ignoredFew:
		x.tellIgnored(f, c, r)
	case r.After >= 0:
		f.say(numbers(c, r.After), "From then on its packets are small enough, the first %s later #%d.", "此后包都足够小，首个在 %s 之后 #%d。", lang.Duration(c.Segments[r.After].Time-first.Time), n(c, r.After))
		f.shows(n(c, r.After), "the same bytes in smaller segments", "同样的字节，报文段更小")
	}
	f.may(Likely, lang.T("A tunnel or a narrower link behind %s", "%s 之后有隧道或更窄的链路", first.Src), lang.Text{EN: "The MTU of that router's interfaces.", ZH: "该路由器各接口的 MTU。"})
	f.confirm(lang.T("On %s: what it knows of the path.", "在 %s 上查看它对该路径的了解：", sender), fmt.Sprintf("ip route get %s", c.Addr(r.From.Other()).Addr()))
	f.confirm(lang.Text{EN: "Where the size changes on the way:", ZH: "路径上哪里尺寸变小："}, fmt.Sprintf("tracepath -n %s", c.Addr(r.From.Other()).Addr()))
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String()+sideName(r.From).EN, portLabel(c.Client))
}

func (x *Context) tellIgnored(f *Finding, c *conversation.Conversation, r conversation.SizeReport) {
	f.Severity = Problem
	p := numbers(c, r.Ignored...)
	f.Title = lang.Text{EN: "A router asks for smaller packets, and the sender does not heed it", ZH: "路由器要求更小的包，发送方却不理会"}
	f.Summary = lang.T("The router %s refuses packets of %s larger than %d bytes; they are sent again at the same size.", "路由器 %s 拒绝 %s 发出的超过 %d 字节的包，而它们仍以原大小重传。", x.ICMP[r.ICMP[0]].Src, c.Addr(r.From).Addr(), r.MTU)
	f.say(p, "Yet %s still went out at the refused size (%s).", "然而仍有 %s以被拒绝的大小发出（%s）。", lang.Count(len(p), "packet", "packets", "个包"), refs(p))
	f.shows(p[0], "the refused size again", "仍是被拒绝的大小")
	f.may(Likely, lang.T("The ICMP message does not reach the TCP of %s: a filter on that host, or a container's network drops it", "ICMP 包没有到达 %s 的 TCP：该主机的过滤规则或容器网络丢弃了它", c.Addr(r.From).Addr()),
		lang.Text{EN: "A capture inside the sending container or host, and its ICMP filter rules.", ZH: "在发送的容器或主机内抓包，并检查其 ICMP 过滤规则。"})
	f.waited(c.Segments[r.Ignored[len(r.Ignored)-1]].Time - x.ICMP[r.ICMP[0]].Time)
}
