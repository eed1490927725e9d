package capture

import (
	"net/netip"
	"strings"
)

// flush passes on the packet that was being collected.
func (t *text) flush() {
	p := t.last
	if p == nil {
		return
	}
	t.last = nil
	s := p.reading.stamp
	if !t.calendar.begun && len(t.held) == 0 && s.ns == 0 && (s.kind == stampClock || s.kind == stampSpan) {
		t.unclear = true // zero is where both kinds of differences begin
	}
	if !t.unclear {
		t.deliver(p)
		return
	}
	// Times that fall far back count from the packet before; packets out of
	// order make them fall a little only.
	t.calendar.delta = s.kind != stampNone && s.ns < t.furthest/2
	t.furthest = max(t.furthest, s.ns)
	if t.held = append(t.held, p); t.calendar.delta || len(t.held) >= maxHeld {
		t.release()
	}
}

// release delivers what was held.
func (t *text) release() {
	for _, p := range t.held {
		t.deliver(p)
	}
	t.held, t.unclear = nil, false
}

func (t *text) deliver(p *printed) {
	r := &p.reading
	f := &t.reader.frame
	*f = Frame{Offset: -1, WireLen: r.wire, Direction: r.direction, NoTime: r.stamp.kind == stampNone}
	if !f.NoTime {
		f.Time = t.calendar.time(r.stamp)
	}
	f.LinkType = LinkRaw
	if len(p.dump) > 0 {
		t.fromDump(f, p.dump)
	} else if p.tcp {
		t.fromLine(f, r)
	}
	f.Interface = t.face(r.face, f.LinkType)
	t.reader.deliver()
}

// fromDump makes the frame of a hex dump: bytes, not what the line says of them.
func (t *text) fromDump(f *Frame, dump []byte) {
	f.LinkType = dumpLink(dump)
	length := dumpLength(dump, f.LinkType)
	if f.LinkType == LinkRaw && length > 0 && length < len(dump) {
		dump = dump[:length] // characters of the last line, taken for digits
	}
	f.Data = dump
	f.WireLen = max(f.WireLen, length, len(dump))
}

// fromLine makes the frame of a line.
func (t *text) fromLine(f *Frame, r *reading) {
	if r.dissected {
		t.sequences.infer(r)
	}
	t.sequences.resolve(r)
	if r.style == styleWireshark && !r.dissected {
		t.sequences.learn(r)
	}
	if v, ok := t.sequences.unscale(r); ok {
		r.line.Window = v
		r.know(KnownWindow)
	}
	if r.stamp.kind == stampDate || r.stamp.kind == stampEpoch {
		r.know(KnownDate)
	}
	if r.wire > 0 {
		r.know(KnownWireLen)
	}
	t.sawOptions = t.sawOptions || r.hasOption
	// A line without options means none only in a listing that shows them.
	const most = 40 // bytes that fit into a header
	if (r.hasOption || t.sawOptions && r.complete && !r.strange) && len(r.options) <= most {
		r.line.Options = r.padded()
		r.know(KnownOptions)
	}
	f.Line = &r.line
}

// learnPair remembers which conversation runs between two addresses, as long as
// there is only one.
func (t *text) learnPair(r *reading) {
	if r.style != styleWireshark || len(t.onlyBetween) > maxStreams {
		return
	}
	if t.onlyBetween == nil {
		t.onlyBetween = map[[2]netip.Addr]pair{}
	}
	p := pair{r.line.Src, r.line.Dst}
	for _, p := range []pair{p, p.reverse()} {
		key := [2]netip.Addr{p.src.Addr(), p.dst.Addr()}
		if have, ok := t.onlyBetween[key]; ok && have != p {
			p = pair{}
		}
		t.onlyBetween[key] = p
	}
}

// face returns the interface of that name and link type. The first packet's
// interface is also that of lines that name none.
func (t *text) face(name string, link LinkType) int {
	key := name + "\x00" + string(rune(link))
	if i, ok := t.faces[key]; ok {
		return i
	}
	if t.faces == nil {
		t.faces = map[string]int{}
	}
	info := &t.reader.info
	if len(info.Interfaces) >= 1000 {
		return 0
	}
	t.faces[key] = len(info.Interfaces)
	info.Interfaces = append(info.Interfaces, Interface{Name: name, LinkType: link})
	return t.faces[key]
}

// remark reads what tcpdump says at its end.
func (t *text) remark(s string) {
	s = strings.TrimSpace(s)
	n, used := digits(s)
	if used == 0 {
		return
	}
	switch strings.TrimSpace(s[used:]) {
	case "packets dropped by kernel", "packet dropped by kernel":
		t.dropped += uint64(n)
		t.counted = true
	case "packets received by filter", "packet received by filter":
		t.received += uint64(n)
		t.counted = true
	}
}
