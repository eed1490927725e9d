package conversation

import (
	"encoding/binary"
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// key is a 4-tuple inside an encapsulation, the same for both directions: the
// lower endpoint first.
type key struct {
	low, high         [16]byte
	lowPort, highPort uint16
	tunnel            uint32
}

// keyOf gives a packet's key and whether its source is the high end.
func keyOf(p *packet.Packet) (k key, fromHigh bool) {
	src, dst := p.Src.As16(), p.Dst.As16()
	fromHigh = compare(&src, p.SrcPort, &dst, p.DstPort) > 0
	if fromHigh {
		src, dst = dst, src
		k.lowPort, k.highPort = p.DstPort, p.SrcPort
	} else {
		k.lowPort, k.highPort = p.SrcPort, p.DstPort
	}
	k.low, k.high, k.tunnel = src, dst, p.Tunnel
	return k, fromHigh
}

func compare(a *[16]byte, ap uint16, b *[16]byte, bp uint16) int {
	for i := 0; i < 16; i += 8 {
		x, y := binary.BigEndian.Uint64(a[i:]), binary.BigEndian.Uint64(b[i:])
		if x != y {
			if x > y {
				return 1
			}
			return -1
		}
	}
	return int(ap) - int(bp)
}

func (k *key) hash() uint64 {
	h := binary.LittleEndian.Uint64(k.low[8:]) ^ binary.LittleEndian.Uint64(k.low[:])*0x9E3779B97F4A7C15
	h = (h ^ h>>32) * 0xD6E8FEB86659FD93
	h ^= binary.LittleEndian.Uint64(k.high[8:]) ^ binary.LittleEndian.Uint64(k.high[:])*0xC2B2AE3D27D4EB4F
	h = (h ^ h>>32) * 0xD6E8FEB86659FD93
	h ^= uint64(k.lowPort)<<48 | uint64(k.highPort)<<32 | uint64(k.tunnel)
	h = (h ^ h>>32) * 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// table finds the newest incarnation of a key. Open addressing instead of Go's
// map: one probe sequence and no hashing of the key's padding cost a third of
// the time per packet.
type table struct {
	slots   []uint32 // index+1 into entries, 0 for none; length a power of two
	entries []entry
}

type entry struct {
	key     key
	hash    uint64
	current *Conversation
	twin    *Conversation // the other leg under this tuple, nil for none; see twinSYN
}

// find returns the entry of the key, made if it was not there.
func (t *table) find(k *key) *entry {
	if len(t.entries)*2 >= len(t.slots) {
		t.grow()
	}
	h := k.hash()
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := t.slots[i]
		if n == 0 {
			t.entries = append(t.entries, entry{key: *k, hash: h})
			t.slots[i] = uint32(len(t.entries))
			return &t.entries[len(t.entries)-1]
		}
		if e := &t.entries[n-1]; e.hash == h && e.key == *k {
			return e
		}
	}
}

func (t *table) grow() {
	size := max(1024, 2*len(t.slots))
	t.slots = make([]uint32, size)
	mask := uint64(size - 1)
	for n := range t.entries {
		i := t.entries[n].hash & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}

// lookup finds the newest conversation between two endpoints, whichever of
// them is the client; nil when there is none outside a tunnel.
func (t *table) lookup(src netip.AddrPort, dst netip.AddrPort, tunnel uint32) *Conversation {
	if len(t.slots) == 0 {
		return nil
	}
	p := packet.Packet{Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(), Tunnel: tunnel}
	k, _ := keyOf(&p)
	h := k.hash()
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if e := &t.entries[t.slots[i]-1]; e.hash == h && e.key == k {
			return e.current
		}
	}
	return nil
}
