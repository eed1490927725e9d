package packet

import (
	"encoding/binary"
	"net/netip"
)

// Bounds on what one DNS answer may bring.
const (
	maxAnswers  = 32
	maxNameLen  = 253  // RFC 1035, section 2.3.4, without the root's dot
	maxNames    = 8192 // different names kept once; further ones are allocated each time
	maxPointers = 16
	dnsLen      = 12
)

// names keeps each name once, so that a name seen again costs no allocation.
type names struct {
	known  map[string]string
	buffer [maxNameLen]byte
}

func (n *names) of(b []byte) string {
	if s, ok := n.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if n.known == nil {
		n.known = make(map[string]string)
	}
	if len(n.known) < maxNames {
		n.known[s] = s
	}
	return s
}

// dns reads the addresses a DNS response gives to the name that was asked for:
// the one a person knows, whatever aliases lie between (RFC 1035).
func (w *walk) dns(b []byte) {
	const response, responseCode, qr = 0x8000, 0x000f, 0x8000
	if len(b) < dnsLen {
		w.short(b)
		return
	}
	flags, questions := binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint16(b[4:])
	if flags&qr == 0 || flags&responseCode != 0 || questions != 1 {
		return
	}
	n, at := w.names.read(b, dnsLen)
	if at == 0 || n == 0 {
		return
	}
	w.answers(b, at+4, int(binary.BigEndian.Uint16(b[6:])), n)
}

// answers takes the addresses of the answer section, which begins at at. The
// question's name stands in the first n bytes of the name buffer.
func (w *walk) answers(b []byte, at, count, n int) {
	const typeA, typeAAAA, fixed = 1, 28, 10
	p := w.p
	for range min(count, maxAnswers) {
		if at = skipName(b, at); at == 0 || at+fixed > len(b) {
			return
		}
		kind, size := binary.BigEndian.Uint16(b[at:]), int(binary.BigEndian.Uint16(b[at+8:]))
		value := b[at+fixed:]
		if size > len(value) {
			return
		}
		value = value[:size]
		at += fixed + size
		var a netip.Addr
		switch {
		case kind == typeA && size == 4:
			a = netip.AddrFrom4([4]byte(value))
		case kind == typeAAAA && size == 16:
			a = netip.AddrFrom16([16]byte(value)).Unmap()
		default:
			continue
		}
		p.Kind = KindDNS
		p.DNS = append(p.DNS, DNSAnswer{Name: w.names.of(w.names.buffer[:n]), Addr: a})
	}
}

// skipName is where the name that begins at a place of a message ends, 0 if it
// does not end in it.
func skipName(b []byte, at int) int {
	for at < len(b) {
		switch size := int(b[at]); {
		case size == 0:
			return at + 1
		case size >= 0xc0:
			return at + 2
		default:
			at += 1 + size
		}
	}
	return 0
}

// read puts the name at a place of a message into the buffer, in lower case and
// with what cannot be printed as "?". It returns the name's length, 0 if it is
// no name, and where the name ends in the message.
func (n *names) read(b []byte, at int) (length, end int) {
	end = skipName(b, at)
	for pointers := 0; at < len(b) && pointers <= maxPointers; {
		size := int(b[at])
		switch {
		case size == 0:
			return length, end
		case size >= 0xc0 && at+1 < len(b):
			pointers++
			at = size&0x3f<<8 | int(b[at+1])
			continue
		case size > 63 || at+1+size > len(b) || length+1+size > maxNameLen:
			return 0, end
		}
		if length > 0 {
			n.buffer[length] = '.'
			length++
		}
		for _, c := range b[at+1 : at+1+size] {
			n.buffer[length] = printable(c)
			length++
		}
		at += 1 + size
	}
	return 0, end
}

// printable is a byte of a name as it may be shown.
func printable(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c <= ' ' || c >= 0x7f:
		return '?'
	}
	return c
}
