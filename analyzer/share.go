package analyzer

import (
	"hash/maphash"
	"math/bits"
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// A shared incident holds the headers of a finding's packets and nothing of
// their payload. The analysis does not keep frames, so sharing takes two steps:
// the caller asks which frames are needed, reads them from the capture, and
// hands them back.

// SharedFrame is one frame that a shared incident needs: where its bytes stand
// in the (unpacked) capture.
type SharedFrame struct {
	Number int     `json:"number"`
	Offset float64 `json:"offset"`
	Length int     `json:"length"`
}

// mostShared bounds the packets of a shared incident. A longer one makes a link
// that no chat takes.
const mostShared = 400

// ShareFrames lists the frames of one case of a finding, in the order of the
// file. It is empty for a listing, whose text is itself what can be shared.
func (a *Analysis) ShareFrames(finding, occurrence int) []SharedFrame {
	f := a.member(finding, occurrence)
	frames := []SharedFrame{}
	add := func(number uint32, offset int64, length uint32) {
		if offset >= 0 {
			frames = append(frames, SharedFrame{Number: int(number), Offset: float64(offset), Length: int(length)})
		}
	}
	for _, c := range a.involved(f) {
		for i := range c.Segments {
			s := &c.Segments[i]
			add(s.Number, s.Offset, s.CapLen)
		}
		for _, i := range c.ICMP {
			add(a.set.ICMP[i].Number, a.set.ICMP[i].Offset, a.set.ICMP[i].CapLen)
		}
	}
	cited := citedBy(f)
	for i := range a.set.ARP {
		if m := &a.set.ARP[i]; cited[int(m.Number)] {
			add(m.Number, m.Offset, m.CapLen)
		}
	}
	sort.Slice(frames, func(i, j int) bool { return frames[i].Number < frames[j].Number })
	frames = distinct(frames)
	return frames[:min(len(frames), mostShared)]
}

// involved are the conversations that a finding rests on: its own, those that
// its packets belong to, and its consequences'.
func (a *Analysis) involved(f *Finding) []*conversation.Conversation {
	seen := map[int]bool{}
	var out []*conversation.Conversation
	add := func(c *conversation.Conversation) {
		if c != nil && !seen[c.ID] {
			seen[c.ID] = true
			out = append(out, c)
		}
	}
	for _, id := range f.Conversations {
		add(a.set.Conversations[id])
	}
	for number := range citedBy(f) {
		c, _ := a.locate(number)
		add(c)
	}
	return out
}

func citedBy(f *Finding) map[int]bool {
	cited := map[int]bool{}
	for _, e := range f.Evidence {
		cited[e.Packet] = true
	}
	for _, s := range f.Story {
		for _, p := range s.Packets {
			cited[p] = true
		}
	}
	return cited
}

func distinct(frames []SharedFrame) []SharedFrame {
	out := frames[:0]
	for i, f := range frames {
		if i == 0 || f.Number != frames[i-1].Number {
			out = append(out, f)
		}
	}
	return out
}

// Share writes the frames that ShareFrames listed as a pcapng: data holds their
// bytes one after the other. Payload is cut unless whole is set. rename replaces
// every address by another, one to one and keeping common prefixes.
func (a *Analysis) Share(frames []SharedFrame, data []byte, rename, whole bool) []byte {
	w := capture.NewIncidentWriter()
	r := newRenamer()
	for _, want := range frames {
		if want.Length > len(data) {
			break
		}
		bytes := append([]byte(nil), data[:want.Length]...)
		data = data[want.Length:]
		f, name := a.frameOf(want.Number, bytes)
		if rename {
			r.frame(f)
			name = ""
		}
		kept := bytes
		if !whole {
			kept = bytes[:headersOf(f)]
		}
		w.Add(f, name, kept)
	}
	return w.End(a.set.End)
}

// frameOf rebuilds a frame from its bytes and what was kept of it.
func (a *Analysis) frameOf(number int, data []byte) (f *capture.Frame, interfaceName string) {
	f = &capture.Frame{Number: number, Data: data, WireLen: len(data), LinkType: capture.LinkEthernet}
	link := 0
	if c, at := a.locate(number); c != nil {
		s := &c.Segments[at]
		f.Time, f.WireLen = s.Time, int(s.WireLen)
		link = a.set.Link(s).Interface
		if s.Known&packet.KnownDirection != 0 {
			f.Direction = capture.DirectionInbound
			if s.Outbound() {
				f.Direction = capture.DirectionOutbound
			}
		}
	} else {
		link = a.sideFrame(number, f)
	}
	if list := a.reader.Info().Interfaces; link < len(list) {
		f.LinkType, interfaceName = list[link].LinkType, list[link].Name
	}
	return f, interfaceName
}

// sideFrame fills in the time of an ICMP or ARP frame and gives its interface.
func (a *Analysis) sideFrame(number int, f *capture.Frame) (link int) {
	for i := range a.set.ICMP {
		if m := &a.set.ICMP[i]; int(m.Number) == number {
			f.Time = m.Time
			return m.Interface
		}
	}
	for i := range a.set.ARP {
		if m := &a.set.ARP[i]; int(m.Number) == number {
			f.Time = m.Time
			return m.Interface
		}
	}
	return 0
}

// headersOf is how many bytes of a frame are headers. Frames without TCP (ICMP
// errors, ARP) are short and carry no payload of anyone: they stay whole.
func headersOf(f *capture.Frame) int {
	var p packet.Packet
	packet.NewDecoder().Decode(f, &p)
	if p.Kind != packet.KindTCP || p.PayloadStart <= 0 || p.PayloadStart > len(f.Data) {
		return len(f.Data)
	}
	return p.PayloadStart
}

// renamer replaces addresses one to one: two addresses that share their first n
// bits share them afterwards too, so that subnets stay subnets.
type renamer struct{ seed maphash.Seed }

func newRenamer() *renamer { return &renamer{seed: maphash.MakeSeed()} }

// frame renames every IP address in a frame's headers in place, and the host
// part of its MAC addresses. Checksums move along, so that a good one stays good
// and a wrong one wrong: they are evidence.
func (r *renamer) frame(f *capture.Frame) {
	var p packet.Packet
	packet.NewDecoder().Decode(f, &p)
	pseudo := uint32(0) // change of the sum over the innermost IP addresses
	for _, l := range packet.Fields(f) {
		change := uint32(0)
		for _, x := range l.Fields {
			if x.Offset >= 0 && x.Offset+x.Length <= len(f.Data) {
				change += r.field(f.Data, x, l.Offset)
			}
		}
		switch l.Name {
		case "IPv4":
			adjust(f.Data, l.Offset+10, change, false)
			pseudo = change
		case "IPv6":
			pseudo = change
		case "TCP":
			adjust(f.Data, l.Offset+16, change+pseudo, p.Checksum == packet.ChecksumPartial)
		}
	}
}

// clientOption is where the address stands in a load balancer's client option:
// behind kind, length and port.
const clientOption = 4

// field renames what a header field holds and returns how much the sum of its
// 16-bit words changed (RFC 1624).
func (r *renamer) field(data []byte, x packet.Field, header int) uint32 {
	at := x.Offset
	b := data[at : at+x.Length]
	switch {
	case x.Length == 6 && len(x.Value) == 17:
		r.mac(b)
		return 0
	case x.Name == "Option: client address" && x.Length > clientOption:
		at, b = at+clientOption, b[clientOption:]
	case x.Length == 4 || x.Length == 16:
		if addr, err := netip.ParseAddr(x.Value); err != nil || addr.Is4() != (x.Length == 4) {
			return 0
		}
	default:
		return 0
	}
	before := sum(b, (at-header)%2)
	r.address(b)
	return sum(b, (at-header)%2) + (0xffff - before)
}

// sum adds bytes as 16-bit words of a header in which they start at an even or
// odd place, folded.
func sum(b []byte, odd int) uint32 {
	total := uint32(0)
	for i, x := range b {
		if (i+odd)%2 == 0 {
			total += uint32(x) << 8
		} else {
			total += uint32(x)
		}
	}
	return fold(total)
}

func fold(n uint32) uint32 {
	for n > 0xffff {
		n = n&0xffff + n>>16
	}
	return n
}

// adjust moves a checksum by a change of the sum it covers. A partial one holds
// the sum itself, not its complement. An absent one (zero) stays absent.
func adjust(data []byte, at int, change uint32, partial bool) {
	if at+2 > len(data) || change == 0 {
		return
	}
	old := uint32(data[at])<<8 | uint32(data[at+1])
	if old == 0 {
		return
	}
	n := fold(old + change)
	if !partial {
		n = 0xffff - fold(0xffff-old+change)
	}
	data[at], data[at+1] = byte(n>>8), byte(n)
}

// address renames 4 or 16 bytes: each bit is flipped or not by a keyed hash of
// the bits before it.
func (r *renamer) address(b []byte) {
	original := append([]byte(nil), b...)
	if a, ok := netip.AddrFromSlice(original); ok && (a.IsLoopback() || a.IsUnspecified()) {
		return
	}
	fixed := 8 // the first byte stays: a private address stays private
	for i := fixed; i < 8*len(b); i++ {
		prefix := make([]byte, len(b)+1)
		copy(prefix, original[:(i+7)/8])
		if i%8 != 0 {
			prefix[i/8] &= ^byte(0) << (8 - i%8)
		}
		prefix[len(b)] = byte(i)
		if bits.OnesCount64(maphash.Bytes(r.seed, prefix))%2 == 1 {
			b[i/8] ^= 0x80 >> (i % 8)
		}
	}
}

// mac renames the host part; the vendor part tells virtual router addresses.
func (r *renamer) mac(b []byte) {
	if b[0]&1 != 0 {
		return // broadcast and multicast are nobody's
	}
	h := maphash.Bytes(r.seed, b)
	b[3], b[4], b[5] = byte(h), byte(h>>8), byte(h>>16)
}
