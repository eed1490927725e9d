package capture

// face finds the interface of a packet. Packets of an interface that no block
// describes have no link type: they are left out and reported.
func (p *pcapng) face(id int, at int64) *face {
	if id < len(p.faces) && p.faces[id].known {
		return &p.faces[id]
	}
	if p.reader.info.Damage == nil {
		p.reader.damage(at, unknownInterface(id))
	}
	return nil
}

// enhanced reads an enhanced packet block, the usual one.
func (p *pcapng) enhanced(body []byte, at int64) {
	id := int(p.u32(body))
	face := p.face(id, at)
	if face == nil {
		return
	}
	ticks := uint64(p.u32(body[4:]))<<32 | uint64(p.u32(body[8:]))
	p.packet(face, id, ticks, body, int64(p.u32(body[12:])), p.u32(body[16:]), at)
}

// oldPacket reads a packet block as written before 2010: interface and drop
// count of 16 bits each, everything else as in the enhanced one.
func (p *pcapng) oldPacket(body []byte, at int64) {
	id := int(p.u16(body))
	face := p.face(id, at)
	if face == nil {
		return
	}
	ticks := uint64(p.u32(body[4:]))<<32 | uint64(p.u32(body[8:]))
	p.packet(face, id, ticks, body, int64(p.u32(body[12:])), p.u32(body[16:]), at)
}

// packet delivers what both blocks hold after their 20 bytes of header.
func (p *pcapng) packet(face *face, id int, ticks uint64, body []byte, captured int64, wire uint32, at int64) {
	const header = 20
	if captured > int64(len(body)-header) {
		p.reader.damage(at, packetBeyondBlock)
		captured = int64(len(body) - header)
	}
	end := header + int(captured)
	f := &p.reader.frame
	*f = Frame{
		Time: face.clock.nanoseconds(ticks), Offset: at + 8 + header, Interface: p.base + id, LinkType: face.linkType,
		Data: body[header:end], WireLen: int(min(wire, 1<<30)),
	}
	fcs := face.fcs
	if rest := (end + 3) &^ 3; rest+4 <= len(body) {
		fcs = p.packetOptions(f, body[rest:], fcs)
	}
	trimFCS(f, fcs)
	face.last, face.timed = f.Time, true
	p.reader.deliver()
}

// packetOptions reads a packet's comment and flags, and returns the length of
// its frame check sequence where the flags give one.
func (p *pcapng) packetOptions(f *Frame, b []byte, fcs int) int {
	for len(b) >= 4 {
		code, value, rest, ok := p.option(b)
		if !ok {
			break
		}
		switch {
		case code == optComment && f.Comment == "":
			f.Comment = clean(value)
		case code == optPacketID && len(value) == 8 && p.numbered:
			f.Number = p.packetID(value)
		case code == optPacketFlags && len(value) >= 4:
			flags := p.u32(value)
			f.Direction = direction(flags)
			if n := int(flags >> 5 & 0xf); n > 0 {
				fcs = n
			}
		}
		b = rest
	}
	return fcs
}

// direction reads bits 0 and 1 of the packet flags.
func direction(flags uint32) Direction {
	switch flags & 3 {
	case 1:
		return DirectionInbound
	case 2:
		return DirectionOutbound
	}
	return DirectionUnknown
}

// trimFCS takes the frame check sequence off a frame that carries one.
func trimFCS(f *Frame, fcs int) {
	if fcs <= 0 || f.WireLen < fcs {
		return
	}
	f.WireLen -= fcs
	f.Data = f.Data[:min(len(f.Data), f.WireLen)]
}

// simple reads a simple packet block: no time, and the section's first
// interface.
func (p *pcapng) simple(body []byte, at int64) {
	face := p.face(0, at)
	if face == nil {
		return
	}
	wire := int(min(p.u32(body), 1<<30))
	captured := min(wire, len(body)-4)
	if face.snap > 0 {
		captured = min(captured, face.snap)
	}
	f := &p.reader.frame
	*f = Frame{
		NoTime: true, Offset: at + 12, Interface: p.base, LinkType: face.linkType,
		Data: body[4 : 4+captured], WireLen: wire,
	}
	trimFCS(f, face.fcs)
	p.reader.deliver()
}
