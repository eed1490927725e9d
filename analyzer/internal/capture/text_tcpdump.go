package capture

import (
	"encoding/hex"
	"strings"
)

// endpointEnd trims what cannot belong to an endpoint off a word's ends: glued
// prose, brackets, the colon after the destination.
func endpointEnd(s string) string {
	i := strings.LastIndexFunc(s, func(r rune) bool { return !strings.ContainsRune(".:-_%[]", r) && !isWord(r) })
	s = strings.TrimRight(strings.TrimLeft(s[i+1:], ",;"), ":,;")
	if strings.HasPrefix(s, ":") && !strings.HasPrefix(s, "::") {
		s = s[1:]
	}
	return s
}

func endpointStart(s string) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(".:-_%[]", r) && !isWord(r) }); i >= 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, ":,;")
}

func isWord(r rune) bool { return r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r))) }

// maxTries bounds how many places of a line are tried.
const maxTries = 32

// tcpdump reads a line as tcpdump prints one.
func (t *text) tcpdump(s string) (reading, verdict) {
	result := notPacket
	var outer reading
	for from, n := 0, 0; n < maxTries; n++ {
		i := strings.Index(s[from:], " > ")
		if i < 0 {
			break
		}
		i += from
		from = i + 2
		r, v := t.tcpdumpAt(s, i)
		if v == tcpPacket {
			return r, v
		}
		if v == otherKind && result != otherKind {
			outer, result = r, v // a tunnel may hold a segment on the same line
		}
		if v == unreadable && result == notPacket {
			result = v
		}
	}
	if result == notPacket && ipHeaderLine(s) {
		return reading{}, headerOnly
	}
	if result == notPacket && strings.Contains(s, "Flags [") && strings.Contains(s, " win ") {
		result = unreadable
	}
	return outer, result
}

// ipHeaderLine recognises the IP header that tcpdump -v prints on its own line.
func ipHeaderLine(s string) bool {
	return strings.Contains(s, "(tos ") && strings.Contains(s, "proto ") ||
		strings.Contains(s, "next-header ") && strings.Contains(s, "hlim ")
}

// tcpdumpAt reads the line around the arrow at i.
func (t *text) tcpdumpAt(s string, i int) (reading, verdict) {
	left, right := strings.TrimRight(s[:i], " "), strings.TrimLeft(s[i+3:], " ")
	word := left[strings.LastIndexByte(left, ' ')+1:]
	source := endpointEnd(word)
	target, body, _ := strings.Cut(right, " ")
	body = strings.TrimLeft(body, " :")
	// The colon after the destination may be glued to the flags.
	if at := strings.Index(target, ":Flags"); at >= 0 {
		target, body = target[:at], target[at+1:]+" "+body
	}
	target = endpointStart(target)
	prefix := strings.TrimRight(left[:len(left)-len(word)]+strings.TrimSuffix(word, source), " ")

	flags, isNew := strings.CutPrefix(body, "Flags")
	isOld := !isNew && oldFlags(body)
	src, ok1 := t.names.endpoint(source, isNew || isOld)
	dst, ok2 := t.names.endpoint(target, isNew || isOld)
	if !ok1 || !ok2 {
		return t.notTCP(source, target, prefix, body, isNew)
	}
	r := reading{style: styleTcpdump, scale: -1, window: -1}
	r.line.Src, r.line.Dst = src, dst
	r.prefix(prefix)
	switch {
	case isNew:
		if !r.newBody(flags) {
			return r, unreadable
		}
	case isOld:
		r.oldBody(body)
	case strings.HasPrefix(body, "tcp ") || strings.HasPrefix(body, "[|tcp") || strings.HasPrefix(body, "[tcp"):
		return r, unreadable
	default:
		return r, otherKind
	}
	return r, tcpPacket
}

// notTCP tells a packet of another protocol, which has addresses without ports,
// from an arrow between other things.
func (t *text) notTCP(source, target, prefix, body string, flagged bool) (reading, verdict) {
	if flagged {
		return reading{}, unreadable
	}
	if !address(source).IsValid() || !address(target).IsValid() || body == "" {
		return reading{}, notPacket
	}
	r := reading{style: styleTcpdump, scale: -1}
	r.prefix(prefix)
	if r.stamp.kind == stampNone && !strings.Contains(prefix, "IP") && !strings.HasPrefix(body, "ICMP") {
		return reading{}, notPacket
	}
	r.icmpError = strings.HasPrefix(body, "ICMP") && !strings.Contains(body, "echo")
	return r, otherKind
}

// prefix reads what stands before the endpoints: time, interface, direction, MAC
// addresses and the IP header of -v.
func (r *reading) prefix(s string) {
	r.stamp = findStamp(s)
	rest := s[r.stamp.end:]
	if i := strings.Index(s, "ethertype"); i >= 0 {
		if n, ok := after(s[i:], "length "); ok {
			r.wire = int(min(n, 1<<20))
		}
	}
	fields := strings.Fields(rest)
	for i, f := range fields {
		if i+2 < len(fields) && fields[i+1] == ">" {
			r.macs(f, fields[i+2])
		}
		switch f {
		case "In", "Out":
			r.direction = map[string]Direction{"In": DirectionInbound, "Out": DirectionOutbound}[f]
			if i > 0 {
				r.face = fields[i-1]
			}
		}
	}
	r.ipHeader(rest)
}

// macs reads the two link addresses of -e.
func (r *reading) macs(src, dst string) {
	a, err1 := hex.DecodeString(strings.ReplaceAll(src, ":", ""))
	b, err2 := hex.DecodeString(strings.ReplaceAll(strings.Trim(dst, ","), ":", ""))
	if err1 == nil && err2 == nil && len(a) == 6 && len(b) == 6 {
		r.line.SrcMAC, r.line.DstMAC = [6]byte(a), [6]byte(b)
		r.know(KnownMAC)
	}
}

// ipHeader reads "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6),
// length 60)", and of IPv6 the hop limit.
func (r *reading) ipHeader(s string) {
	if i := strings.Index(s, "IP"); i >= 0 {
		s = s[i:]
	}
	if ttl, ok := after(s, "ttl "); ok && ttl < 256 {
		r.line.TTL = uint8(ttl)
		r.know(KnownTTL)
	} else if ttl, ok := after(s, "hlim "); ok && ttl < 256 {
		r.line.TTL = uint8(ttl)
		r.know(KnownTTL)
	}
	if id, ok := after(s, "id "); ok && id <= 0xffff {
		r.line.IPID, r.line.DF = uint16(id), strings.Contains(s, "[DF]") || strings.Contains(s, "(DF)")
		r.know(KnownIPID)
	}
}

var flagLetters = map[rune]uint8{
	'F': flagFIN, 'S': flagSYN, 'R': flagRST, 'P': flagPSH, '.': flagACK, 'U': flagURG, 'E': flagECE, 'W': flagCWR, 'e': 0,
}

// newBody reads what follows "Flags" since tcpdump 4.0.
func (r *reading) newBody(s string) bool {
	s = strings.TrimLeft(s, " ")
	end := strings.IndexByte(s, ']')
	if end < 0 || s[0] != '[' {
		return false
	}
	if letters := strings.TrimSpace(s[1:end]); letters != "none" {
		for _, c := range letters {
			bit, ok := flagLetters[c]
			if !ok {
				return false
			}
			r.line.Flags |= bit
		}
	}
	s = s[end+1:]
	if i := strings.Index(s, "options ["); i >= 0 {
		inside, rest, closed := strings.Cut(s[i+len("options ["):], "]")
		r.takeOptions(inside, closed)
		s = s[:i] + rest
	}
	r.checksum(s)
	r.fields(strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' }))
	return true
}

// checksum reads "cksum 0x1234 (correct)" and its older forms.
func (r *reading) checksum(s string) {
	switch {
	case strings.Contains(s, "(incorrect") || strings.Contains(s, "[bad tcp cksum"):
		r.line.BadChecksum = true
		r.know(KnownChecksum)
	case strings.Contains(s, "(correct)") || strings.Contains(s, "[tcp sum ok]"):
		r.know(KnownChecksum)
	}
}

// fields reads the words after the flags up to the length; what follows is the
// application's.
func (r *reading) fields(words []string) {
	for i := 0; i+1 < len(words); i++ {
		switch next := words[i+1]; words[i] {
		case "seq":
			r.sequence(next)
		case "ack":
			if v, ok := number(next); ok {
				r.line.Ack = v
				r.know(KnownAck)
			}
		case "win":
			r.win(next)
		case "length":
			if v, ok := number(next); ok && v <= maxRecord {
				r.line.PayloadLen = int(v)
				r.know(KnownPayloadLen)
				r.complete = true
				return
			}
		}
	}
}

func (r *reading) win(s string) {
	if v, ok := number(s); ok && r.window < 0 {
		r.window = int64(v)
	}
}

// sequence reads 1:107, 1:107(106) or a lone 1.
func (r *reading) sequence(s string) {
	first, rest, ranged := strings.Cut(s, ":")
	v, ok := number(first)
	if !ok {
		return
	}
	r.line.Seq = v
	r.know(KnownSeq)
	end, ok := number(rest)
	if !ranged || !ok {
		return
	}
	r.line.PayloadLen = int(end - v)
	if _, length, found := strings.Cut(rest, "("); found {
		if n, ok := number(length); ok {
			r.line.PayloadLen = int(n)
		}
	}
	if r.line.PayloadLen <= maxRecord {
		r.know(KnownPayloadLen)
	} else {
		r.line.PayloadLen = 0
	}
}

// oldFlags recognises a segment as tcpdump 3 printed it: "S 1:1(0) win 5840".
func oldFlags(s string) bool {
	letters, rest, _ := strings.Cut(s, " ")
	if letters == "" || strings.Trim(letters, "SFRPWEU.") != "" {
		return false
	}
	rest = strings.TrimLeft(rest, " ")
	return strings.HasPrefix(rest, "ack ") || strings.HasPrefix(rest, "win ") || strings.HasPrefix(rest, "[") ||
		rest != "" && isDigit(rest[0]) && strings.Contains(rest, ":") && strings.Contains(rest, "(")
}

// oldBody reads such a segment. Its dot means no other flag; an acknowledgement
// shows by its number.
func (r *reading) oldBody(s string) {
	letters, rest, _ := strings.Cut(s, " ")
	for _, c := range letters {
		if c != '.' {
			r.line.Flags |= flagLetters[c]
		}
	}
	if i := strings.IndexByte(rest, '<'); i >= 0 {
		inside, tail, closed := strings.Cut(rest[i+1:], ">")
		r.takeOptions(inside, closed)
		rest = rest[:i] + tail
	}
	r.checksum(rest)
	r.ipHeader(rest)
	words := strings.Fields(rest)
	for len(words) > 0 && !isDigit(words[0][0]) && words[0] != "ack" && words[0] != "win" {
		words = words[1:] // [tcp sum ok]
	}
	if len(words) > 0 && isDigit(words[0][0]) {
		r.sequence(words[0])
	}
	r.fields(words)
	if r.has(KnownAck) {
		r.line.Flags |= flagACK
	}
	if !r.has(KnownPayloadLen) && r.window >= 0 { // only an empty segment has no range
		r.know(KnownPayloadLen)
	}
	r.complete = r.window >= 0
}
