package scenario

import (
	"net"

	"pcaplain/analyzer/internal/conversation"
)

// placeSample is how many other conversations are asked where the capture was
// taken, when one does not tell it by itself.
const placeSample = 50

// placeNear is where the capture was taken, as seen from a conversation's path:
// its own clues, else those of other conversations between the same hosts, else
// PlaceUnknown. from is the conversation that told it.
func (x *Context) placeNear(c *conversation.Conversation) (place conversation.Place, from *conversation.Conversation) {
	if v := x.Vantage(c); v.Place != conversation.PlaceUnknown {
		return v.Place, c
	}
	asked := 0
	for _, d := range x.OfHost(c.Server.Addr()) {
		if asked++; asked > placeSample {
			break
		}
		if d.Client.Addr() != c.Client.Addr() || d == c {
			continue
		}
		if v := x.Vantage(d); v.Place != conversation.PlaceUnknown {
			return v.Place, d
		}
	}
	return conversation.PlaceUnknown, nil
}

// mac spells a link-layer address.
func mac(m [6]byte) string { return net.HardwareAddr(m[:]).String() }
