package analyzer

import (
	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// Layer is one header of a frame with its fields and their places in the bytes.
type Layer = packet.Layer

// Frame lists the header fields of a packet's frame with their places in its
// bytes, which the caller read from the capture.
func (a *Analysis) Frame(number int, data []byte) []Layer {
	c, at := a.locate(number)
	if c == nil {
		return []Layer{}
	}
	s := &c.Segments[at]
	f := capture.Frame{Number: number, Time: s.Time, Data: data, WireLen: int(s.WireLen), LinkType: a.linkType(s)}
	layers := packet.Fields(&f)
	if layers == nil {
		return []Layer{}
	}
	return layers
}

func (a *Analysis) linkType(s *conversation.Segment) capture.LinkType {
	interfaces := a.reader.Info().Interfaces
	if i := a.set.Link(s).Interface; i < len(interfaces) {
		return interfaces[i].LinkType
	}
	return capture.LinkEthernet
}
