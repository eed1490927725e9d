package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A backend behind a translated address goes away. Connections made before keep
// their mapping to it and die; new ones are mapped to another backend and work.

const (
	// staleFlows is how many connections of each kind tell more than chance.
	staleFlows = 3
	// staleAttempts is how many sendings of one segment without an answer make a
	// connection dead.
	staleAttempts = 3
)

var staleNATDeadBackend = Scenario{
	ID:    "stale-nat-dead-backend",
	Title: lang.Text{EN: "Old connections stay tied to a backend that is gone", ZH: "旧连接仍绑定在已消失的后端上"},
	Summary: lang.Text{
		EN: "All connections opened before a moment go dead, those opened after it to the same address work.",
		ZH: "某一时刻之前建立的连接全部失效，此后到同一地址新建的连接却正常。",
	},
	Meaning: lang.Text{
		EN: "A service address is translated to one of several backends when a connection opens, and the mapping stays for its life. When a backend goes away without closing its connections, their packets still go to it and vanish. New connections are mapped to a living backend. The old ones end only by their own timeouts.",
		ZH: "服务地址在连接建立时被转换为某个后端，映射在整个连接期间保持不变。后端若没有关闭连接就消失了，旧连接的包仍被送往它，石沉大海；新连接则映射到存活的后端。旧连接只能等自己的超时。",
	},
	Recognised: []lang.Text{
		{EN: "Several connections to one address stop being answered at about the same time.", ZH: "到同一地址的多个连接在大致相同的时间不再得到应答。"},
		{EN: "Connections to the same address that were opened later work at the same moments.", ZH: "同一时刻，后来到同一地址建立的连接却正常。"},
	},
	Confused: []Confusion{
		{ID: "rto-death", Text: lang.Text{EN: "there new connections fail as well", ZH: "那里新连接同样失败"}},
		{ID: "idle-timeout-silent", Text: lang.Text{EN: "there it depends on how long each connection was silent", ZH: "那里取决于每个连接静默了多久"}},
		{ID: "lvs-stale-entry-after-port-reuse", Text: lang.Text{EN: "there a new connection inherits the mapping of an old one", ZH: "那里是新连接继承了旧连接的映射"}},
	},
	Fixes: []lang.Text{
		{EN: "Remove the mappings together with the backend: conntrack -D for its address, expire_nodest_conn=1 on IPVS.", ZH: "移除后端时一并删除映射：对其地址执行 conntrack -D，IPVS 上设置 expire_nodest_conn=1。"},
		{EN: "Drain before removal: let the backend close its connections first.", ZH: "下线前先排空：让后端自己关闭连接。"},
		{EN: "In the client: TCP keepalive, TCP_USER_TIMEOUT, and a limit on the age of pooled connections.", ZH: "客户端启用 TCP keepalive、TCP_USER_TIMEOUT，并限制连接池中连接的寿命。"},
	},
	References: []Reference{
		{Title: "Conntrack stale NAT mapping", Author: "Michal Drozd", URL: "https://www.michal-drozd.com/en/blog/conntrack-stale-nat-mapping/"},
	},
	Symptom: SymptomStall,
	Over:    []string{"rto-death", "idle-timeout-silent", "path-outage", "client-gave-up", "packet-loss", "tail-loss-rto", "half-open-after-crash", "idle-timeout-rst", "keepalive-failure", "spurious-retransmission"},
	Detect:  detectStaleNAT,
}

// Reported when, to one server endpoint from one client address, at least three
// connections had worked and then sent a segment three times or more without an
// answer, no connection as old as they are went on, and at least three that were
// opened after the last of them had been answered work while they are dead.
func detectStaleNAT(x *Context) []Finding {
	var out []Finding
	done := map[[2]string]bool{}
	for _, c := range x.Conversations {
		key := [2]string{c.Client.Addr().String(), c.Server.String()}
		if done[key] || deadSince(c) == 0 || x.outer(c) != c.ID {
			continue
		}
		done[key] = true
		if s := x.staleSplit(c.Client.Addr(), c.Server); len(s.dead) >= staleFlows && len(s.fresh) >= staleFlows && s.oldAlive == 0 {
			out = append(out, *tellStaleNAT(x, s))
		}
	}
	return out
}

// deadSince is when the first of the segments was sent that never got an
// answer, in ns; 0 for a connection that had not worked, or still does.
func deadSince(c *conversation.Conversation) int64 {
	if c.Flows[client].RST || c.Flows[server].RST || !conversation.Before(c.Flows[server].Acked, c.Flows[client].Next) || len(c.Handshake().SYNACKs) == 0 {
		return 0
	}
	for _, s := range c.DataSeries(client) {
		d := &c.Segments[s.At[0]]
		if len(s.At) >= staleAttempts && conversation.Before(c.Flows[server].Acked, d.End()) && heard(c) < d.Time {
			return d.Time
		}
	}
	return 0
}

// heard is when the server last sent anything, in ns.
func heard(c *conversation.Conversation) int64 {
	for i := len(c.Segments) - 1; i >= 0; i-- {
		if s := &c.Segments[i]; s.From == server && !s.IsCopy() {
			return s.Time
		}
	}
	return 0
}

// staleGroups are the connections of one client address to one server, split by
// age and fate.
type staleGroups struct {
	dead, fresh []*conversation.Conversation
	oldAlive    int
	turn        int64 // ns; when the last dead one was last answered
}

func (x *Context) staleSplit(from netip.Addr, to netip.AddrPort) staleGroups {
	var s staleGroups
	var others []*conversation.Conversation
	began := int64(0) // the first dead segment
	for _, c := range x.ToServer(to) {
		if c.Client.Addr() != from || x.outer(c) != c.ID {
			continue
		}
		since := deadSince(c)
		if since == 0 {
			others = append(others, c)
			continue
		}
		s.dead = append(s.dead, c)
		s.turn = max(s.turn, heard(c))
		if began == 0 || since < began {
			began = since
		}
	}
	for _, c := range others {
		switch last := heard(c); {
		case c.First > s.turn && last > began && len(c.Handshake().SYNACKs) > 0:
			s.fresh = append(s.fresh, c)
		case c.First <= s.turn && last > began:
			s.oldAlive++
		}
	}
	return s
}

func tellStaleNAT(x *Context, s staleGroups) *Finding {
	f := x.finding(Problem, Likely, Likely, append(append([]*conversation.Conversation(nil), s.dead...), s.fresh[0])...)
	c := s.dead[0]
	f.at = deadSince(c)
	f.Summary = lang.T("%s from %s to %s went dead while %d opened later work.", "%[2]s 到 %[3]s 的 %[1]s全部失效，而后来新建的 %[4]d 个正常。",
		lang.Count(len(s.dead), "connection", "connections", "个连接"), c.Client.Addr(), c.Server, len(s.fresh))
	var sent []int
	cost := int64(0)
	for _, d := range s.dead {
		for _, series := range d.DataSeries(client) {
			if p := series.At[0]; d.Segments[p].Time == deadSince(d) {
				sent = append(sent, n(d, p))
				f.shows(n(d, p), "never answered on an old connection", "旧连接上始终没有应答")
			}
		}
		cost += d.Last - deadSince(d)
	}
	f.say(sent, "Data on %s that had worked (%s) was repeated and never answered.", "%s原本正常的连接上的数据（%s）不断重传，始终没有应答。", lang.Count(len(s.dead), "connection", "connections", "个"), refs(sent))
	var opened []int
	for i, o := range s.fresh {
		if i < 4 {
			opened = append(opened, n(o, o.Handshake().SYNACKs[0]))
		}
	}
	f.say(opened, "%s to the same address, opened after the last of those had been answered, worked meanwhile (%s). Nothing as old as the dead ones went on.", "在它们最后一次得到应答之后，到同一地址新建的 %s在此期间正常（%s）；与失效连接同样早的连接无一继续。",
		lang.Count(len(s.fresh), "connection", "connections", "个连接"), refs(opened))
	f.shows(opened[0], "a later connection works", "后来的连接正常")
	f.may(Likely, lang.Text{EN: "The service address is translated, and the mappings of the old connections point to a backend that is gone", ZH: "服务地址经过转换，旧连接的映射指向已消失的后端"},
		lang.T("conntrack -L -d %s: to which backend do the dead ports go?", "conntrack -L -d %s：失效端口被转发到哪个后端。", c.Server.Addr()))
	f.may(Possible, lang.Text{EN: "A stateful device lost its table and drops what it did not see opening", ZH: "有状态设备丢失了会话表，丢弃没有见过握手的连接"}, lang.Text{EN: "Its log of restarts and its session table.", ZH: "该设备的重启日志与会话表。"})
	f.excludes(lang.Text{EN: "The path or the service is down", ZH: "路径或服务中断"}, lang.Text{EN: "Other connections to the same address are answered at the same moments.", ZH: "同一时刻到同一地址的其他连接有应答。"})
	f.confirm(lang.Text{EN: "On the translator: where the old ports go.", ZH: "在转换设备上：旧端口去往哪里。"}, lang.T("conntrack -L -d %s; ipvsadm -lnc", "", c.Server.Addr()).EN)
	f.waited(cost)
	return f.restsOnAbsence().grouped(c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}
