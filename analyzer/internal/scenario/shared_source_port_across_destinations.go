package scenario

import (
	"pcaplain/analyzer/internal/lang"
)

// One local port to several servers at once: legal, and the precondition of two
// connections becoming one behind a translator. Alone it is not worth a word.

var sharedSourcePortAcrossDestinations = Scenario{
	ID:    "shared-source-port-across-destinations",
	Title: lang.Text{EN: "One client port is connected to several servers at once", ZH: "同一客户端端口同时连接多个服务器"},
	Summary: lang.Text{
		EN: "The client uses one local port for connections to different servers at the same time. That is legal.",
		ZH: "客户端用同一个本地端口同时连接不同的服务器。这是合法的。",
	},
	Meaning: lang.Text{
		EN: "A connection is told apart by all four of its addresses and ports, so a stack may give one local port to connections that go elsewhere; Linux does so for sockets that connect() without bind(). It matters only where two destinations are one server behind a translation.",
		ZH: "连接由两个地址和两个端口共同区分，因此协议栈可以把同一个本地端口分配给去往不同目的地的连接；Linux 对未调用 bind() 就 connect() 的套接字正是如此。只有当两个目的地经转换后其实是同一台服务器时，这才会成为问题。",
	},
	Recognised: []lang.Text{{EN: "Two or more connections from one client address and port to different server endpoints overlap in time.", ZH: "同一客户端地址和端口到不同服务器端点的两个或更多连接，在时间上重叠。"}},
	Confused: []Confusion{
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "the trouble that this makes possible", ZH: "这一现象可能引发的故障"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend in itself. To keep two paths apart, bind them to different source addresses or port ranges.", ZH: "现象本身无需修复。若要隔开两条路径，可将它们绑定到不同的源地址或端口范围。"},
	},
	References: []Reference{
		{Title: "Bind before connect", Author: "idea.popcount.org", Date: "2014-04-03", URL: "https://idea.popcount.org/2014-04-03-bind-before-connect/"},
	},
	Symptom: SymptomStall,
	Detect:  detectSharedSourcePort,
}

// Reported only beside cross-wired-tuple-collision and
// ha-two-links-one-backend, when their two conversations share the client's
// endpoint and are open at the same time.
func detectSharedSourcePort(x *Context) []Finding {
	var out []Finding
	for _, t := range append(x.tangles(false), x.tangles(true)...) {
		a, b := t.First, t.Second
		if a == nil || a.Client != b.Client || a.Server == b.Server || a.Last < b.First {
			continue
		}
		f := x.finding(Info, Certain, Certain, a, b)
		f.say([]int{firstNumber(a), firstNumber(b)}, "Port %d of %s is connected to %s #%d and to %s #%d at the same time.", "%[2]s 的端口 %[1]d 同时连接着 %[3]s #%[4]d 和 %[5]s #%[6]d。",
			a.Client.Port(), a.Client.Addr(), a.Server, firstNumber(a), b.Server, firstNumber(b))
		f.shows(firstNumber(a), "opens the first of the two", "发起两者中的第一个")
		f.shows(firstNumber(b), "opens the second", "发起第二个")
		f.may(Likely, lang.Text{EN: "The client connects without binding a port, so its stack may share one among destinations", ZH: "客户端未绑定端口就发起连接，协议栈可以让不同目的地共用一个端口"},
			lang.Text{EN: "Whether the program calls bind() before connect().", ZH: "程序在 connect() 之前是否调用 bind()。"})
		f.confirm(lang.Text{EN: "All connections of this port on the client:", ZH: "在客户端查看该端口的所有连接："}, lang.T("ss -tn 'sport = :%d'", "", a.Client.Port()).EN)
		out = append(out, *f.grouped(a.Client.Addr().String()+a.Server.Addr().String()+b.Server.Addr().String(), portLabel(a.Client)))
	}
	return out
}
