// Command listings rebuilds the packet listings of the articles as captures.
// The listings say which packet went where with which numbers; this program
// writes exactly those packets. What a listing does not say (MAC addresses, IP
// IDs, TTLs) is filled with plain values, and the rebuilt captures are marked as
// such in captures.tsv.
//
//	go run ./testdata/listings            writes the captures below testdata/
package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// listing is one capture to rebuild. A line is: time of day, source, target,
// flags (S A P R F), sequence, acknowledgement, window, payload bytes, and
// options as mss=, ws=, sackok, ts=val/ecr, sack=left-right. Numbers that end in
// + count from the side's initial sequence number.
type listing struct {
	file, date string
	wire       bool // frames from outside were padded to 60 bytes by the wire
	local      string
	lines      string
}

// The first listing of "Beneath the TCP Handshakes in Modern Networking
// Infrastructures" (ArthurChiao, 2019-10-11), section 1.2: six packets.
const wrongAddress = `
18:56:40.353352 10.4.26.45:35582 10.4.26.234:80 S 853654705 0 29200 0
18:56:40.353506 10.4.26.11:80 10.4.26.45:35582 SA 914414059 853654706 28960 0
18:56:40.353521 10.4.26.45:35582 10.4.26.11:80 R 853654706 0 0 0
18:56:41.395322 10.4.26.45:35582 10.4.26.234:80 S 853654705 0 29200 0
18:56:41.395441 10.4.26.11:80 10.4.26.45:35582 SA 930694343 853654706 28960 0
18:56:41.395457 10.4.26.45:35582 10.4.26.11:80 R 853654706 0 0 0
`

// Section 2.2 of the same article: six packets. As printed, the two directions
// carry different second octets; repaired gives both the client's view.
const sidecar = `
12:10:30.083284 10.6.2.2:51136 10.7.3.3:8080 S 1658620893 0 29200 0
12:10:30.083513 10.6.3.3:8080 10.7.2.2:51136 SA 2918345428 1658620894 28960 0
12:10:30.083612 10.6.2.2:51136 10.7.3.3:8080 A 1658620894 2918345429 229 0
12:10:30.083899 10.6.2.2:51136 10.7.3.3:8080 PA 1658620894 2918345429 229 106
12:10:30.084038 10.6.3.3:8080 10.7.2.2:51136 A 2918345429 1658621000 227 0
12:10:30.084251 10.6.3.3:8080 10.7.2.2:51136 RA 2918345429 1658621000 227 0
`

// The listing of the article on connections stuck in SYN_RECV: fifteen packets,
// numbers relative, so both initial sequence numbers here are arbitrary.
const stuck = `
08:42:18.387260 81.74.146.89:64866 124.219.82.236:80 S 0+ 0 5840 0 mss=1460 sackok ts=988669132/0 ws=3
08:42:18.387309 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:42:18.387354 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0
08:42:21.386871 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:42:21.387118 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0 sack=0-1
08:42:27.386919 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:42:27.387165 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0 sack=0-1
08:42:39.387130 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:42:39.387376 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0 sack=0-1
08:43:03.387486 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:43:03.387709 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0 sack=0-1
08:43:51.588227 124.219.82.236:80 81.74.146.89:64866 SA 0+ 1+ 5840 0 mss=1460 sackok
08:43:51.588449 81.74.146.89:64866 124.219.82.236:80 A 1+ 1+ 5840 0 sack=0-1
08:57:13.679727 81.74.146.89:64866 124.219.82.236:80 PA 1+ 1+ 5840 299
08:57:13.679740 124.219.82.236:80 81.74.146.89:64866 R 1+ 0 0 0
`

var listings = []listing{
	{file: "synack-from-wrong-address/listing-client.pcap", date: "2019-10-11", lines: wrongAddress},
	{file: "data-acked-then-reset-by-proxy/listing-client.pcap", date: "2019-10-11",
		lines: strings.NewReplacer("10.6.3.3", "10.7.3.3", "10.7.2.2", "10.6.2.2").Replace(sidecar)},
	{file: "synack-from-wrong-address/near-miss-listing-client.pcap", date: "2019-10-11", lines: sidecar},
	{file: "stuck-syn-recv-server-ignores-ack/listing-server.pcap", date: "2021-01-01", wire: true, local: "124.219.82.236", lines: stuck},
}

func main() {
	for _, l := range listings {
		if err := l.write(filepath.Join("testdata", l.file)); err != nil {
			fmt.Fprintln(os.Stderr, "listings:", err)
			os.Exit(1)
		}
	}
}

func (l *listing) write(path string) error {
	out := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	out = append(out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	out = binary.LittleEndian.AppendUint32(out, 65535)
	out = binary.LittleEndian.AppendUint32(out, uint32(layers.LinkTypeEthernet))
	for i, line := range strings.Split(strings.TrimSpace(l.lines), "\n") {
		frame, at, err := l.frame(line, i)
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", path, i+1, err)
		}
		for _, v := range []uint32{uint32(at.Unix()), uint32(at.Nanosecond() / 1000), uint32(len(frame)), uint32(len(frame))} {
			out = binary.LittleEndian.AppendUint32(out, v)
		}
		out = append(out, frame...)
	}
	return os.WriteFile(path, out, 0o644)
}

// frame builds one line's frame.
func (l *listing) frame(line string, n int) ([]byte, time.Time, error) {
	cells := strings.Fields(line)
	at, err := time.Parse("2006-01-02 15:04:05.000000", l.date+" "+cells[0])
	if err != nil {
		return nil, at, err
	}
	src, sport := endpoint(cells[1])
	dst, dport := endpoint(cells[2])
	flags := cells[3]
	tcp := &layers.TCP{SrcPort: layers.TCPPort(sport), DstPort: layers.TCPPort(dport), Window: uint16(number(cells[6], src)),
		Seq: number(cells[4], src), Ack: number(cells[5], dst), SYN: strings.Contains(flags, "S"), ACK: strings.Contains(flags, "A"),
		PSH: strings.Contains(flags, "P"), RST: strings.Contains(flags, "R"), FIN: strings.Contains(flags, "F"), Options: options(cells[8:], dst)}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: src, DstIP: dst, Flags: layers.IPv4DontFragment}
	if !tcp.SYN && !tcp.RST {
		ip.Id = uint16(0x4000 + n)
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, at, err
	}
	ethernet := &layers.Ethernet{SrcMAC: mac(src), DstMAC: mac(dst), EthernetType: layers.EthernetTypeIPv4}
	buffer := gopacket.NewSerializeBuffer()
	payload := gopacket.Payload(make([]byte, number(cells[7], src)))
	err = gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ethernet, ip, tcp, payload)
	frame := buffer.Bytes()
	// The serializer pads; a host sees its own frames before they are padded.
	frame = frame[:14+int(binary.BigEndian.Uint16(frame[16:]))]
	if l.wire && src.String() != l.local {
		frame = append(frame, make([]byte, max(0, 60-len(frame)))...)
	}
	return frame, at, err
}

func endpoint(s string) (net.IP, int) {
	host, port, _ := strings.Cut(s, ":")
	n, _ := strconv.Atoi(port)
	return net.ParseIP(host).To4(), n
}

// start is the initial sequence number given to a side whose listing counts
// from zero.
func start(ip net.IP) uint32 { return 0x10000000 + uint32(ip[3])<<16 }

func number(s string, of net.IP) uint32 {
	relative := strings.HasSuffix(s, "+")
	n, _ := strconv.ParseUint(strings.TrimSuffix(s, "+"), 10, 32)
	if relative {
		return start(of) + uint32(n)
	}
	return uint32(n)
}

func mac(ip net.IP) net.HardwareAddr { return net.HardwareAddr{2, 0, ip[0], ip[1], ip[2], ip[3]} }

func options(words []string, peer net.IP) []layers.TCPOption {
	var out []layers.TCPOption
	add := func(kind layers.TCPOptionKind, data ...byte) {
		out = append(out, layers.TCPOption{OptionType: kind, OptionLength: uint8(len(data) + 2), OptionData: data})
	}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		a, b, _ := strings.Cut(strings.ReplaceAll(value, "-", "/"), "/")
		x, _ := strconv.ParseUint(a, 10, 32)
		y, _ := strconv.ParseUint(b, 10, 32)
		switch key {
		case "mss":
			add(layers.TCPOptionKindMSS, byte(x>>8), byte(x))
		case "ws":
			add(layers.TCPOptionKindWindowScale, byte(x))
		case "sackok":
			add(layers.TCPOptionKindSACKPermitted)
		case "ts":
			add(layers.TCPOptionKindTimestamps, word(uint32(x), uint32(y))...)
		case "sack":
			add(layers.TCPOptionKindSACK, word(start(peer)+uint32(x), start(peer)+uint32(y))...)
		}
	}
	return out
}

func word(values ...uint32) []byte {
	var out []byte
	for _, v := range values {
		out = append(out, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return out
}
