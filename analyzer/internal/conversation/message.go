package conversation

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// MessageKind is what a payload begins with, as far as its first bytes tell.
type MessageKind uint8

// The kinds. A payload that begins like none of them is MessageOther.
const (
	MessageOther       MessageKind = iota
	MessageHTTPRequest             // RFC 9112, section 3
	MessageHTTPResponse
	MessageClientHello // TLS record 22 with handshake type 1 (RFC 8446, section 4.1.2)
	MessageServerHello
	MessageAlert  // an unencrypted TLS alert (RFC 8446, section 6)
	MessageSealed // an encrypted TLS alert, at the end of a session nearly always close_notify
	MessageTLS    // any other TLS record
	MessageProxy  // PROXY protocol header, version 1 or 2
	MessageSSH    // RFC 4253, section 4.2
	MessageBanner // a server's greeting line: "220 ..." of SMTP and FTP, "+OK" of POP3, "* OK" of IMAP
	MessageMySQL  // the server's initial handshake packet, protocol version 10
)

// Message is what the kept head of a payload says.
type Message struct {
	At     int // index into Segments
	Kind   MessageKind
	Line   string // first line or name, printable ASCII, at most 80 characters
	Status int    // of an HTTP response, 0 otherwise
	Body   int64  // declared length of an HTTP message's body in bytes, -1 not declared
	Head   int    // bytes up to and with the blank line after an HTTP header, 0 when it was not kept whole
	SNI    string // server name of a ClientHello, "" when not there or not kept
	Level  uint8  // of an alert: 1 warning, 2 fatal
	Code   uint8  // of an alert: its description
	text   string // lower-case head, for Mentions
}

// Mentions reports whether the kept head of a text message holds a phrase;
// letter case does not matter. The phrase is given in lower case.
func (m *Message) Mentions(phrase string) bool { return strings.Contains(m.text, phrase) }

// TLS reports whether the payload is a TLS record.
func (m *Message) TLS() bool { return m.Kind >= MessageClientHello && m.Kind <= MessageTLS }

// Text reports whether the payload begins in a plain-text protocol.
func (m *Message) Text() bool {
	return m.Kind == MessageHTTPRequest || m.Kind == MessageHTTPResponse || m.Kind == MessageSSH || m.Kind == MessageBanner
}

// Messages reads the heads of payloads that were kept, in order: the first of
// each run of data, as far as the bound on heads allows.
func (s *Set) Messages(c *Conversation) []Message {
	f := c.derived()
	if f.hasMessages {
		return f.messages
	}
	f.hasMessages = true
	for i := range c.Segments {
		g := &c.Segments[i]
		if x := s.ExtraOf(g); x != nil && len(x.Payload) > 0 && !g.IsCopy() {
			m := Classify(x.Payload)
			m.At = i
			f.messages = append(f.messages, m)
		}
	}
	return f.messages
}

// FirstMessage is the first payload of a side whose head was kept, nil for none.
func (s *Set) FirstMessage(c *Conversation, from Side) *Message {
	ms := s.Messages(c)
	for i := range ms {
		if c.Segments[ms[i].At].From == from {
			return &ms[i]
		}
	}
	return nil
}

// MessageOf is the message that begins in a segment, nil when its head was not kept.
func (s *Set) MessageOf(c *Conversation, at int) *Message {
	ms := s.Messages(c)
	for i := range ms {
		if ms[i].At == at {
			return &ms[i]
		}
	}
	return nil
}

var (
	methods        = []string{"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "PATCH ", "CONNECT ", "PRI ", "TRACE "}
	proxyV2        = []byte("\r\n\r\n\x00\r\nQUIT\n")
	bannerBegins   = []string{"220 ", "220-", "+OK", "* OK", "421 ", "554 "}
	maxMessageLine = 80
)

// Classify tells what a payload begins with. It never fails.
func Classify(head []byte) Message {
	m := Message{Body: -1}
	switch {
	case bytes.HasPrefix(head, proxyV2):
		m.Kind, m.Line = MessageProxy, "PROXY v2"
	case tlsRecord(head):
		m.tls(head)
	case begins(head, methods):
		m.Kind = MessageHTTPRequest
		m.http(head)
	case bytes.HasPrefix(head, []byte("HTTP/1.")):
		m.Kind = MessageHTTPResponse
		m.http(head)
	case begins(head, []string{"PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN"}):
		m.Kind = MessageProxy
	case begins(head, []string{"SSH-"}):
		m.Kind = MessageSSH
	case begins(head, bannerBegins):
		m.Kind = MessageBanner
	case len(head) > 6 && head[3] == 0 && head[4] == 10 && printable(head[5]) && head[1] == 0 && head[2] == 0:
		m.Kind, m.Line = MessageMySQL, "MySQL "+firstLine(head[5:])
	}
	if m.Line == "" {
		m.Line = firstLine(head)
	}
	if !m.TLS() {
		m.text = strings.ToLower(string(head))
	}
	return m
}

func begins(head []byte, words []string) bool {
	for _, w := range words {
		if len(head) >= len(w) && string(head[:len(w)]) == w {
			return true
		}
	}
	return false
}

func printable(b byte) bool { return b >= ' ' && b < 0x7f }

// firstLine is the printable beginning of a payload, bounded.
func firstLine(head []byte) string {
	n := 0
	for n < len(head) && n < maxMessageLine && printable(head[n]) {
		n++
	}
	return string(head[:n])
}

// http reads the status and the declared length of the body.
func (m *Message) http(head []byte) {
	if m.Kind == MessageHTTPResponse && len(head) >= 12 {
		m.Status, _ = strconv.Atoi(string(head[9:12]))
	}
	header, _, whole := bytes.Cut(head, []byte("\r\n\r\n"))
	if whole {
		m.Head = len(header) + 4
	}
	for _, line := range bytes.Split(header, []byte("\r\n")) {
		name, value, _ := strings.Cut(string(line), ":")
		if strings.EqualFold(name, "content-length") {
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil && n >= 0 {
				m.Body = n
			}
		}
	}
}

// tlsRecord: content type 20 to 24, major version 3.
func tlsRecord(head []byte) bool {
	return len(head) >= 5 && head[0] >= 20 && head[0] <= 24 && head[1] == 3 && head[2] <= 4
}

func (m *Message) tls(head []byte) {
	m.Kind = MessageTLS
	length := int(binary.BigEndian.Uint16(head[3:]))
	switch {
	case head[0] == 21 && length == 2 && len(head) >= 7 && (head[5] == 1 || head[5] == 2):
		m.Kind, m.Level, m.Code = MessageAlert, head[5], head[6]
	case head[0] == 21:
		m.Kind = MessageSealed
	case head[0] == 22 && len(head) > 5 && head[5] == 1:
		m.Kind, m.SNI = MessageClientHello, serverName(head[5:])
	case head[0] == 22 && len(head) > 5 && head[5] == 2:
		m.Kind = MessageServerHello
	}
}

// serverName walks a ClientHello to its server_name extension (RFC 6066,
// section 3), "" when it is not there or lies beyond what was kept.
func serverName(hello []byte) string {
	r := reader{hello}
	r.skip(4 + 2 + 32)      // type, length, version, random
	r.skip(int(r.byte()))   // session id
	r.skip(int(r.uint16())) // cipher suites
	r.skip(int(r.byte()))   // compression methods
	r.uint16()              // length of the extensions
	for len(r.b) >= 4 {
		kind, length := r.uint16(), int(r.uint16())
		if kind != 0 {
			r.skip(length)
			continue
		}
		r.skip(3) // length of the list, type host_name
		n := int(r.uint16())
		if n > len(r.b) {
			return ""
		}
		return firstLine(r.b[:n])
	}
	return ""
}

// reader takes big-endian numbers off a slice; past its end everything is zero.
type reader struct{ b []byte }

func (r *reader) skip(n int) { r.b = r.b[min(max(n, 0), len(r.b)):] }

func (r *reader) byte() byte {
	if len(r.b) < 1 {
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uint16() uint16 { return uint16(r.byte())<<8 | uint16(r.byte()) }
