package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Connections that are opened to see whether they open: a balancer's health
// check, a monitor, a port scan. Nothing is wrong with them.

const (
	// probePeriods is how many probes make a period measurable.
	probePeriods = 4
	// probeJitter is how far the gaps of a fixed period may be from their mean,
	// as a share of it.
	probeJitter = 0.1
	// politeProbes is how many empty connections that end with FIN are needed
	// before they are called probes.
	politeProbes = 5
	// scanListed bounds the attempts of a scan that a finding names.
	scanListed = 200
)

var healthCheckOrScan = Scenario{
	ID:    "health-check-or-scan",
	Title: lang.Text{EN: "Connections opened only to see whether they open: a health check or a scan", ZH: "只为确认能否建连而发起的连接：健康检查或扫描"},
	Summary: lang.Text{
		EN: "One source opens connections and ends them at once without a byte of data.",
		ZH: "同一来源建立连接后立即结束，不传输任何数据。",
	},
	Meaning: lang.Text{
		EN: "Balancers and monitors test a port by opening it, and often end with a reset to save a round trip; scanners try many ports or hosts. The resets and refusals belong to that and need no mending.",
		ZH: "负载均衡器和监控通过建连来检测端口，常以复位收尾以省去一个往返；扫描器则尝试大量端口或主机。其中的复位和拒绝都属正常，无需处理。",
	},
	Recognised: []lang.Text{
		{EN: "SYN, SYN-ACK, then the client's RST (or ACK and RST); no data.", ZH: "SYN、SYN-ACK，随后是客户端的 RST（或先 ACK 再 RST），没有数据。"},
		{EN: "A new port and a new sequence number each time, often at a fixed period.", ZH: "每次使用新的端口和新的序列号，且常有固定周期。"},
		{EN: "Or one source that tries more than twenty endpoints.", ZH: "或者同一来源尝试二十个以上的目标。"},
	},
	Confused: []Confusion{
		{ID: "synack-from-wrong-address", Text: lang.Text{EN: "at the server it looks alike, but the client repeats one and the same sequence number", ZH: "从服务器侧看很像，但那里客户端重复的是同一个序列号"}},
		{ID: "conn-refused-rst", Text: lang.Text{EN: "there a client that needs the service is refused", ZH: "那里是真正需要服务的客户端被拒绝"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. Leave the prober's address out of the next capture.", ZH: "无需处理。下次抓包时可排除探测来源的地址。"},
	},
	References: []Reference{
		{Title: "tcp-shaker", Author: "tevino", URL: "https://github.com/tevino/tcp-shaker"},
	},
	Symptom: SymptomClose,
	Over:    []string{"conn-refused-rst", "syn-no-answer", "synack-unacknowledged", "linger0-abort", "syn-dropped-by-host"},
	Detect:  detectHealthCheckOrScan,
}

// Reported as info when one source tries more than scanTargets endpoints mostly
// in vain, or ends connections without data by a reset, or with FIN at a fixed
// period. Not reported when the same SYN is repeated.
func detectHealthCheckOrScan(x *Context) []Finding {
	var out []Finding
	scans := x.scans()
	done := map[netip.Addr]bool{}
	probes := map[probeKey][]*conversation.Conversation{}
	var order []probeKey
	for _, c := range x.Conversations {
		a := c.Client.Addr()
		if s := scans[a]; s != nil {
			if !done[a] {
				done[a] = true
				out = append(out, *x.tellScan(a, s))
			}
			continue
		}
		if k := probeOf(c); k.form != noProbe {
			if probes[k] == nil {
				order = append(order, k)
			}
			probes[k] = append(probes[k], c)
		}
	}
	for _, k := range order {
		if f := x.tellProbes(k, probes[k]); f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// probeKey groups probes of one kind.
type probeKey struct {
	client netip.Addr
	server netip.AddrPort
	form   int
}

// The kinds of probe.
const (
	noProbe    = iota
	synProbe   // the SYN-ACK is reset
	abortProbe // the open connection is reset
	closeProbe // the open connection is closed with FIN
)

func probeOf(c *conversation.Conversation) probeKey {
	h := c.Handshake()
	k := probeKey{client: c.Client.Addr(), server: c.Server}
	cl, sv := &c.Flows[conversation.Client], &c.Flows[conversation.Server]
	if c.Client == c.Server || len(h.SYNs) != 1 || len(h.SYNACKs) == 0 || cl.Data+sv.Data > 0 {
		return k
	}
	switch {
	case h.Abort >= 0:
		k.form = synProbe
	case h.ACK >= 0 && cl.RST && !sv.RST && !sv.FIN:
		k.form = abortProbe
	case h.ACK >= 0 && cl.FIN && !sv.RST && len(h.SYNACKs) == 1 && firstFIN(c) == conversation.Client:
		k.form = closeProbe
	}
	return k
}

// firstFIN is the side that closed first; Client when none did.
func firstFIN(c *conversation.Conversation) conversation.Side {
	for i := range c.Segments {
		if s := &c.Segments[i]; s.FIN() && !s.IsCopy() {
			return s.From
		}
	}
	return conversation.Client
}

func (x *Context) tellProbes(k probeKey, cs []*conversation.Conversation) *Finding {
	period := periodOf(cs)
	if k.form == closeProbe && (len(cs) < politeProbes || period == 0) {
		return nil
	}
	certainty := Possible
	if period > 0 {
		certainty = Likely
	}
	c := cs[0]
	f := x.finding(Info, certainty, certainty, cs...)
	f.Count = len(cs)
	f.Title = lang.Text{EN: "Connections opened and ended at once, without data: a health check", ZH: "建立后立即结束、没有数据的连接：健康检查"}
	f.Summary = lang.T("%s opened %s to %s and ended each at once, without a byte of data.", "%s 向 %[3]s 建立了 %[2]s，每次都立即结束，没有传输任何数据。", k.client, lang.Count(len(cs), "connection", "connections", "个连接"), k.server)
	h := c.Handshake()
	f.say(numbers(c, h.SYNs[0], h.SYNACKs[0]), "The SYN #%d was answered by the SYN-ACK #%d: the port is open.", "SYN #%d 得到 SYN-ACK #%d：端口是开放的。", n(c, h.SYNs[0]), n(c, h.SYNACKs[0]))
	f.shows(n(c, h.SYNs[0]), "asks", "询问")
	f.shows(n(c, h.SYNACKs[0]), "the port is open", "端口开放")
	f.tellProbeEnd(c, k.form)
	if period > 0 {
		f.say(nil, "It came %s, every %s, each time from a new port with a new sequence number.", "共 %s，每隔 %s 一次，每次使用新的端口和新的序列号。", lang.Times(len(cs)), lang.Duration(period))
	}
	f.probeCauses(k.client, period)
	f.Drawing.Lanes = twoLanes(c)
	return f
}

// tellProbeEnd tells how the client ended the first probe.
func (f *Finding) tellProbeEnd(c *conversation.Conversation, form int) {
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != conversation.Client || s.IsCopy() || form != closeProbe && !s.Reset() || form == closeProbe && !s.FIN() {
			continue
		}
		if s.Reset() {
			f.say([]int{int(s.Number)}, "That was all the client wanted to know: it ended with a RST (#%d).", "客户端只想知道这一点：它以 RST 结束（#%d）。", s.Number)
		} else {
			f.say([]int{int(s.Number)}, "That was all the client wanted to know: it closed (#%d).", "客户端只想知道这一点：它随即关闭（#%d）。", s.Number)
		}
		f.shows(int(s.Number), "ends it, no data", "结束连接，没有数据")
		return
	}
}

func (f *Finding) probeCauses(source netip.Addr, period int64) {
	certainty := Possible
	if period > 0 {
		certainty = Likely
	}
	f.may(certainty, lang.T("%s is a balancer, an orchestrator or a monitor that checks the port", "%s 是检测该端口的负载均衡器、编排系统或监控", source),
		lang.Text{EN: "Compare the address with those of your balancers, nodes and monitoring.", ZH: "将该地址与负载均衡器、节点和监控的地址对照。"})
}

// periodOf is the fixed period of a series of conversations in ns, 0 for none.
func periodOf(cs []*conversation.Conversation) int64 {
	if len(cs) < probePeriods {
		return 0
	}
	mean := (cs[len(cs)-1].First - cs[0].First) / int64(len(cs)-1)
	for i := 1; i < len(cs); i++ {
		if off := float64(cs[i].First - cs[i-1].First - mean); off > probeJitter*float64(mean) || -off > probeJitter*float64(mean) {
			return 0
		}
	}
	return mean
}

// outcomes counts what came of the attempts, leaving out what never happened.
func (s *scan) outcomes() lang.Text {
	var told []lang.Text
	for _, o := range []struct {
		count  int
		en, zh string
	}{
		{s.open, "%d answered with a SYN-ACK", "%d 次得到 SYN-ACK"},
		{s.refused, "%d refused", "%d 次被拒绝"},
		{s.rejected, "%d rejected by ICMP", "%d 次得到 ICMP 差错"},
		{len(s.attempts) - s.open - s.refused - s.rejected, "%d unanswered", "%d 次没有应答"},
	} {
		if o.count > 0 {
			told = append(told, lang.T(o.en, o.zh, o.count))
		}
	}
	return clauses(told)
}

func (x *Context) tellScan(source netip.Addr, s *scan) *Finding {
	f := x.finding(Info, Likely, Likely, s.attempts[:min(len(s.attempts), scanListed)]...)
	f.Count = len(s.attempts)
	f.Title = lang.Text{EN: "One source tries many ports or hosts: a scan", ZH: "同一来源尝试大量端口或主机：扫描"}
	f.Summary = lang.T("%s tried %s in %s: %s.", "%s 向 %s发起 %s：%s。",
		source, lang.Count(len(s.targets), "endpoint", "endpoints", "个目标"), lang.Count(len(s.attempts), "attempt", "attempts", "次尝试"), s.outcomes())
	first, last := s.attempts[0], s.attempts[len(s.attempts)-1]
	f.say([]int{n(first, 0)}, "The first attempt went to %s (#%d).", "第一次尝试的目标是 %s（#%d）。", first.Server, n(first, 0))
	f.say([]int{n(last, 0)}, "The last, %s later, went to %s (#%d); it made %s in all, to %s, most of them once only.", "最后一次在 %s 后，目标是 %s（#%d）；共 %s，涉及 %s，大多只试一次。",
		lang.Duration(last.First-first.First), last.Server, n(last, 0), lang.Count(len(s.attempts), "attempt", "attempts", "次尝试"), lang.Count(len(s.targets), "endpoint", "endpoints", "个目标"))
	f.shows(n(first, 0), "first attempt", "第一次尝试")
	f.shows(n(last, 0), "last attempt", "最后一次尝试")
	f.may(Likely, lang.T("%s looks for open ports: an inventory or security scan, or an attacker", "%s 在寻找开放的端口：资产清点、安全扫描，或攻击者", source),
		lang.Text{EN: "Whose address is it, and is a scan of theirs planned?", ZH: "这个地址属于谁，是否有计划中的扫描？"})
	f.Drawing.Lanes = twoLanes(first)
	return f
}
