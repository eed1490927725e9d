package scenario

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// say is a payload whose bytes matter.
func say(s string) change {
	return func(p *packet.Packet) { p.Payload, p.PayloadLen = []byte(s), len(s) }
}

func ttl(n uint8) change { return func(p *packet.Packet) { p.TTL = n } }

const (
	get         = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n" // 28 bytes
	clientHello = "\x16\x03\x01\x00\x20\x01\x00\x00\x1c\x03\x03"
	rstAck      = packet.RST | packet.ACK
	finAck      = packet.FIN | packet.ACK
	ack         = packet.ACK
	sealed      = "\x15\x03\x03\x00\x1a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

// expect is what a told connection must and must not be called.
type expect struct {
	name   string
	tell   func(w *wire)
	end    float64 // ms, until when the capture is known to have run
	want   string  // the headline's scenario, "" for none
	level  string  // its severity
	refuse []string
}

func TestEndings(t *testing.T) {
	for _, c := range []expect{
		{name: "first data acknowledged, then a live socket's reset", want: "data-acked-then-reset-by-proxy", level: Problem, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, srv, ack, 1, 29)
			w.send(4, srv, rstAck, 1, 29)
		}},
		{name: "ten bytes served before the reset", want: "linger0-abort", level: Info, refuse: []string{"data-acked-then-reset-by-proxy"}, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, srv, push, 1, 29, length(10))
			w.send(5, clt, ack, 29, 11)
			w.send(400, srv, rstAck, 11, 29)
		}},
		{name: "the data met nobody", refuse: []string{"data-acked-then-reset-by-proxy", "linger0-abort", "close-with-unread-data"}, want: "half-open-after-crash", level: Problem, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, length(40))
			w.send(3.1, srv, push, 1, 41, length(10))
			w.send(5, clt, ack, 41, 11)
			w.send(900, clt, push, 41, 11, length(40))
			w.send(900.1, srv, packet.RST, 11, 0)
		}},
		{name: "the client closes first, the server follows", tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, length(6))
			w.send(3.1, srv, ack, 1, 7)
			w.send(9, clt, finAck, 7, 1)
			w.send(9.1, srv, finAck, 1, 8)
			w.send(11, clt, ack, 8, 2)
		}},
		{name: "a server's FIN after a long idle opening: no answer was owed", tell: func(w *wire) {
			w.handshake(0)
			w.send(5000, srv, finAck, 1, 1)
			w.send(5002, clt, finAck, 1, 2)
			w.send(5002.1, srv, ack, 2, 2)
		}},
		{name: "a stack that resets after every client's FIN", want: "linger0-abort", level: Info, refuse: []string{"close-with-unread-data"}, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(8, clt, push, 51, 91, length(43))
			w.send(8.1, clt, finAck, 94, 91)
			w.send(8.2, srv, ack, 91, 95)
			w.send(8.3, srv, rstAck, 91, 95)
		}},
		{name: "an upload refused while it arrives", want: "close-with-unread-data", level: Problem, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, ack, 1, 1, say("POST /u HTTP/1.1\r\nContent-Length: 90000\r\n\r\n"))
			w.send(3.1, clt, push, 44, 1, length(1400))
			w.send(3.2, srv, ack, 1, 1444)
			w.send(3.3, srv, push, 1, 1444, say("HTTP/1.1 413 Too Large\r\n\r\n"))
			w.send(3.4, srv, rstAck, 27, 1444)
		}},
		{name: "an idle connection cleared", want: "idle-cleanup-rst", level: Info, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(60_000, srv, rstAck, 91, 51)
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c expect) check(t *testing.T) {
	t.Helper()
	w := newWire()
	c.tell(w)
	fs := w.judge(c.end)
	if c.want == "" {
		if len(fs) > 0 && fs[0].Severity != Info {
			t.Errorf("headline %s (%s), want none: %s", fs[0].Scenario, fs[0].Severity, fs[0].Summary.EN)
		}
	} else if len(fs) == 0 || fs[0].Scenario != c.want || fs[0].Severity != c.level {
		t.Errorf("findings %v, want %s (%s) first", names(fs), c.want, c.level)
	}
	for _, id := range c.refuse {
		silent(t, fs, id)
	}
}

func TestReuseAndLateData(t *testing.T) {
	race := func(payload change, seen uint32, size uint32) func(w *wire) {
		return func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(5003, srv, finAck, 91, 51)
			if seen == 92 {
				w.send(5005, clt, ack, 51, 92)
			}
			w.send(5005.1, clt, push, 51, seen, payload)
			w.send(5005.2, srv, packet.RST, seen, 0)
			_ = size
		}
	}
	for _, c := range []expect{
		{name: "a request crosses the FIN", tell: race(length(50), 91, 50), want: "keepalive-reuse-race", level: Problem},
		{name: "a request after the FIN was seen", tell: race(length(50), 92, 50), want: "data-after-close", level: Problem, refuse: []string{"keepalive-reuse-race"}},
		{name: "the end of a TLS session crosses the FIN", tell: race(say(sealed), 91, 31), want: "data-after-close", level: Info, refuse: []string{"keepalive-reuse-race"}},
		{name: "two bytes cross the FIN", tell: race(length(2), 91, 2), want: "data-after-close", level: Info, refuse: []string{"keepalive-reuse-race"}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

// forgetful is a connection that survives a silence of so many ms, is silent for
// so many more, and whose next data draws a bare reset with a TTL.
func forgetful(survived, idle float64, hops uint8) func(w *wire) {
	return func(w *wire) {
		w.handshake(0)
		w.serve(3)
		w.send(10+survived, clt, push, 51, 91, length(20))
		w.send(11+survived, srv, push, 91, 71, length(20))
		w.send(12+survived, clt, ack, 71, 111)
		w.send(12+survived+idle, clt, push, 71, 111, length(20))
		w.send(12.1+survived+idle, srv, packet.RST, 111, 0, ttl(hops))
	}
}

func TestForgottenConnections(t *testing.T) {
	for _, c := range []expect{
		{name: "a minute, never before so long", tell: forgetful(2000, 60_000, 61), want: "idle-timeout-rst", level: Problem},
		{name: "three seconds are no idle limit", tell: forgetful(100, 3000, 61), refuse: []string{"idle-timeout-rst"}, want: "half-open-after-crash", level: Problem},
		{name: "hardly longer than what it survived", tell: forgetful(50_000, 60_000, 61), refuse: []string{"idle-timeout-rst"}, want: "half-open-after-crash", level: Problem},
		{name: "hardly longer, but from elsewhere", tell: forgetful(40_000, 60_000, 64), want: "idle-timeout-rst", level: Problem},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

// ladder repeats 20 bytes on a doubling timer from a time in ms, six times.
func ladder(w *wire, from float64) float64 {
	at, wait := from, 200.0
	for range 6 {
		w.send(at, clt, push, 51, 91, length(20))
		at, wait = at+wait, wait*2
	}
	return at
}

func TestSilence(t *testing.T) {
	for _, c := range []expect{
		{name: "dead in the middle of use", end: 20_000, want: "rto-death", level: Problem, refuse: []string{"idle-timeout-silent"}, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			ladder(w, 100)
		}},
		{name: "dead after a silence, a new connection works", end: 80_000, want: "idle-timeout-silent", level: Problem, refuse: []string{"rto-death"}, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			at := ladder(w, 60_000)
			w.next()
			w.handshake(at)
			w.serve(at + 5)
		}},
		{name: "dead after a silence, new connections fail too", end: 80_000, want: "rto-death", level: Problem, refuse: []string{"idle-timeout-silent"}, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			ladder(w, 60_000)
			w.next()
			w.send(61_000, clt, packet.SYN, 0, 0)
			w.send(62_000, clt, packet.SYN, 0, 0)
		}},
		{name: "back after six seconds", want: "path-outage", level: Problem, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			at := ladder(w, 100)
			w.send(at, srv, push, 91, 71, length(5))
			w.send(at+1, clt, ack, 71, 96)
		}},
		{name: "keepalives unanswered", want: "keepalive-failure", level: Problem, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			for k := range 4 {
				w.send(60_000+75_000*float64(k), clt, ack, 50, 91)
			}
			w.send(360_000, clt, rstAck, 51, 91)
		}},
		{name: "keepalives cut off by the end of the capture", end: 136_000, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(60_000, clt, ack, 50, 91)
			w.send(135_000, clt, ack, 50, 91)
		}},
		{name: "keepalives answered", tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			for k := range 4 {
				w.send(60_000+75_000*float64(k), clt, ack, 50, 91)
				w.send(60_000.1+75_000*float64(k), srv, ack, 91, 51)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func TestWaiting(t *testing.T) {
	ask := func(payload string, leave float64) func(w *wire) {
		return func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(payload))
			w.send(3.1, srv, ack, 1, 1+uint32(len(payload)))
			w.send(leave, clt, finAck, 1+uint32(len(payload)), 1)
			w.send(leave+0.1, srv, finAck, 1, 2+uint32(len(payload)))
			w.send(leave+2, clt, ack, 2+uint32(len(payload)), 2)
		}
	}
	ftp := func(port uint16, wait float64, greeting string) func(w *wire) {
		return func(w *wire) {
			w.server = netip.AddrPortFrom(w.server.Addr(), port)
			w.handshake(0)
			w.send(wait, srv, push, 1, 1, say(greeting))
			w.send(wait+2, clt, ack, 1, 1+uint32(len(greeting)))
		}
	}
	for _, c := range []expect{
		{name: "an HTTP client leaves after 3 s", tell: ask(get, 3000), want: "client-gave-up", level: Warning},
		{name: "it leaves after half a second", tell: ask(get, 500), refuse: []string{"client-gave-up"}, want: "half-close-cut", level: Info},
		{name: "a message of a protocol without answers", tell: ask("<13>log line", 3000)},
		{name: "a greeting after 5 s", tell: ftp(21, 5010, "220 ready\r\n"), want: "banner-stall", level: Problem},
		{name: "a prompt greeting", tell: ftp(21, 40, "220 ready\r\n")},
		{name: "a server that pushes late on a port of its own", tell: ftp(7000, 5010, "tick"), refuse: []string{"banner-stall"}},
		{name: "a FIN at the end of the capture", end: 4000, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(10, clt, finAck, 51, 91)
			w.send(10.1, srv, ack, 91, 52)
		}},
		{name: "a FIN never returned", end: 70_000, want: "close-wait-leak", level: Warning, tell: func(w *wire) {
			w.handshake(0)
			w.serve(3)
			w.send(10, clt, finAck, 51, 91)
			w.send(10.1, srv, ack, 91, 52)
		}},
		{name: "a half-close in use", end: 70_000, refuse: []string{"close-wait-leak", "half-close-cut"}, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, clt, finAck, 29, 1)
			w.send(3.2, srv, ack, 1, 30)
			w.send(2000, srv, push, 1, 30, length(500))
			w.send(2002, clt, ack, 30, 501)
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func TestProtocols(t *testing.T) {
	talk := func(port uint16, asked, answered string) func(w *wire) {
		return func(w *wire) {
			w.server = netip.AddrPortFrom(w.server.Addr(), port)
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(asked))
			n := 1 + uint32(len(asked))
			w.send(4, srv, push, 1, n, say(answered))
			w.send(6, clt, ack, n, 1+uint32(len(answered)))
		}
	}
	for _, c := range []expect{
		{name: "HTTP answered by an alert", tell: talk(8443, get, "\x15\x03\x01\x00\x02\x02\x46"), want: "http-to-tls-port", level: Problem},
		{name: "HTTP answered by HTTP", tell: talk(8443, get, "HTTP/1.1 400 Bad Request\r\n\r\n")},
		{name: "TLS answered by HTTP", tell: talk(80, clientHello, "HTTP/1.1 400 Bad Request\r\n\r\n"), want: "tls-to-plain-port", level: Problem},
		{name: "TLS answered by a ServerHello", tell: talk(443, clientHello, "\x16\x03\x03\x00\x20\x02\x00\x00\x1c\x03\x03")},
		{name: "the server knows no such name", tell: talk(443, clientHello, "\x15\x03\x03\x00\x02\x02\x70"), want: "tls-alert", level: Problem},
		{name: "the ordinary close_notify", tell: talk(443, clientHello, "\x15\x03\x03\x00\x02\x01\x00")},
		{name: "a PROXY header refused", tell: talk(80, "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n"+get, "HTTP/1.1 400 Bad Request\r\n\r\n"), want: "proxy-protocol-mismatch", level: Problem},
		{name: "a PROXY header understood", tell: talk(80, "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n"+get, "HTTP/1.1 200 OK\r\n\r\n")},
		{name: "a request on a TLS port, closed without a byte", want: "http-to-tls-port", level: Problem, tell: func(w *wire) {
			w.server = netip.AddrPortFrom(w.server.Addr(), 443)
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, srv, finAck, 1, 29)
		}},
		{name: "the same on a port that says nothing of TLS", want: "server-closed-without-answer", level: Problem, refuse: []string{"http-to-tls-port"}, tell: func(w *wire) {
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, srv, finAck, 1, 29)
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func TestForgedResetNeedsMoreThanOneMark(t *testing.T) {
	reset := func(changes ...change) func(w *wire) {
		return func(w *wire) {
			w.handshake(0, stamp(1))
			w.send(3, clt, push, 1, 1, say(get), stamp(2))
			w.send(3.1, srv, push, 1, 29, length(10), stamp(2))
			w.send(5, clt, ack, 29, 11, stamp(3))
			w.send(400, srv, rstAck, 11, 29, changes...)
		}
	}
	expect{tell: reset(stamp(4)), want: "linger0-abort", level: Info, refuse: []string{"rst-injection"}}.check(t)
	expect{tell: reset(stamp(4), ttl(58)), want: "linger0-abort", level: Info, refuse: []string{"rst-injection"}}.check(t)
	expect{tell: reset(ttl(58)), want: "rst-injection", level: Problem}.check(t)
}

// A connection attempt from the server's host that fails just before the client
// is reset proves the proxy; one that failed earlier proves nothing.
func TestSecondLegProvesTheProxy(t *testing.T) {
	for _, c := range []struct {
		name  string
		lag   float64 // ms from the refusal to the reset
		cause string
	}{{"refused just before", 5, Certain}, {"refused long before", 400, Possible}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire()
			w.handshake(0)
			w.send(3, clt, push, 1, 1, say(get))
			w.send(3.1, srv, ack, 1, 29)
			front, back := w.client, w.server
			w.client, w.server = netip.AddrPortFrom(back.Addr(), 45000), netip.MustParseAddrPort("10.0.0.5:8080")
			w.send(4, clt, packet.SYN, 0, 0)
			w.send(4.5, srv, rstAck, 0, 1, func(p *packet.Packet) { p.Seq = 0 })
			w.client, w.server = front, back
			w.send(4.5+c.lag, srv, rstAck, 1, 29)
			wants(t, w.judge(0), "data-acked-then-reset-by-proxy", Problem, Certain, c.cause)
		})
	}
}

func TestGatewayErrorNamesItsUpstream(t *testing.T) {
	for body, want := range map[string]bool{"upstream connect error or disconnect/reset before headers": true, "maintenance until noon": false} {
		w := newWire()
		w.handshake(0)
		w.send(3, clt, push, 1, 1, say(get))
		w.send(4, srv, push, 1, 29, say("HTTP/1.1 503 Service Unavailable\r\n\r\n"+body))
		fs := w.judge(0)
		if got := of(fs, "data-acked-then-reset-by-proxy") != nil; got != want {
			t.Errorf("%q: reported %v, want %v (%v)", body, got, want, names(fs))
		}
	}
}

// The same segment that slips past a translation, with and without the reset of
// the live connection behind it.
func TestUntranslatedSegmentKillsOrNot(t *testing.T) {
	for _, c := range []struct {
		dies              bool
		severity, symptom string
	}{{true, Problem, Certain}, {false, Warning, Likely}} {
		w := newWire()
		w.handshake(0)
		w.serve(3)
		service := w.server
		w.server = netip.MustParseAddrPort("10.32.2.80:80")
		w.send(20, srv, push, 3_000_091, 51, length(5))
		w.send(20.1, clt, packet.RST, 51, 0)
		w.server = service
		w.send(30, clt, push, 51, 91, length(50))
		if c.dies {
			w.send(30.1, srv, packet.RST, 91, 0)
		} else {
			w.send(30.1, srv, push, 91, 101, length(50))
		}
		wants(t, w.judge(0), "conntrack-invalid-rst", c.severity, c.symptom, Likely)
	}
}
