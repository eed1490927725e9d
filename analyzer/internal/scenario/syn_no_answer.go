package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// A client's SYN draws nothing: no SYN-ACK, no reset, no ICMP error. The client
// repeats it on its timer until it is answered or gives up.

// arpLooked bounds how many ARP packets are asked about one silent host.
const arpLooked = 5000

var synNoAnswer = Scenario{
	ID:    "syn-no-answer",
	Title: lang.Text{EN: "The SYN gets no answer", ZH: "SYN 没有任何应答"},
	Summary: lang.Text{
		EN: "The client repeats its SYN and hears nothing, not even a refusal.",
		ZH: "客户端一再重发 SYN，什么回应也没有，连拒绝都没有。",
	},
	Meaning: lang.Text{
		EN: "Either the SYN does not arrive, or what answers it does not come back, or the host drops it without a word. Seen from the client these are the same; only a capture nearer to the server tells them apart. The application hangs until its own timeout.",
		ZH: "要么 SYN 没有到达，要么应答没有回来，要么主机一声不响地丢弃了它。从客户端看这三者完全一样，只有更靠近服务器的抓包才能区分。应用会一直等到自己的超时。",
	},
	Recognised: []lang.Text{
		{EN: "The same SYN two or more times, spaced by a timer (1, 2, 4 … s, or 1, 1, 1, 1, 1, 2 … s).", ZH: "同一个 SYN 出现两次以上，间隔符合定时器（1、2、4……秒，或 1、1、1、1、1、2……秒）。"},
		{EN: "No SYN-ACK, no RST and no ICMP error for it.", ZH: "没有对应的 SYN-ACK、RST 或 ICMP 差错消息。"},
	},
	Confused: []Confusion{
		{ID: "syn-dropped-tw-recycle-snat", Text: lang.Text{EN: "at the server: the unanswered SYNs are those with an older timestamp than another host behind the same address", ZH: "在服务器侧：没有应答的恰是时间戳比同一地址后另一台主机更旧的那些 SYN"}},
		{ID: "synack-unacknowledged", Text: lang.Text{EN: "at the server: SYN-ACKs do leave", ZH: "在服务器侧：SYN-ACK 确实发出了"}},
		{ID: "icmp-unreachable-on-syn", Text: lang.Text{EN: "there a router or host says why", ZH: "那里有路由器或主机说明了原因"}},
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "there the answer comes out on another connection of the same client port", ZH: "那里应答出现在同一客户端端口的另一个连接上"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing answers at all: check address, route, and every filter on the way (security groups, firewalls, the host's own).", ZH: "完全没有应答：检查地址、路由以及沿途每一处过滤（安全组、防火墙、主机自身）。"},
		{EN: "Sometimes answered: look for an overloaded listener (SYN or accept queue) or loss on the path.", ZH: "时有应答：检查监听队列是否过载（SYN 队列或全连接队列），或路径丢包。"},
		{EN: "Let firewalls reject instead of drop where that is safe: clients then fail at once and say why.", ZH: "在安全允许的地方，让防火墙用拒绝代替丢弃：客户端会立即失败并得知原因。"},
	},
	References: []Reference{
		{Title: "TCP traces (item 5)", Author: "Noah Davids", URL: "https://noahdavids.org/traces.html"},
		{Title: "A reason for unexplained connection timeouts on Kubernetes/Docker", Author: "XING Engineering", URL: "https://tech.xing.com/a-reason-for-unexplained-connection-timeouts-on-kubernetes-docker-abd041cf7e02"},
	},
	Symptom: SymptomNoAnswer,
	Detect:  detectSynNoAnswer,
}

// Reported when nothing answers a SYN that was repeated, or a single one that
// the capture outlasts by silentWait. A warning when a repetition was answered,
// or when a single SYN is all there is and others of the endpoint are not silent.
// Not reported for targets of a scan, when the capture holds no server's packet
// and the SYN stood alone, when the server's answer shows by data that follows,
// or when the capture was certainly taken on the server's host (a scenario of
// its own).
func detectSynNoAnswer(x *Context) []Finding {
	var out []Finding
	told := crowd{}
	for _, s := range x.silences() {
		if s.at < 0 && len(s.syns) > 1 && x.onHost(s) {
			continue
		}
		severity := Problem
		if s.at >= 0 || len(s.syns) == 1 && !s.insisted {
			severity = Warning
		}
		key := s.c.Server.String() + severity
		if told.full(key) {
			out = append(out, *x.another(told, key, s.c))
			continue
		}
		out = append(out, *told.tells(key, x.tellSilence(s)))
	}
	return out
}

// onHost: the capture states that the SYN came in to the host that should
// answer, and no box sent it on.
func (x *Context) onHost(s silence) bool {
	v := x.Vantage(s.c)
	return v.Strong && !s.sentOn && (v.Place == conversation.PlaceServer || v.Place == conversation.PlaceBoth)
}

func (x *Context) tellSilence(s silence) *Finding {
	c := s.c
	f := x.finding(Problem, Certain, Possible, c)
	if s.leg != nil {
		f.Conversations = append(f.Conversations, s.leg.ID)
	}
	first, last := &c.Segments[s.syns[0]], &c.Segments[s.syns[len(s.syns)-1]]
	f.waited(last.Time - first.Time)
	f.say(numbers(c, s.syns[0]), "The client sent a SYN to %s, port %d (#%d).", "客户端向 %s 的 %d 端口发送了 SYN（#%d）。", c.Server.Addr(), c.Server.Port(), first.Number)
	f.shows(int(first.Number), "the SYN", "SYN")
	f.tellRepeatedSYNs(c, s.syns)
	f.tellLeg(s)
	switch {
	case s.at >= 0:
		f.answeredLate(s)
	case len(s.syns) == 1 && !s.insisted:
		f.Severity, f.Symptom = Warning, Likely
		if x.fallback(c, first.Time) != nil {
			f.Severity = Info
		}
	}
	if s.at < 0 {
		f.Summary = lang.T("%s tried to connect to %s and heard nothing: %s, no answer at this capture point.", "%s 尝试连接 %s，毫无回音：%s，抓包点未见任何应答。",
			c.Client, c.Server, s.span())
		f.say(numbers(c, s.syns...), "Until the capture ends %s later nothing came back for it: no SYN-ACK, no reset, no ICMP error.", "此后直到 %s 后抓包结束，没有返回任何包：没有 SYN-ACK、没有复位，也没有 ICMP 差错。", lang.Duration(max(x.End-last.Time, 0)))
	}
	x.causesSilence(f, s)
	x.checksSilence(f, c)
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, s.syns)
	if s.at < 0 {
		for _, y := range s.syns {
			f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, y), ReceiverNote: lang.Text{EN: "no answer", ZH: "无应答"}})
		}
	}
	return f.restsOnAbsence().grouped(c.Server.String()+f.Severity, portLabel(c.Client))
}

// span says how often the client tried, and for how long.
func (s *silence) span() lang.Text {
	count := lang.Count(len(s.syns), "SYN", "SYNs", "个 SYN")
	if len(s.syns) == 1 {
		return count
	}
	took := s.c.Segments[s.syns[len(s.syns)-1]].Time - s.c.Segments[s.syns[0]].Time
	return lang.T("%s within %s", "%[2]s 内共 %[1]s", count, lang.Duration(took))
}

// tellRepeatedSYNs tells the client's timer.
func (f *Finding) tellRepeatedSYNs(c *conversation.Conversation, syns []int) {
	if len(syns) < 2 {
		return
	}
	again := numbers(c, syns[1:]...)
	f.say(again, "It repeated the same SYN %s (%s), waiting %s.", "同一个 SYN 又发了 %s（%s），间隔 %s。", lang.Times(len(again)), refs(again), waits(c.SeriesOf(syns).Gaps))
	for _, p := range again {
		f.shows(p, "the same SYN again", "同一个 SYN 的重传")
	}
}

func (f *Finding) tellLeg(s silence) {
	if s.leg == nil {
		return
	}
	y := &s.leg.Segments[s.leg.Handshake().SYNs[0]]
	f.say([]int{int(y.Number)}, "The same SYN left translated, from %s to %s (#%d); nothing came back on that leg either.", "同一个 SYN 经地址转换后由 %s 发往 %s（#%d），那一段同样没有任何返回。", s.leg.Client, s.leg.Server, y.Number)
	f.shows(int(y.Number), "the same SYN, translated", "同一个 SYN，地址已转换")
}

// answeredLate turns the finding into one about lost time.
func (f *Finding) answeredLate(s silence) {
	c := s.c
	z, first := &c.Segments[s.at], &c.Segments[s.syns[0]]
	took, lost := z.Time-first.Time, c.Segments[s.syns[len(s.syns)-1]].Time-first.Time
	f.Severity = Warning
	f.waited(lost)
	f.Title = lang.T("The first SYN got no answer; connecting took %s", "第一个 SYN 没有应答，建立连接花了 %s", lang.Duration(took))
	f.Summary = lang.T("%s connected to %s only after repeating its SYN %s: %s were lost.", "%s 重发了 %[3]s SYN 才连上 %[2]s，损失了 %[4]s。", c.Client, c.Server, lang.Times(len(s.syns)-1), lang.Duration(lost))
	f.say([]int{int(z.Number)}, "Only then the SYN-ACK came (#%d), %s after the first SYN. The connection opened.", "此后 SYN-ACK 才到达（#%d），距第一个 SYN 已有 %s。连接随后建立。", z.Number, lang.Duration(took))
	f.shows(int(z.Number), "the answer at last", "终于到来的应答")
}

func (x *Context) causesSilence(f *Finding, s silence) {
	c := s.c
	l := x.listenerOf(c.Server)
	place, from := x.placeNear(c)
	switch {
	case s.at >= 0:
		f.lossCauses(c)
	case place == conversation.PlaceServer:
		f.Cause = Likely
		f.say([]int{n(from, 0)}, "Other packets show that this capture was taken at the server (#%d): the SYNs got as far as its interface.", "其他包表明抓包位于服务器一侧（#%d）：这些 SYN 已到达它的网口。", n(from, 0))
		hostDrops(f, c, Likely)
	case len(l.served) > 0:
		f.may(Possible, lang.Text{EN: "The listener is overloaded: its SYN or accept queue is full, so it drops new SYNs", ZH: "监听端过载：SYN 队列或全连接队列已满，新的 SYN 被丢弃"},
			lang.T("Other connections to port %d succeed in this capture; on the server ListenDrops and ListenOverflows rise.", "抓包中还有到 %d 端口的连接成功；服务器上 ListenDrops 与 ListenOverflows 增长。", c.Server.Port()))
		pathDrops(f, c)
		hostDrops(f, c, Possible)
		timestampDrops(f, c)
	default:
		x.neverHeard(f, c)
	}
	f.excludes(lang.Text{EN: "No listener on an open host", ZH: "主机在线而端口无监听"}, lang.Text{EN: "That would draw a RST at once; none is in the capture.", ZH: "那会立即引出 RST；抓包中没有。"})
}

// neverHeard ranks the causes where the endpoint never answered anybody, by what
// ARP tells of the host.
func (x *Context) neverHeard(f *Finding, c *conversation.Conversation) {
	asked, answered := x.arpOf(c.Server.Addr())
	switch {
	case answered > 0:
		f.excludes(lang.Text{EN: "The host is down", ZH: "主机不在线"}, lang.T("It answers ARP on this network (#%d).", "它在本网段应答了 ARP（#%d）。", answered))
		hostDrops(f, c, Possible)
		pathDrops(f, c)
	case len(asked) > 1:
		f.Cause = Likely
		f.say(asked, "Nobody answers the ARP requests for %s (%s): on this network no host has that address.", "没有任何主机应答对 %s 的 ARP 查询（%s）：本网段没有主机使用该地址。", c.Server.Addr(), refs(asked))
		f.may(Likely, lang.Text{EN: "The host is down, or the address is wrong", ZH: "主机不在线，或地址错误"}, lang.T("arping %s on that network.", "在该网段执行 arping %s。", c.Server.Addr()))
	default:
		pathDrops(f, c)
		f.may(Possible, lang.Text{EN: "The host is down, or the address is wrong", ZH: "主机不在线，或地址错误"}, lang.T("Does %s answer anything else, such as ARP on its own network or another port?", "%s 是否对其他请求有应答，例如本网段的 ARP 或其他端口？", c.Server.Addr()))
		hostDrops(f, c, Possible)
	}
}

// arpOf tells what ARP says of an address: the requests for it, and one answer
// of it, packet numbers; 0 for none.
func (x *Context) arpOf(address netip.Addr) (asked []int, answered int) {
	for i := range x.ARP[:min(len(x.ARP), arpLooked)] {
		a := &x.ARP[i]
		switch {
		case a.Reply && a.SenderIP == address && answered == 0:
			answered = int(a.Number)
		case !a.Reply && a.TargetIP == address && a.SenderIP != address:
			asked = append(asked, int(a.Number))
		}
	}
	return asked, answered
}

func (f *Finding) lossCauses(c *conversation.Conversation) {
	f.may(Possible, lang.Text{EN: "The SYN or its SYN-ACK was lost on the way", ZH: "SYN 或对它的 SYN-ACK 在途中丢失"}, lang.Text{EN: "Other connections of the same path that lose packets too.", ZH: "同一路径上的其他连接是否也在丢包。"})
	f.may(Possible, lang.Text{EN: "The listener's queue was full at that moment", ZH: "当时监听队列已满"}, lang.Text{EN: "On the server ListenDrops and ListenOverflows rise.", ZH: "服务器上 ListenDrops 与 ListenOverflows 增长。"})
	f.may(Possible, lang.Text{EN: "Two connections met in a source NAT at the same instant and one lost its entry (conntrack insertion race)", ZH: "两个连接同时经过源地址转换，其中一个丢失了条目（conntrack 插入竞争）"}, lang.Text{EN: "On the NAT host conntrack -S: insert_failed rises.", ZH: "在 NAT 主机上执行 conntrack -S：insert_failed 增长。"})
}

func pathDrops(f *Finding, c *conversation.Conversation) {
	f.may(Possible, lang.Text{EN: "A firewall or security group on the way drops the SYN, or the route leads nowhere", ZH: "途中的防火墙或安全组丢弃了 SYN，或路由无法到达"},
		lang.T("A capture on the server: does #%d arrive?", "在服务器上抓包：#%d 是否到达？", n(c, c.Handshake().SYNs[0])))
	f.may(Possible, lang.Text{EN: "The SYN-ACK is sent and lost on the way back, for instance on another route", ZH: "SYN-ACK 已发出，但在返回途中丢失，例如走了另一条路由"},
		lang.Text{EN: "A capture on the server: does a SYN-ACK leave, and by which interface?", ZH: "在服务器上抓包：是否发出了 SYN-ACK，从哪个网口发出？"})
}

func hostDrops(f *Finding, c *conversation.Conversation, certainty string) {
	f.may(certainty, lang.Text{EN: "The server's host drops the SYN after the capture point: its own filter, rp_filter, a required MD5 or AO signature, or a full queue", ZH: "服务器主机在抓包点之后丢弃了 SYN：主机自身的过滤、rp_filter、要求的 MD5/AO 签名，或队列已满"},
		lang.Text{EN: "Rule counters; nstat: ListenDrops, ListenOverflows, IPReversePathFilter, TCPMD5NotFound.", ZH: "规则计数器；nstat 中的 ListenDrops、ListenOverflows、IPReversePathFilter、TCPMD5NotFound。"})
}

// timestampDrops: what tcp_tw_recycle looks like from one of several clients.
func timestampDrops(f *Finding, c *conversation.Conversation) {
	if c.Flows[conversation.Client].Options&packet.OptTimestamps == 0 {
		return
	}
	f.may(Possible, lang.Text{EN: "The server (Linux before 4.12 with tcp_tw_recycle) drops SYNs whose timestamp is older than that of another host behind the same public address", ZH: "服务器（4.12 之前的 Linux 且开启 tcp_tw_recycle）丢弃了时间戳比同一公网地址后另一台主机更旧的 SYN"},
		lang.Text{EN: "A capture at the server, where all hosts behind the address show; or try from a host that is alone behind its address.", ZH: "在服务器上抓包，可看到该地址后的所有主机；或从独占公网地址的主机上尝试。"})
}

func (x *Context) checksSilence(f *Finding, c *conversation.Conversation) {
	f.confirm(lang.Text{EN: "At the server while the client tries: do the SYNs arrive, does anything leave?", ZH: "客户端重试时在服务器上抓包：SYN 是否到达，有无应答发出？"}, tcpdump(filterServer(c.Server)))
	f.confirm(lang.Text{EN: "On the server: drops and rules.", ZH: "在服务器上：丢弃计数与规则。"}, "nstat -az | egrep 'ListenDrops|ListenOverflows|IPReversePathFilter|TCPMD5'; nft list ruleset")
	f.confirm(lang.Text{EN: "From the client: where the path ends.", ZH: "在客户端：路径在哪里中断。"}, lang.T("traceroute -T -p %d %s", "", c.Server.Port(), c.Server.Addr()).EN)
}
