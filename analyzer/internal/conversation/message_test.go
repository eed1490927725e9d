package conversation

import (
	"encoding/hex"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// helloHead is a TLS 1.2 record with a ClientHello: session id of 4 bytes, one
// cipher suite, an empty extension, then server_name "db.example".
const helloHead = "1603010049" + "01000045" + "0303" + "0000000000000000000000000000000000000000000000000000000000000000" +
	"04deadbeef" + "00021301" + "0100" + "0017" + "00170000" + "0000000f" + "000d" + "00" + "000a" + "64622e6578616d706c65"

func TestClassify(t *testing.T) {
	hello, err := hex.DecodeString(helloHead)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct {
		head   string
		kind   MessageKind
		line   string
		status int
		body   int64
	}{
		{"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", MessageHTTPRequest, "GET /a HTTP/1.1", 0, -1},
		{"POST /up HTTP/1.1\r\ncontent-LENGTH: 4096\r\n\r\nabc", MessageHTTPRequest, "POST /up HTTP/1.1", 0, 4096},
		{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 95\r\n\r\nupstream connect error", MessageHTTPResponse, "HTTP/1.1 503 Service Unavailable", 503, 95},
		{"\x15\x03\x01\x00\x02\x02\x46", MessageAlert, "", 0, -1},
		{"\x15\x03\x03\x00\x1a\x00\x01", MessageSealed, "", 0, -1},
		{"\x17\x03\x03\x00\x1a\x00\x01", MessageTLS, "", 0, -1},
		{string(hello), MessageClientHello, "", 0, -1},
		{"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1", MessageProxy, "PROXY TCP4 10.0.0.1 10.0.0.2 1 2", 0, -1},
		{"\r\n\r\n\x00\r\nQUIT\n!\x11", MessageProxy, "PROXY v2", 0, -1},
		{"SSH-2.0-OpenSSH_9.2\r\n", MessageSSH, "SSH-2.0-OpenSSH_9.2", 0, -1},
		{"220 mail ESMTP\r\n", MessageBanner, "220 mail ESMTP", 0, -1},
		{"\x4a\x00\x00\x00\x0a8.0.36\x00", MessageMySQL, "MySQL 8.0.36", 0, -1},
		{"GETTING", MessageOther, "GETTING", 0, -1},
		{"PROXYING", MessageOther, "PROXYING", 0, -1},
		{"", MessageOther, "", 0, -1},
		{strings.Repeat("x", 500), MessageOther, strings.Repeat("x", 80), 0, -1},
	} {
		m := Classify([]byte(w.head))
		if m.Kind != w.kind || m.Status != w.status || m.Body != w.body || w.line != "" && m.Line != w.line {
			t.Errorf("%.30q: kind %d line %q status %d body %d, want %d %q %d %d", w.head, m.Kind, m.Line, m.Status, m.Body, w.kind, w.line, w.status, w.body)
		}
	}
	if m := Classify(hello); m.SNI != "db.example" {
		t.Errorf("server name %q, want db.example", m.SNI)
	}
	if m := Classify([]byte("\x15\x03\x01\x00\x02\x02\x46")); m.Level != 2 || m.Code != 70 {
		t.Errorf("alert %d/%d, want 2/70", m.Level, m.Code)
	}
}

// A head may be cut anywhere; whatever the cut, nothing breaks and nothing
// beyond the cut is claimed.
func TestClassifyCutHello(t *testing.T) {
	hello, _ := hex.DecodeString(helloHead)
	for n := range hello {
		if m := Classify(hello[:n]); m.SNI != "" {
			t.Errorf("cut to %d bytes the server name is %q", n, m.SNI)
		}
	}
}

func TestMessagesOfAConversation(t *testing.T) {
	set, c := play(t, with(opening,
		step{10, Client, packet.ACK, 1, 1, "GET / HTTP/1.1\r\n\r\n", 0},
		step{20, Server, packet.ACK, 1, 19, "HTTP/1.1 404 Not Found\r\n\r\n", 0})...)
	if m := set.FirstMessage(c, Server); m == nil || m.Status != 404 || m.At != 4 || !m.Mentions("not found") {
		t.Errorf("the server's first message is %+v", m)
	}
	if m := set.MessageOf(c, 3); m == nil || m.Kind != MessageHTTPRequest {
		t.Errorf("the message in segment 3 is %+v", m)
	}
}
