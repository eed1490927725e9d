package capture

import (
	"encoding/binary"
	"math"
)

// A shared incident is a pcapng of an incident's packets cut to their headers.
// Its section says so in place of an application's name, and each packet states
// its number in the capture it was taken from as packet identifier, so that the
// explanation cites the same packets wherever it is opened.

// IncidentApplication is the application name that marks a shared incident.
const IncidentApplication = "pcaplain incident"

// packetID is the original number of a shared incident's packet; 0 when it
// cannot be one.
func (p *pcapng) packetID(value []byte) int {
	low, high := p.u32(value), p.u32(value[4:])
	if p.big {
		low, high = high, low
	}
	if high != 0 || low > math.MaxInt32 {
		return 0
	}
	return int(low)
}

// IncidentWriter writes a shared incident. It is our own since gopacket's
// writer would bring all of gopacket's decoders into the page.
type IncidentWriter struct {
	out        []byte
	interfaces map[Interface]uint32
}

// NewIncidentWriter starts an empty incident.
func NewIncidentWriter() *IncidentWriter {
	w := &IncidentWriter{interfaces: map[Interface]uint32{}}
	body := []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	body = option(body, optApplication, []byte(IncidentApplication))
	w.block(blockSection, append(body, 0, 0, 0, 0))
	return w
}

func option(body []byte, code uint16, value []byte) []byte {
	body = binary.LittleEndian.AppendUint16(body, code)
	body = binary.LittleEndian.AppendUint16(body, uint16(len(value)))
	return padded(append(body, value...))
}

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (w *IncidentWriter) block(kind uint32, body []byte) {
	length := uint32(len(body) + 12)
	w.out = binary.LittleEndian.AppendUint32(w.out, kind)
	w.out = binary.LittleEndian.AppendUint32(w.out, length)
	w.out = append(w.out, body...)
	w.out = binary.LittleEndian.AppendUint32(w.out, length)
}

// face is the number of an interface, described in the file when first used.
func (w *IncidentWriter) face(name string, link LinkType) uint32 {
	key := Interface{Name: name, LinkType: link}
	if n, ok := w.interfaces[key]; ok {
		return n
	}
	n := uint32(len(w.interfaces))
	w.interfaces[key] = n
	body := binary.LittleEndian.AppendUint16(nil, uint16(link))
	body = append(body, 0, 0, 0, 0, 0, 0)
	if name != "" {
		body = option(body, optName, []byte(name))
	}
	body = option(body, optResolution, []byte{9})
	w.block(blockInterface, append(body, 0, 0, 0, 0))
	return n
}

// Add appends a frame: data is what is kept of it, number and WireLen are the
// original's.
func (w *IncidentWriter) Add(f *Frame, interfaceName string, data []byte) {
	face := w.face(interfaceName, f.LinkType)
	body := binary.LittleEndian.AppendUint32(nil, face)
	body = binary.LittleEndian.AppendUint32(body, uint32(uint64(f.Time)>>32))
	body = binary.LittleEndian.AppendUint32(body, uint32(uint64(f.Time)))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	body = binary.LittleEndian.AppendUint32(body, uint32(max(f.WireLen, len(data))))
	body = padded(append(body, data...))
	if f.Direction != DirectionUnknown {
		body = option(body, optPacketFlags, []byte{byte(f.Direction), 0, 0, 0})
	}
	body = option(body, optPacketID, binary.LittleEndian.AppendUint64(nil, uint64(f.Number)))
	w.block(blockEnhanced, append(body, 0, 0, 0, 0))
}

// End writes until when the capture had run, in ns since the Unix epoch, and
// returns the file.
func (w *IncidentWriter) End(ran int64) []byte {
	if len(w.interfaces) > 0 {
		body := make([]byte, 12)
		body = option(body, optEndTime, endTime(ran))
		w.block(blockStatistics, append(body, 0, 0, 0, 0))
	}
	return w.out
}

func endTime(ran int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(uint64(ran)>>32))
	return binary.LittleEndian.AppendUint32(b, uint32(uint64(ran)))
}
