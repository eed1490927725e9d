package analyzer_test

import (
	"encoding/binary"
	"math/rand/v2"
)

// traffic writes captures of any size for benchmarks: TCP connections with
// handshake, data, acknowledgements and close, interleaved; one connection in
// twenty sends a segment twice. It is no test data of trouble: only its shape and cost count.
type traffic struct {
	out     []byte
	random  *rand.Rand
	time    int64 // microseconds
	snap    int   // bytes kept of a frame
	payload int   // bytes per data segment
	flows   []flow
	packets int
}

type flow struct {
	client, server uint32
	port           uint16
	seq, ack       uint32
	left           int // data segments to send
	state          int
	id             uint16
	again          bool // the next data segment is sent twice
}

// shape is a kind of traffic: how large its segments are, how much of a frame
// is kept, how long a connection is, how many run at once.
type shape struct {
	name                            string
	payload, snap, segments, atOnce int
}

var shapes = []shape{
	{"bulk", 1400, 65535, 100, 32},
	{"small", 60, 96, 100, 64},
	{"flows", 100, 65535, 2, 1000},
}

// generate makes a pcap file of about the given size in bytes.
func generate(s shape, size int) (data []byte, packets int) {
	t := &traffic{out: make([]byte, 0, size+1<<16), random: rand.New(rand.NewPCG(1, 2)), snap: s.snap, payload: s.payload}
	t.header()
	for i := range s.atOnce {
		t.flows = append(t.flows, t.open(i, s))
	}
	for n := s.atOnce; len(t.out) < size; {
		i := t.random.IntN(len(t.flows))
		if t.step(&t.flows[i]) {
			t.flows[i] = t.open(n, s)
			n++
		}
	}
	return t.out, t.packets
}

func (t *traffic) header() {
	h := make([]byte, 24)
	binary.LittleEndian.PutUint32(h, 0xa1b2c3d4)
	binary.LittleEndian.PutUint16(h[4:], 2)
	binary.LittleEndian.PutUint16(h[6:], 4)
	binary.LittleEndian.PutUint32(h[16:], 65535)
	binary.LittleEndian.PutUint32(h[20:], 1)
	t.out = append(t.out, h...)
}

func (t *traffic) open(n int, s shape) flow {
	return flow{client: 0x0a000000 + uint32(n%50000) + 1, server: 0xc0a80000 + uint32(n%200) + 1, port: uint16(1024 + n*7%60000),
		seq: t.random.Uint32(), ack: t.random.Uint32(), left: s.segments, again: n%20 == 7}
}

// step sends a flow's next packet; true when the flow is over.
func (t *traffic) step(f *flow) bool {
	switch f.state {
	case 0:
		t.tcp(f, true, 0x02, 0)
		f.seq++
	case 1:
		t.tcp(f, false, 0x12, 0)
		f.ack++
	case 2:
		t.tcp(f, true, 0x10, 0)
	case 3:
		t.tcp(f, true, 0x18, t.payload)
		if f.again {
			f.again = false
			return false
		}
		f.seq += uint32(t.payload)
		if f.left--; f.left > 0 && f.left%2 == 1 {
			return false
		}
	case 4:
		t.tcp(f, false, 0x10, 0)
		if f.left > 0 {
			f.state = 2
		}
	case 5:
		t.tcp(f, true, 0x11, 0)
		f.seq++
	case 6:
		t.tcp(f, false, 0x11, 0)
		f.ack++
	case 7:
		t.tcp(f, true, 0x10, 0)
		return true
	}
	f.state++
	return false
}

func (t *traffic) tcp(f *flow, forward bool, flags byte, payload int) {
	t.packets++
	t.time += int64(t.random.IntN(20) + 1)
	frame := make([]byte, 54+payload)
	copy(frame, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0})
	ip := frame[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(ip[2:], uint16(40+payload))
	f.id++
	binary.BigEndian.PutUint16(ip[4:], f.id)
	ip[6] = 0x40
	src, dst, sport, dport, seq, ack := f.client, f.server, f.port, uint16(443), f.seq, f.ack
	if !forward {
		src, dst, sport, dport, seq, ack = dst, src, dport, sport, f.ack, f.seq
	}
	binary.BigEndian.PutUint32(ip[12:], src)
	binary.BigEndian.PutUint32(ip[16:], dst)
	tcp := ip[20:]
	binary.BigEndian.PutUint16(tcp, sport)
	binary.BigEndian.PutUint16(tcp[2:], dport)
	binary.BigEndian.PutUint32(tcp[4:], seq)
	if flags&0x10 != 0 {
		binary.BigEndian.PutUint32(tcp[8:], ack)
	}
	tcp[12], tcp[13] = 0x50, flags
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	t.record(frame)
}

func (t *traffic) record(frame []byte) {
	kept := min(len(frame), t.snap)
	var h [16]byte
	binary.LittleEndian.PutUint32(h[:], 1_700_000_000+uint32(t.time/1_000_000))
	binary.LittleEndian.PutUint32(h[4:], uint32(t.time%1_000_000))
	binary.LittleEndian.PutUint32(h[8:], uint32(kept))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(frame)))
	t.out = append(t.out, h[:]...)
	t.out = append(t.out, frame[:kept]...)
}
