package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Short names for the two sides, which the rules about exchanges name often.
const (
	client = conversation.Client
	server = conversation.Server
)

// opened reports whether the handshake is in the capture and was finished.
func opened(c *conversation.Conversation) bool {
	return c.Handshake().State == conversation.HandshakeComplete
}

// unserved reports whether it is proved that the server sent no payload at all.
func unserved(c *conversation.Conversation) bool {
	n, known := c.Served(server)
	return known && n == 0
}

// served reports whether the server sent payload, as far as the capture shows.
func served(c *conversation.Conversation) bool {
	n, _ := c.Served(server)
	return n > 0
}

// firstRequest is the client's first run of data, when it speaks first; nil
// otherwise.
func firstRequest(c *conversation.Conversation) *conversation.Turn {
	turns := c.Turns()
	if len(turns) == 0 || turns[0].From != client {
		return nil
	}
	return &turns[0]
}

// lastTurn is the newest run of data that began before an index, nil for none.
func lastTurn(c *conversation.Conversation, before int) *conversation.Turn {
	turns := c.Turns()
	for i := len(turns) - 1; i >= 0; i-- {
		if turns[i].First < before {
			return &turns[i]
		}
	}
	return nil
}

// said names the request by its first line where the payload shows one: "the
// request "GET /" (86 bytes)", else by its size alone.
func said(x *Context, c *conversation.Conversation, t *conversation.Turn) lang.Text {
	if m := x.MessageOf(c, t.First); m != nil && m.Kind == conversation.MessageHTTPRequest {
		return lang.T("the request “%s” (%s)", "请求“%s”（%s）", m.Line, lang.Bytes(int64(t.Bytes)))
	}
	if t.Bytes == 0 {
		return lang.Text{EN: "data", ZH: "数据"}
	}
	return lang.T("%s of data", " %s数据", lang.Bytes(int64(t.Bytes)))
}

// sideName is "client" or "server" as it stands inside a sentence.
func sideName(s conversation.Side) lang.Text {
	if s == client {
		return lang.Text{EN: "client", ZH: "客户端"}
	}
	return lang.Text{EN: "server", ZH: "服务器"}
}

// beside adds another connection to the incident, as the contrast to the first
// one: on the same lanes where it has the same hosts.
func (f *Finding) beside(c, g *conversation.Conversation) {
	f.Conversations = append(f.Conversations, g.ID)
	for i := range f.Drawing.Lanes {
		l := &f.Drawing.Lanes[i]
		for _, end := range []netip.AddrPort{g.Client, g.Server} {
			if end != l.Endpoint && end.Addr() == l.Endpoint.Addr() && c.Client.Addr() != c.Server.Addr() {
				l.Also = append(l.Also, end)
			}
		}
	}
}

// elapsed is the time from one segment to another, spelled.
func elapsed(c *conversation.Conversation, from, to int) lang.Text {
	return lang.Duration(c.Segments[to].Time - c.Segments[from].Time)
}

// since is the time from one segment to another in ns.
func since(c *conversation.Conversation, from, to int) int64 {
	return c.Segments[to].Time - c.Segments[from].Time
}

// sameTTL reports whether a segment's TTL is among those its side used for its
// other segments; known is false when the capture does not say.
func sameTTL(c *conversation.Conversation, at int) (same, known bool) {
	s := &c.Segments[at]
	for i := range c.Segments {
		g := &c.Segments[i]
		if i == at || g.From != s.From || g.Reset() || g.IsCopy() || g.TTL == 0 {
			continue
		}
		known = true
		if g.TTL == s.TTL {
			return true, true
		}
	}
	return false, known && s.TTL != 0
}
