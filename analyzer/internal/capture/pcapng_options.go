package capture

import (
	"bytes"
	"net/netip"
	"strings"

	"pcaplain/analyzer/internal/lang"
)

// Option codes.
const (
	optEnd         = 0
	optComment     = 1
	optApplication = 4 // shb_userappl
	optPacketID    = 5 // epb_packetid
	optPacketFlags = 2
	optName        = 2
	optEndTime     = 3
	optReceived    = 4
	optDropped     = 5
	optOSDropped   = 7
	optResolution  = 9
	optFCSLength   = 13
	optTimeOffset  = 14
)

// option splits the first option off b, which holds at least 4 bytes. ok is
// false at the end of the list and where a length leaves the block.
func (p *pcapng) option(b []byte) (code uint16, value, rest []byte, ok bool) {
	code = p.u16(b)
	length := int(p.u16(b[2:]))
	if code == optEnd || 4+length > len(b) {
		return 0, nil, nil, false
	}
	return code, b[4 : 4+length], b[min(len(b), (4+length+3)&^3):], true
}

// options calls do for each option in b.
func (p *pcapng) options(b []byte, do func(code uint16, value []byte)) {
	for len(b) >= 4 {
		code, value, rest, ok := p.option(b)
		if !ok {
			return
		}
		do(code, value)
		b = rest
	}
}

// describe reads an interface description.
func (p *pcapng) describe(body []byte) {
	r := p.reader
	if len(r.info.Interfaces) >= maxInterfaces {
		r.note("too-many-interfaces", lang.T("The capture describes more than %d interfaces; packets of the others are left out.", "抓包文件描述的接口超过 %d 个，其余接口的包不予读取。", maxInterfaces))
		if len(p.faces) < maxInterfaces {
			p.faces = append(p.faces, face{})
		}
		return
	}
	in := face{linkType: LinkType(p.u16(body)), known: true, clock: microseconds}
	if snap := p.u32(body[4:]); snap <= maxRecord {
		in.snap = int(snap)
	}
	out := Interface{LinkType: in.linkType, SnapLength: in.snap}
	p.options(body[8:], func(code uint16, value []byte) { p.interfaceOption(&in, &out, code, value) })
	out.Resolution = in.clock.perSecond()
	p.faces = append(p.faces, in)
	r.info.Interfaces = append(r.info.Interfaces, out)
}

func (p *pcapng) interfaceOption(in *face, out *Interface, code uint16, value []byte) {
	switch {
	case code == optComment:
		p.reader.comment(value)
	case code == optName:
		out.Name = clean(value)
	case code == optResolution && len(value) >= 1:
		if !in.clock.set(value[0]) {
			p.reader.note("time-resolution", lang.Text{
				EN: "An interface states a time resolution that no clock has; its times are read as microseconds.",
				ZH: "某个接口声明的时间精度不可能存在，其时间按微秒读取。",
			})
		}
	case code == optTimeOffset && len(value) >= 8:
		in.clock.offset = int64(p.u64(value))
	case code == optFCSLength && len(value) >= 1:
		in.fcs = fcsBytes(int(value[0]))
	}
}

// fcsBytes reads the option's length, which the format defines in bits while
// its own example, and writers after it, give bytes.
func fcsBytes(n int) int {
	if n >= 8 {
		n /= 8
	}
	return min(n, 8)
}

// statistics reads an interface's counts.
func (p *pcapng) statistics(body []byte) {
	id := int(p.u32(body))
	if id >= len(p.faces) || !p.faces[id].known {
		return
	}
	out := &p.reader.info.Interfaces[p.base+id]
	var dropped, lost uint64
	p.options(body[12:], func(code uint16, value []byte) {
		if len(value) < 8 {
			return
		}
		switch code {
		case optEndTime:
			ticks := uint64(p.u32(value))<<32 | uint64(p.u32(value[4:]))
			out.EndTime = p.endTime(&p.faces[id], ticks)
			p.reader.info.EndTime = max(p.reader.info.EndTime, out.EndTime)
		case optReceived:
			out.Received, out.HasStats = p.u64(value), true
		case optDropped:
			dropped, out.HasStats = p.u64(value), true
		case optOSDropped:
			lost, out.HasStats = p.u64(value), true
		}
	})
	out.Dropped = dropped + lost
}

// endTime reads when an interface's capture ended. dumpcap writes microseconds
// here even where the interface counts nanoseconds: the reading that lies within
// a day of the last packet is the right one. 0 when none is after it.
func (p *pcapng) endTime(in *face, ticks uint64) int64 {
	own := in.clock.nanoseconds(ticks)
	last, timed := in.last, in.timed
	if !timed {
		last, timed = p.reader.latest, p.reader.timed
	}
	if !timed {
		return own
	}
	const slack, day = lang.Second, 24 * lang.Hour
	for _, c := range [...]clock{in.clock, microseconds, nanoseconds} {
		c.offset = in.clock.offset
		if t := c.nanoseconds(ticks); t >= last-slack && t-last <= day {
			return t
		}
	}
	const year2200 = 7_258_118_400 * lang.Second
	if own < last || own > year2200 {
		return 0
	}
	return own
}

// names reads a name resolution block: addresses, each with its names.
func (p *pcapng) names(body []byte) {
	for len(body) >= 4 {
		kind, value, rest, ok := p.option(body)
		if !ok {
			return
		}
		switch {
		case kind == 1 && len(value) > 4:
			p.name(netip.AddrFrom4([4]byte(value)), value[4:])
		case kind == 2 && len(value) > 16:
			p.name(netip.AddrFrom16([16]byte(value)).Unmap(), value[16:])
		}
		body = rest
	}
}

// name keeps the first name of an address; the others are its aliases.
func (p *pcapng) name(addr netip.Addr, names []byte) {
	r := p.reader
	first, _, _ := bytes.Cut(names, []byte{0})
	if len(first) == 0 || len(first) > 255 || len(r.info.Names) >= maxNames {
		return
	}
	if r.info.Names == nil {
		r.info.Names = map[netip.Addr]string{}
	}
	if _, have := r.info.Names[addr]; !have {
		r.info.Names[addr] = clean(first)
	}
}

// clean makes text of bytes from the file: valid UTF-8 without the padding some
// writers count in.
func clean(b []byte) string {
	return strings.ToValidUTF8(string(bytes.TrimRight(b, "\x00")), "\uFFFD")
}
