package scenario

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// More SYNs than any clientele sends, from everywhere, and hardly one of them
// goes on.

const (
	// floodRate is how many new connections per second to one endpoint are a
	// flood when hardly any completes.
	floodRate = 100
	// floodWindow is the time over which they are counted, in ns.
	floodWindow = lang.Second
	// floodDone is the share of handshakes that may complete.
	floodDone = 0.1
	// floodSources is the share of attempts that come from different addresses.
	floodSources = 0.5
	// floodListed bounds the conversations a finding names.
	floodListed = 100
)

var synFlood = Scenario{
	ID:    "syn-flood",
	Title: lang.Text{EN: "SYN flood: a mass of SYNs that never become connections", ZH: "SYN 洪水：大量 SYN 从不成为连接"},
	Summary: lang.Text{
		EN: "Hundreds of SYNs per second from many addresses arrive at one port, and hardly any handshake completes.",
		ZH: "每秒数百个来自众多地址的 SYN 涌向同一端口，几乎没有一次握手完成。",
	},
	Meaning: lang.Text{
		EN: "Forged sources fill the listener's SYN queue; real clients then go unanswered or get SYN cookies. A crowd of real clients would complete its handshakes.",
		ZH: "伪造的来源填满监听端口的 SYN 队列，真实客户端因此得不到应答或只能得到 SYN Cookie。若是真实客户端蜂拥而至，握手会完成。",
	},
	Recognised: []lang.Text{
		{EN: "More than a hundred new connections per second to one endpoint, less than a tenth completed.", ZH: "每秒上百个到同一目标的新连接，完成的不足十分之一。"},
		{EN: "Many source addresses, often with one and the same window, TTL and options.", ZH: "来源地址众多，窗口、TTL 和选项却常常完全相同。"},
	},
	Confused: []Confusion{
		{ID: "health-check-or-scan", Text: lang.Text{EN: "there one source tries many ports", ZH: "那里是一个来源尝试许多端口"}},
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "there the handshakes complete and the application is slow", ZH: "那里握手会完成，是应用太慢"}},
	},
	Fixes: []lang.Text{
		{EN: "Keep net.ipv4.tcp_syncookies=1, raise the queues, and filter before the host (provider, XDP, balancer).", ZH: "保持 net.ipv4.tcp_syncookies=1，调大队列，并在主机之前过滤（运营商、XDP、负载均衡器）。"},
	},
	References: []Reference{
		{Title: "SYN packet handling in the wild", Author: "Marek Majkowski, Cloudflare", Date: "2018-01-15", URL: "https://blog.cloudflare.com/syn-packet-handling-in-the-wild/"},
	},
	Symptom: SymptomHalfOpen,
	Over:    []string{"syn-no-answer", "synack-unacknowledged", "accept-queue-overflow", "syn-cookies-active", "syn-dropped-by-host", "conn-refused-rst", "health-check-or-scan"},
	Detect:  detectSynFlood,
}

// Reported when within floodWindow at least floodRate SYNs open connections to
// one endpoint, fewer than floodDone of them complete, and at least floodSources
// of them come from different addresses. Never certain: only the server knows
// its clients.
func detectSynFlood(x *Context) []Finding {
	byServer := map[netip.AddrPort][]*conversation.Conversation{}
	var order []netip.AddrPort
	for _, c := range x.Conversations {
		if len(c.Handshake().SYNs) == 0 {
			continue
		}
		if byServer[c.Server] == nil {
			order = append(order, c.Server)
		}
		byServer[c.Server] = append(byServer[c.Server], c)
	}
	var out []Finding
	for _, a := range order {
		if b := busiest(byServer[a]); len(b) >= floodRate && isFlood(b) {
			out = append(out, *x.tellFlood(a, byServer[a], b))
		}
	}
	return out
}

// busiest is the second with the most new connections.
func busiest(cs []*conversation.Conversation) []*conversation.Conversation {
	sort.SliceStable(cs, func(i, j int) bool { return cs[i].First < cs[j].First })
	var best []*conversation.Conversation
	from := 0
	for i := range cs {
		for cs[i].First-cs[from].First > floodWindow {
			from++
		}
		if i-from+1 > len(best) {
			best = cs[from : i+1]
		}
	}
	return best
}

func isFlood(cs []*conversation.Conversation) bool {
	done := 0
	sources := map[netip.Addr]bool{}
	for _, c := range cs {
		if c.Handshake().ACK >= 0 {
			done++
		}
		sources[c.Client.Addr()] = true
	}
	return float64(done) < floodDone*float64(len(cs)) && float64(len(sources)) >= floodSources*float64(len(cs))
}

// lookAlike is the share of first SYNs that agree in window, TTL and options.
func (x *Context) lookAlike(cs []*conversation.Conversation) float64 {
	type print struct {
		window  uint16
		ttl     uint8
		options uint16
	}
	count := map[print]int{}
	most := 0
	for _, c := range cs {
		s := &c.Segments[c.Handshake().SYNs[0]]
		p := print{window: s.Window, ttl: s.TTL, options: uint16(c.Flows[conversation.Client].Options)}
		count[p]++
		most = max(most, count[p])
	}
	return float64(most) / float64(len(cs))
}

func (x *Context) tellFlood(server netip.AddrPort, all, peak []*conversation.Conversation) *Finding {
	f := x.finding(Problem, Likely, Likely, all[:min(len(all), floodListed)]...)
	f.Count = len(all)
	done := 0
	sources := map[netip.Addr]bool{}
	for _, c := range all {
		if c.Handshake().ACK >= 0 {
			done++
		}
		sources[c.Client.Addr()] = true
	}
	first, last := peak[0], peak[len(peak)-1]
	f.Summary = lang.T("%s SYNs from %s reached %s; %d of the handshakes completed.", "来自 %[2]s的 %[1]s 个 SYN 涌向 %[3]s；完成的握手只有 %[4]d 个。",
		lang.Number(int64(len(all))), lang.Count(len(sources), "address", "addresses", "个地址"), server, done)
	f.say(numbers(first, first.Handshake().SYNs[0]), "In the busiest second %s new connections were asked for, the first of them #%d, the last #%d.", "最忙的一秒内有 %s 个新连接请求，首个是 #%d，末个是 #%d。",
		lang.Number(int64(len(peak))), n(first, first.Handshake().SYNs[0]), n(last, last.Handshake().SYNs[0]))
	f.shows(n(first, first.Handshake().SYNs[0]), "first SYN of the busiest second", "最忙一秒的首个 SYN")
	f.shows(n(last, last.Handshake().SYNs[0]), "last SYN of the busiest second", "最忙一秒的末个 SYN")
	if same := x.lookAlike(peak); same >= 0.9 {
		f.say(nil, "%s of them agree in window, TTL and options, as if one program had made them.", "其中 %s 的窗口、TTL 和选项完全相同，仿佛出自同一个程序。", lang.Percent(same))
	}
	f.say(nil, "%s of %s handshakes completed.", "%[2]s 次握手中完成了 %[1]s 次。", lang.Number(int64(done)), lang.Number(int64(len(all))))
	f.may(Likely, lang.Text{EN: "A flood with forged source addresses", ZH: "伪造来源地址的洪水攻击"}, lang.Text{EN: "On the server: dmesg \"possible SYN flooding\", TcpExtSyncookiesSent.", ZH: "在服务器上：dmesg 中的 possible SYN flooding，以及 TcpExtSyncookiesSent。"})
	f.may(Possible, lang.Text{EN: "A crowd of real clients whose answers are lost on the way back", ZH: "真实客户端集中访问，而应答在回程丢失"}, lang.Text{EN: "Real clients repeat their SYN and differ in options.", ZH: "真实客户端会重发 SYN，且选项各不相同。"})
	f.confirm(lang.Text{EN: "On the server:", ZH: "在服务器上："}, lang.T("dmesg | grep -i 'syn flooding'; nstat -az | grep -i Syncookies; ss -tn state syn-recv 'sport = :%d' | wc -l", "", server.Port()).EN)
	f.Drawing.Lanes = twoLanes(first)
	return f
}
