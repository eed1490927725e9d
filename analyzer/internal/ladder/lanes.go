package ladder

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// mostLanes is how many endpoints stand side by side before those of one
// address are drawn as one host.
const mostLanes = 4

// mostColumns is how many lanes a ladder has at most; a crowd shares the last.
const mostColumns = 6

// laneTable finds an endpoint's lane.
type laneTable struct {
	of     map[netip.AddrPort]int
	byHost map[netip.Addr]int
	merged bool
	others int // the lane of those without one, 0 for none
	more   int // how many addresses stand on it
}

func (t *laneTable) find(a netip.AddrPort) (int, bool) {
	if i, ok := t.of[a]; ok {
		return i, true
	}
	if t.merged {
		i, ok := t.byHost[a.Addr()]
		return i, ok
	}
	return 0, false
}

var (
	roleClient = lang.Text{EN: "client", ZH: "客户端"}
	roleServer = lang.Text{EN: "server", ZH: "服务器"}
	roleBoth   = lang.Text{EN: "client and server", ZH: "既是客户端又是服务器"}
	roleDevice = lang.Text{EN: "device on the path", ZH: "途中设备"}
)

// makeLanes orders the endpoints: those the finding names first and in its
// order, then clients, then servers, then whoever sent ICMP about them.
func (b *builder) makeLanes() {
	b.lanes = laneTable{of: map[netip.AddrPort]int{}, byHost: map[netip.Addr]int{}}
	b.lanes.merged = b.crowded()
	for _, h := range b.finding.Drawing.Lanes {
		i := b.lane(h.Endpoint, h.Role)
		b.ladder.Lanes[i].Note = h.Note
		for _, also := range h.Also {
			b.lanes.of[also] = i
		}
	}
	clients := b.convs
	if b.lanes.merged && len(clients) > 1 {
		clients = clients[:1] // the servers' lanes must not fall to a crowd of clients
	}
	for _, c := range clients {
		b.endpoint(c, c.Client, roleClient)
	}
	for _, c := range b.convs {
		b.endpoint(c, c.Server, roleServer)
	}
	for _, c := range b.convs[len(clients):] {
		b.endpoint(c, c.Client, roleClient)
	}
	for _, it := range b.items {
		if it.icmp != nil {
			b.device(it.icmp)
		}
	}
	b.capturedHere()
}

func (b *builder) endpoint(c *conversation.Conversation, a netip.AddrPort, role lang.Text) {
	if c.Client == c.Server {
		role = roleBoth
	}
	b.lane(a, role)
}

// crowded: more endpoints than fit, none of them asked for by the finding.
func (b *builder) crowded() bool {
	distinct := map[netip.AddrPort]bool{}
	for _, c := range b.convs {
		distinct[c.Client], distinct[c.Server] = true, true
	}
	return len(distinct) > mostLanes
}

// lane gives the endpoint's lane, made if it was not there.
func (b *builder) lane(a netip.AddrPort, role lang.Text) int {
	if i, ok := b.lanes.find(a); ok {
		if b.lanes.merged && b.ladder.Lanes[i].Port != int(a.Port()) {
			b.ladder.Lanes[i].Port = 0
		}
		b.lanes.of[a] = i
		return i
	}
	if len(b.ladder.Lanes) >= mostColumns-1 && b.lanes.merged {
		return b.others(a)
	}
	i := len(b.ladder.Lanes)
	b.ladder.Lanes = append(b.ladder.Lanes, Lane{ID: a.String(), Kind: "endpoint", Address: a.Addr().String(),
		Port: int(a.Port()), Name: b.set.Names[a.Addr()], Role: role})
	b.lanes.of[a] = i
	if _, ok := b.lanes.byHost[a.Addr()]; !ok {
		b.lanes.byHost[a.Addr()] = i
	}
	return i
}

// others is the last lane of a crowd: everybody who has no column of his own.
func (b *builder) others(a netip.AddrPort) int {
	i := b.lanes.others
	if i == 0 {
		i = len(b.ladder.Lanes)
		b.lanes.others = i
		b.ladder.Lanes = append(b.ladder.Lanes, Lane{ID: "others", Kind: "endpoint", Address: a.Addr().String()})
	}
	b.lanes.of[a] = i
	if _, known := b.lanes.byHost[a.Addr()]; !known {
		b.lanes.byHost[a.Addr()] = i
		b.lanes.more++
		b.ladder.Lanes[i].Role = lang.T("and %s", "另有 %s", lang.Count(b.lanes.more, "further address", "further addresses", "个地址"))
	}
	return i
}

// device gives the sender of an ICMP error a lane, unless it is one of the ends.
func (b *builder) device(m *conversation.ICMP) {
	if _, ok := b.lanes.byHost[m.Src]; ok {
		return
	}
	i := len(b.ladder.Lanes)
	b.ladder.Lanes = append(b.ladder.Lanes, Lane{ID: m.Src.String(), Kind: "endpoint", Address: m.Src.String(),
		Name: b.set.Names[m.Src], Role: roleDevice})
	b.lanes.byHost[m.Src] = i
}

// capturedHere marks the lane where the capture was taken.
func (b *builder) capturedHere() {
	for _, c := range b.convs {
		var a netip.AddrPort
		switch b.set.Vantage(c).Place {
		case conversation.PlaceClient:
			a = c.Client
		case conversation.PlaceServer:
			a = c.Server
		default:
			continue
		}
		if i, ok := b.lanes.find(a); ok {
			b.ladder.Lanes[i].CapturedHere = true
			return
		}
	}
}

// feet says under each lane what it sent and which resets it got.
func (b *builder) feet() {
	sent := make([]int, len(b.ladder.Lanes))
	resets := make([]int, len(b.ladder.Lanes))
	var count func(rows []Row)
	count = func(rows []Row) {
		for i := range rows {
			r := &rows[i]
			if r.Kind == RowPacket {
				sent[r.From]++
				if r.Class == ClassReset {
					resets[r.To]++
				}
			}
			count(r.Rows)
		}
	}
	count(b.ladder.Rows)
	for i := range b.ladder.Lanes {
		b.ladder.Lanes[i].Foot, b.ladder.Lanes[i].Silent = b.foot(i, sent[i], resets[i])
	}
}

func (b *builder) foot(lane, sent, resets int) (lang.Text, bool) {
	for _, c := range b.convs {
		if c.Omitted == 0 {
			continue
		}
		for _, side := range []conversation.Side{conversation.Client, conversation.Server} {
			if i, ok := b.lanes.find(c.Addr(side)); ok && i == lane {
				sent = max(sent, c.Flows[side].Packets)
			}
		}
	}
	switch {
	case sent == 0:
		return lang.Text{EN: "sent nothing", ZH: "未发送任何包"}, true
	case resets > 0:
		return lang.T("sent %s, got %d RST", "发 %s，收 %d 个 RST", lang.Number(int64(sent)), resets), false
	}
	return lang.T("sent %s", "发 %s", lang.Number(int64(sent))), false
}

// timers turns the finding's timers into brackets.
func (b *builder) timers() {
	for _, t := range b.finding.Drawing.Timers {
		if i, ok := b.lanes.find(t.Endpoint); ok {
			b.ladder.Timers = append(b.ladder.Timers, Timer{Lane: i, From: b.at(t.From), To: b.at(t.To),
				Duration: float64(t.To - t.From), Label: t.Label, Note: t.Note})
		}
	}
}
