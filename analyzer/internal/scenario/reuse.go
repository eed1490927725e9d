package scenario

import (
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// How long a device remembers a connection, in ns.
const (
	// entryClosed is how long an entry outlives a connection that was closed:
	// IPVS and conntrack keep TIME_WAIT and FIN_WAIT entries for 120 s.
	entryClosed = 120 * lang.Second
	// entryOpen is the same for a connection whose end was not seen: IPVS keeps
	// established entries for 900 s.
	entryOpen = 900 * lang.Second
)

// remembered reports whether a device on the way may still hold the entry of
// the tuple's earlier connection.
func remembered(r conversation.Reuse) bool {
	if r.Ended {
		return r.Gap <= entryClosed
	}
	return r.Gap <= entryOpen
}

// freshPorts are the conversations of the same client address to the same
// server, opened from ports it had not used before, split by their fate. Only
// those around the given one count: from its first SYN on, or shortly before.
func (x *Context) freshPorts(c *conversation.Conversation) (worked, failed []*conversation.Conversation) {
	all := x.ToServer(c.Server)
	here := sort.Search(len(all), func(i int) bool { return all[i].ID >= c.ID })
	for _, o := range all[max(0, here-freshLooked):min(len(all), here+freshLooked)] {
		if o == c || o.Client.Addr() != c.Client.Addr() || o.Client == c.Client || o.Earlier != nil || o.Role != conversation.RoleSYN ||
			o.First < c.First-freshBefore || o.First > c.Last+entryClosed {
			continue
		}
		if len(o.Handshake().SYNACKs) > 0 {
			worked = append(worked, o)
		} else {
			failed = append(failed, o)
		}
	}
	return worked, failed
}

// freshLooked is how many conversations with the server before and after one
// are looked at: on a busy server the nearest tell enough.
const freshLooked = 300

// freshBefore is how long before a failing attempt a success from another port
// still tells that the server was well, in ns.
const freshBefore = 5 * lang.Second

// after drops the conversations that began before another one.
func after(cs []*conversation.Conversation, c *conversation.Conversation) []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, o := range cs {
		if o.First >= c.First {
			out = append(out, o)
		}
	}
	return out
}

// sayReuse tells the connection that used the port before.
func (f *Finding) sayReuse(c *conversation.Conversation, r conversation.Reuse) {
	p, q := firstNumber(r.Earlier), firstNumber(c)
	last := int(r.Earlier.Segments[len(r.Earlier.Segments)-1].Number)
	how := lang.Text{EN: "it was not closed", ZH: "抓包中没有看到它关闭"}
	if r.Ended {
		how = lang.Text{EN: "it was closed", ZH: "已关闭"}
	}
	f.say([]int{p, last, q}, "%s had used port %d for a connection to %s before (#%d to #%d; %s). %s later it opened a new one from the same port #%d.",
		"%s 此前用端口 %d 连接过 %s（#%d 至 #%d；%s）。%s 后又从同一端口发起了新的连接 #%d。",
		c.Client.Addr(), c.Client.Port(), c.Server, p, last, how, lang.Duration(r.Gap), q)
	f.shows(q, "the port is used again", "端口被再次使用")
}

// sayFresh tells that other ports work at the same time.
func (f *Finding) sayFresh(c *conversation.Conversation, worked []*conversation.Conversation) {
	var packets []int
	for i, o := range worked {
		if i < 3 {
			packets = append(packets, firstNumber(o), n(o, o.Handshake().SYNACKs[0]))
		}
	}
	f.say(packets, "%s from a client port not used before, to the same address and port, got a SYN-ACK at once (%s): the service is up.", "从未用过的客户端端口到同一地址和端口的 %s立即得到了 SYN-ACK（%s）：服务本身正常。",
		lang.Count(len(worked), "attempt", "attempts", "次连接"), refs(packets))
	f.shows(packets[1], "a fresh port is answered at once", "新端口立即得到应答")
}

// freshLanes sets the reused port beside a fresh one that works.
func freshLanes(c *conversation.Conversation, worked []*conversation.Conversation) []LaneHint {
	lanes := []LaneHint{{Endpoint: c.Client, Role: lang.Text{EN: "client, reused port", ZH: "客户端，重用的端口"}},
		{Endpoint: c.Server, Role: lang.Text{EN: "service address", ZH: "服务地址"}}}
	if len(worked) > 0 {
		lanes = append(lanes, LaneHint{Endpoint: worked[0].Client, Role: lang.Text{EN: "client, fresh port", ZH: "客户端，新端口"}})
	}
	return lanes
}
