package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"pcaplain/analyzer/internal/lang"
)

const (
	// maxLine bounds a line of text, in bytes; what is beyond is read as the next.
	maxLine = 1 << 20
	// maxShown bounds what is kept of a line to show it, in bytes.
	maxShown = 2000
	// maxProse is how much text without a single packet is read, in bytes.
	maxProse = 64 << 20
	// maxHeld bounds the packets held until it is clear what their times count
	// from.
	maxHeld = 10_000
)

var protocolLines = lang.Text{
	EN: "Some lines show an application's protocol in place of ports and TCP numbers; they were given to the only conversation between their addresses, and their lengths and sequence numbers follow from the lines around them.",
	ZH: "有些行显示的是应用层协议，没有端口和 TCP 序号；这些行归入两个地址之间唯一的连接，其长度和序号由前后各行推算。",
}

// text reads listings: the lines tcpdump prints, Wireshark's packet list, hex
// dumps, in any surroundings.
type text struct {
	reader *Reader
	wide   byte   // 'l' or 'b': UTF-16
	begun  bool   // the mark was looked for
	odd    []byte // half a UTF-16 unit
	line   []byte // the line as far as it came
	number int    // of the last whole line
	head   string // the first line that says something
	size   int64

	names       names
	sequences   sequences
	calendar    calendar
	onlyBetween map[[2]netip.Addr]pair // zero: more than one conversation
	faces       map[string]int         // by name and link type
	list        bool                   // lines of a packet list were read
	lines       bool                   // lines of tcpdump were read
	sawLength   bool                   // of them, some with their length
	sawOptions  bool                   // the listing shows options
	packets     int

	header   string // -v: the first of a packet's two lines
	headerAt int
	headerIs string
	skip     int  // lines of a packet quoted in an ICMP error
	stamped  bool // that ICMP error had a time
	derived  bool // a dump of reassembled or decoded bytes follows
	last     *printed
	held     []*printed // not yet delivered, while times are unclear
	unclear  bool
	furthest int64 // ns; the greatest of the unclear times

	received, dropped uint64 // as tcpdump counts at its end
	counted           bool
}

// printed is a packet of the listing on its way out.
type printed struct {
	reading reading
	tcp     bool
	dump    []byte
	joined  bool // its line was completed by the next
	clean   string
}

func (t *text) scan(b []byte, _ int64, final bool) (took, need int) {
	took = len(b)
	t.size += int64(len(b))
	if !t.begun {
		t.begun = true
		t.wide = utf16Mark(b)
	}
	if t.wide != 0 {
		b = t.narrow(b)
	}
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			t.collect(b)
			break
		}
		t.collect(b[:i])
		t.endLine()
		b = b[i+1:]
	}
	if t.packets == 0 && t.size > maxProse {
		t.reader.failure = notCapture(t.looks())
	}
	if final {
		t.finish()
	}
	return took, 0
}

// collect adds to the line, and ends one that is too long.
func (t *text) collect(b []byte) {
	for len(t.line)+len(b) > maxLine {
		n := maxLine - len(t.line)
		t.line = append(t.line, b[:n]...)
		b = b[n:]
		t.endLine()
		t.number--
	}
	t.line = append(t.line, b...)
}

// narrow turns UTF-16 into UTF-8.
func (t *text) narrow(b []byte) []byte {
	b = append(t.odd, b...)
	t.odd = append([]byte(nil), b[len(b)&^1:]...)
	var out []byte
	for ; len(b) >= 2; b = b[2:] {
		unit := binary.LittleEndian.Uint16(b)
		if t.wide == 'b' {
			unit = binary.BigEndian.Uint16(b)
		}
		if r := rune(unit); unit == 0xfeff {
			continue
		} else if utf16.IsSurrogate(r) {
			out = append(out, ' ')
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func (t *text) endLine() {
	t.number++
	line := strings.TrimRight(string(t.line), "\r")
	t.line = t.line[:0]
	if t.head == "" {
		t.head = strings.TrimSpace(strings.TrimPrefix(line[:min(len(line), 200)], "\ufeff"))
	}
	for _, s := range splitAtBreaks(line) {
		t.shown(stripMarkup(s))
	}
}

// shown takes a line as a reader of the page saw it.
func (t *text) shown(s string) {
	for _, part := range splitPackets(normalise(s)) {
		t.take(part.clean, part.of(s))
	}
}

// part is one packet's share of a line that holds several.
type part struct {
	clean string
	whole bool
}

func (p part) of(shown string) string {
	if !p.whole {
		shown = p.clean
	}
	shown = strings.TrimSpace(shown)
	return strings.ToValidUTF8(shown[:min(len(shown), maxShown)], "\uFFFD")
}

// splitPackets cuts a line into which several packets were glued, as copying
// from some pages does, before each one's time.
func splitPackets(s string) []part {
	if strings.Count(s, "Flags [") < 2 {
		return []part{{s, true}}
	}
	var parts []part
	for {
		first := strings.Index(s, "Flags [")
		next := -1
		if first >= 0 {
			next = strings.Index(s[first+7:], "Flags [")
		}
		if next < 0 {
			return append(parts, part{s, false})
		}
		next += first + 7
		ip := strings.LastIndex(s[:next], " IP")
		if ip < first {
			return append(parts, part{s, false})
		}
		cut := strings.LastIndexByte(s[:ip], ' ') + 1
		if cut <= first || findStamp(s[cut:ip]).kind == stampNone {
			cut = ip + 1
		}
		parts = append(parts, part{s[:cut], false})
		s = s[cut:]
	}
}

func (t *text) unread(shown string) {
	if len(t.reader.info.Unread) < maxUnread {
		t.reader.info.Unread = append(t.reader.info.Unread, Unread{Line: t.number, Text: shown})
	}
}

func (t *text) finish() {
	if len(t.line) > 0 {
		t.endLine()
	}
	t.flush()
	t.release()
	if t.packets == 0 {
		t.reader.failure = notCapture(t.looks())
		return
	}
	if t.counted && len(t.reader.info.Interfaces) == 1 {
		in := &t.reader.info.Interfaces[0]
		in.Received, in.Dropped, in.HasStats = t.received, t.dropped, true
	}
}

// looks names text without packets.
func (t *text) looks() string {
	head := strings.ToLower(t.head)
	switch {
	case strings.HasPrefix(head, "version https://git-lfs"):
		return "git-lfs"
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		return "json"
	case strings.HasPrefix(head, "<?xml"), strings.HasPrefix(head, "<pdml"):
		return "xml"
	case strings.HasPrefix(head, "<!doctype"), strings.HasPrefix(head, "<html"), strings.HasPrefix(head, "<!--"):
		return "html"
	}
	return "text"
}
