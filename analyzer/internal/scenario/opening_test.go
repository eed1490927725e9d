package scenario

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// What the captures of the corpus do not hold: old stacks, rare contrasts, and
// near misses that no stack here can be made to produce.

// wire feeds packets to a tracker; sequence numbers are relative to the ISNs.
type wire struct {
	tracker        *conversation.Tracker
	client, server netip.AddrPort
	isn            [2]uint32
	number         int
	mac            [2][6]byte // client's way in, server
	back           [6]byte    // where the server's frames go
}

const epoch = 1_600_000_000 * lang.Second

func newWire() *wire {
	return &wire{tracker: conversation.NewTracker(), client: netip.MustParseAddrPort("192.0.2.7:41000"), server: netip.MustParseAddrPort("198.51.100.9:80"),
		isn: [2]uint32{1 << 30, 3 << 30}, mac: [2][6]byte{{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 9}}, back: [6]byte{2, 0, 0, 0, 0, 1}}
}

// next starts another connection from a new port with new sequence numbers.
func (w *wire) next() {
	w.client = netip.AddrPortFrom(w.client.Addr(), w.client.Port()+1)
	w.isn[0] += 1 << 24
	w.isn[1] += 1 << 24
}

type change func(*packet.Packet)

func length(n int) change { return func(p *packet.Packet) { p.PayloadLen = n } }

func options(o packet.OptionSet) change {
	return func(p *packet.Packet) { p.Options |= o; p.MSS = 1460 }
}

func stamp(v uint32) change {
	return func(p *packet.Packet) { p.Options |= packet.OptTimestamps; p.TSVal = v }
}

func (w *wire) send(ms float64, from conversation.Side, flags uint8, seq, ack uint32, changes ...change) {
	w.number++
	src, dst := w.client, w.server
	srcMAC, dstMAC := w.mac[0], w.mac[1]
	if from == conversation.Server {
		src, dst, srcMAC, dstMAC = dst, src, w.mac[1], w.back
	}
	p := packet.Packet{Number: w.number, Time: epoch + int64(ms*float64(lang.Millisecond)), Offset: int64(w.number), Kind: packet.KindTCP,
		WireLen: 66, CapLen: 66, Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(), SrcMAC: srcMAC, DstMAC: dstMAC,
		Flags: flags, Seq: w.isn[from] + seq, TTL: 61, IPID: uint16(w.number), Window: 501, HeaderLen: 32,
		Known: packet.KnownTime | packet.KnownMAC | packet.KnownTTL | packet.KnownIPID | packet.KnownWindow | packet.KnownOptions |
			packet.KnownPayloadLen | packet.KnownWireLen | packet.KnownAbsolute | packet.KnownSeq | packet.KnownAck}
	if flags&packet.ACK != 0 {
		p.Ack = w.isn[from.Other()] + ack
	}
	for _, c := range changes {
		c(&p)
	}
	w.tracker.Add(&p)
}

const (
	clt  = conversation.Client
	srv  = conversation.Server
	sack = packet.SYN | packet.ACK
	push = packet.ACK | packet.PSH
)

// handshake feeds SYN, SYN-ACK, ACK as seen at the server, round trip 2 ms.
func (w *wire) handshake(ms float64, changes ...change) {
	w.send(ms, clt, packet.SYN, 0, 0, changes...)
	w.send(ms+0.05, srv, sack, 0, 1, changes...)
	w.send(ms+2, clt, packet.ACK, 1, 1)
}

// serve feeds a request and its answer.
func (w *wire) serve(ms float64) {
	w.send(ms, clt, push, 1, 1, length(50))
	w.send(ms+1, srv, push, 1, 51, length(90))
	w.send(ms+3, clt, packet.ACK, 51, 91)
}

// judge ends the survey at a time in ms.
func (w *wire) judge(end float64) []Finding {
	set := w.tracker.Finish()
	set.End = max(set.End, epoch+int64(end*float64(lang.Millisecond)))
	return Judge(set)
}

// of is the first finding of a scenario, nil for none.
func of(fs []Finding, id string) *Finding {
	for i := range fs {
		if fs[i].Scenario == id {
			return &fs[i]
		}
	}
	return nil
}

func wants(t *testing.T, fs []Finding, id, severity, symptom, cause string) *Finding {
	t.Helper()
	f := of(fs, id)
	if f == nil {
		t.Fatalf("no %s, but %v", id, names(fs))
	}
	if f.Severity != severity || f.Symptom != symptom || f.Cause != cause {
		t.Errorf("%s is %s, %s/%s; want %s, %s/%s", id, f.Severity, f.Symptom, f.Cause, severity, symptom, cause)
	}
	return f
}

func silent(t *testing.T, fs []Finding, id string) {
	t.Helper()
	if f := of(fs, id); f != nil {
		t.Errorf("%s is reported (%s): %s", id, f.Severity, f.Summary.EN)
	}
}

func names(fs []Finding) (out []string) {
	for i := range fs {
		out = append(out, fs[i].Scenario)
	}
	return out
}

func TestOldDeferringListenerIsTheLeadingCause(t *testing.T) {
	w := newWire()
	w.handshake(0)
	for _, s := range []float64{3000, 9000, 21_000, 45_000, 93_200} {
		w.send(s, srv, sack, 0, 1)
		w.send(s+2, clt, packet.ACK, 1, 1)
	}
	w.next()
	w.handshake(500)
	w.serve(503)
	f := wants(t, w.judge(300_000), "stuck-syn-recv-server-ignores-ack", Problem, Certain, Likely)
	if len(f.Drawing.Events) != 1 || f.Drawing.Events[0].Time != epoch+(93_200+2*48_200)*lang.Millisecond {
		t.Errorf("silent expiry: %+v", f.Drawing.Events)
	}
}

func TestRepetitionsBeforeTheACKCanArriveAreNoTrouble(t *testing.T) {
	w := newWire() // at the client of a path with 1.3 s of round trip
	w.send(0, clt, packet.SYN, 0, 0)
	w.send(1000, clt, packet.SYN, 0, 0)
	w.send(1300, srv, sack, 0, 1)
	w.send(1300.1, clt, packet.ACK, 1, 1)
	w.send(2300, srv, sack, 0, 1)
	w.send(2300.1, clt, packet.ACK, 1, 1)
	w.serve(2600)
	for _, f := range w.judge(10_000) {
		if f.Severity == Problem || f.Severity == Warning && f.Scenario == "stuck-syn-recv-server-ignores-ack" {
			t.Errorf("%s is reported as %s", f.Scenario, f.Severity)
		}
	}
}

func TestACKRefusedByTheListenerIsNoIdleZombie(t *testing.T) {
	w := newWire()
	w.handshake(0)
	w.serve(3)
	w.next()
	w.handshake(100)
	w.send(102.02, srv, packet.RST, 1, 0)
	fs := w.judge(5000)
	wants(t, fs, "accept-queue-overflow", Problem, Certain, Likely)
	silent(t, fs, "idle-client-half-open-zombie")
}

func TestFirstDataRefusedAfterSilence(t *testing.T) {
	w := newWire()
	w.handshake(0)
	w.send(60_000, clt, push, 1, 1, length(200))
	w.send(60_000.02, srv, packet.RST, 1, 0)
	wants(t, w.judge(61_000), "idle-client-half-open-zombie", Problem, Likely, Possible)
}

func TestOtherPathByMACs(t *testing.T) {
	stuck := func(back [6]byte) []Finding {
		w := newWire()
		w.back = back
		w.send(0, clt, packet.SYN, 0, 0)
		w.send(0.1, srv, sack, 0, 1)
		w.send(1000, srv, sack, 0, 1)
		w.send(1010, clt, packet.SYN, 0, 0)
		w.send(1010.1, srv, sack, 0, 1)
		return w.judge(9000)
	}
	f := stuck([6]byte{2, 0, 0, 0, 0, 5})
	wants(t, f, "synack-leaves-by-other-path", Problem, Certain, Possible)
	if f[0].Scenario != "synack-leaves-by-other-path" {
		t.Errorf("headline %s", f[0].Scenario)
	}
	silent(t, stuck([6]byte{2, 0, 0, 0, 0, 1}), "synack-leaves-by-other-path")
	silent(t, stuck([6]byte{0, 0, 0x5e, 0, 1, 7}), "synack-leaves-by-other-path") // VRRP
}

func TestRefusalAndFallback(t *testing.T) {
	refuse := func(w *wire, ms float64) {
		w.send(ms, clt, packet.SYN, 0, 0)
		w.send(ms+0.3, srv, packet.RST|packet.ACK, -w.isn[1], 1, func(p *packet.Packet) { p.Seq = 0 })
	}
	w := newWire()
	refuse(w, 0)
	wants(t, w.judge(5000), "conn-refused-rst", Problem, Certain, Possible)

	w = newWire()
	refuse(w, 0)
	w.next()
	w.server = netip.MustParseAddrPort("198.51.100.10:80")
	w.handshake(5)
	w.serve(8)
	wants(t, w.judge(5000), "conn-refused-rst", Warning, Certain, Possible)

	w = newWire()
	for i := range 60 {
		w.server = netip.AddrPortFrom(w.server.Addr(), uint16(i+1))
		refuse(w, float64(10*i))
		w.next()
	}
	fs := w.judge(5000)
	silent(t, fs, "conn-refused-rst")
	wants(t, fs, "health-check-or-scan", Info, Likely, Likely)
}

func TestSilenceNeedsMoreThanOneLostSYN(t *testing.T) {
	w := newWire()
	w.send(0, clt, packet.SYN, 0, 0)
	if fs := w.judge(60_000); len(fs) > 0 {
		t.Errorf("a lone SYN in a capture of SYNs: %v", names(fs))
	}
	w = newWire()
	for _, ms := range []float64{0, 1000, 3000, 7000} {
		w.send(ms, clt, packet.SYN, 0, 0)
	}
	wants(t, w.judge(9000), "syn-no-answer", Problem, Certain, Possible)

	w = newWire() // an application that opens a new socket for each try, beside a server that answers
	for i := range 4 {
		w.send(float64(500*i), clt, packet.SYN, 0, 0)
		w.next()
	}
	w.server = netip.MustParseAddrPort("198.51.100.10:443")
	w.handshake(3000)
	w.serve(3003)
	wants(t, w.judge(20_000), "syn-no-answer", Problem, Certain, Possible)
}

func TestECNIsNotBlamedWhereItWorks(t *testing.T) {
	ecn := func(p *packet.Packet) { p.Flags |= packet.ECE | packet.CWR }
	lost := func(w *wire, ms float64) {
		w.send(ms, clt, packet.SYN, 0, 0, ecn)
		w.send(ms+1010, clt, packet.SYN, 0, 0)
		w.send(ms+1010.1, srv, sack, 0, 1)
		w.send(ms+1012, clt, packet.ACK, 1, 1)
		w.serve(ms + 1013)
		w.next()
	}
	w := newWire()
	lost(w, 0)
	lost(w, 3000)
	wants(t, w.judge(9000), "ecn-blackhole", Warning, Certain, Likely)

	w = newWire()
	lost(w, 0)
	w.handshake(3000, ecn)
	w.serve(3003)
	fs := w.judge(9000)
	silent(t, fs, "ecn-blackhole")
	wants(t, fs, "syn-no-answer", Warning, Certain, Possible)
}

// closeFirst feeds a connection that the server closes first.
func (w *wire) closeFirst(ms float64, ts uint32) {
	w.send(ms, clt, packet.SYN, 0, 0, stamp(ts))
	w.send(ms+1, srv, sack, 0, 1, stamp(7))
	w.send(ms+2, clt, push, 1, 1, stamp(ts+2), length(10))
	w.send(ms+3, srv, packet.ACK|packet.FIN, 1, 11, stamp(7))
	w.send(ms+4, clt, packet.ACK|packet.FIN, 11, 2, stamp(ts+4))
	w.send(ms+5, srv, packet.ACK, 2, 12, stamp(7))
	w.next()
}

func TestRecycleRuleNeedsEveryDropUnanswered(t *testing.T) {
	traffic := func(answered bool) []Finding {
		w := newWire()
		for i := range 4 {
			ms := float64(4000 * i)
			w.closeFirst(ms, uint32(1_000_000_000+int(ms)))
			w.send(ms+500, clt, packet.SYN, 0, 0, stamp(uint32(400_000_500+int(ms))))
			w.send(ms+1500, clt, packet.SYN, 0, 0, stamp(uint32(400_001_500+int(ms))))
			w.next()
		}
		if answered { // a SYN with an older timestamp that the server takes
			w.closeFirst(15_000, 400_015_000)
		}
		return w.judge(30_000)
	}
	f := wants(t, traffic(false), "syn-dropped-tw-recycle-snat", Problem, Certain, Likely)
	if f.Count != 4 {
		t.Errorf("%d connections, want 4", f.Count)
	}
	silent(t, traffic(true), "syn-dropped-tw-recycle-snat")
}

func TestProbesRepeatNoSequenceNumber(t *testing.T) {
	w := newWire()
	for i := range 5 {
		ms := float64(1000 * i)
		w.send(ms, clt, packet.SYN, 0, 0)
		w.send(ms+0.1, srv, sack, 0, 1)
		w.send(ms+0.2, clt, packet.RST, 1, 0)
		w.next()
	}
	wants(t, w.judge(9000), "health-check-or-scan", Info, Likely, Likely)

	w = newWire() // the same SYN again and again: somebody waits for an answer
	for i := range 4 {
		ms := float64(1000 * i)
		w.send(ms, clt, packet.SYN, 0, 0)
		w.isn[1] += 15_625_000
		w.send(ms+0.1, srv, sack, 0, 1)
		w.send(ms+0.2, clt, packet.RST, 1, 0)
	}
	silent(t, w.judge(9000), "health-check-or-scan")
}

func TestOneWayNeedsAFrozenAcknowledgement(t *testing.T) {
	oneWay := func(ack uint32) []Finding {
		w := newWire()
		w.send(0, clt, packet.SYN, 0, 0)
		w.send(2, clt, packet.ACK, 1, 1)
		for _, ms := range []float64{3, 210, 630, 1470} {
			w.send(ms, clt, push, 1, ack, length(80))
		}
		return w.judge(9000)
	}
	wants(t, oneWay(1), "asymmetric-routing-stateful-drop", Problem, Certain, Likely)
	silent(t, oneWay(500), "asymmetric-routing-stateful-drop")
}

func TestPaddingThatAlignsIsNoStripping(t *testing.T) {
	w := newWire()
	all := packet.OptMSS | packet.OptWindowScale | packet.OptTimestamps | packet.OptNOPRun
	w.handshake(0, options(all))
	w.serve(3)
	silent(t, w.judge(9000), "options-stripped")

	w = newWire()
	w.handshake(0, options(packet.OptMSS|packet.OptNOPRun))
	w.serve(3)
	wants(t, w.judge(9000), "options-stripped", Info, Likely, Likely)
}
