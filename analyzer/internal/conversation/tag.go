package conversation

import "math/bits"

// Tags is the set of things a packet is, in Wireshark's words (tcp.analysis.*)
// and a few of our own that Wireshark has no word for.
type Tags uint64

// The tags. Up to TagFastOpenRequest they carry Wireshark's names and meanings.
const (
	TagRetransmission Tags = 1 << iota
	TagFastRetransmission
	TagSpuriousRetransmission
	TagOutOfOrder
	TagLostSegment // a segment before this one is not in the capture
	TagAckLostSegment
	TagDuplicateAck
	TagWindowUpdate
	TagWindowFull
	TagZeroWindow
	TagZeroWindowProbe
	TagZeroWindowProbeAck
	TagKeepAlive
	TagKeepAliveAck
	TagReusedPorts
	TagFastOpenRequest
	TagFastOpenCookie
	TagFastOpenData
	TagPartialAck // acknowledges only a part of the Fast Open data

	// Ours.
	TagCopy         // recorded again: same packet as one before it
	TagRTO          // retransmission after the retransmission timer
	TagTailProbe    // tail loss probe: the last segment again, well before the timer
	TagStray        // fits neither side's sequence space of this incarnation
	TagEarlier      // fits the incarnation before this one
	TagDSACK        // carries a duplicate SACK (RFC 2883)
	TagSACK         // carries a SACK block above its acknowledgement
	TagChallengeAck // an acknowledgement that answers a segment the side would not accept (RFC 5961)
	TagClosedPort   // a RST that refuses a SYN
	TagBadChecksum
	TagFillsHole // carries bytes that the capture had not seen, below others it had
	TagLate      // fills a hole, and its IP ID or timestamp is older than those before it: it was sent first
	TagConflict  // brings other bytes than before for the same sequence numbers
)

// tagNames are in bit order.
var tagNames = []string{
	"retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order",
	"lost_segment", "ack_lost_segment", "duplicate_ack", "window_update", "window_full",
	"zero_window", "zero_window_probe", "zero_window_probe_ack", "keep_alive",
	"keep_alive_ack", "reused_ports", "tfo_syn", "tfo_cookie", "tfo_data", "tfo_ack_partial",
	"duplicate_capture", "rto", "tail_loss_probe", "stray", "earlier_connection", "dsack",
	"sack", "challenge_ack", "closed_port", "bad_checksum", "fills_hole",
	"late_original", "conflicting_payload",
}

// Repeat is the set of tags that say bytes were sent before.
const Repeat = TagRetransmission | TagFastRetransmission | TagSpuriousRetransmission | TagRTO | TagTailProbe

// Has reports whether any tag of the set is present.
func (t Tags) Has(set Tags) bool { return t&set != 0 }

// Names lists the tags' names in a fixed order.
func (t Tags) Names() []string {
	names := make([]string, 0, bits.OnesCount64(uint64(t)))
	for v := uint64(t); v != 0; v &= v - 1 {
		names = append(names, tagNames[bits.TrailingZeros64(v)])
	}
	return names
}

// TagCounts counts packets per tag, indexed by bit number; see Count.
type TagCounts [tagCount]uint32

const tagCount = 32 // a test holds it to len(tagNames)

// Count is how many packets carry the tag (a single one).
func (n *TagCounts) Count(t Tags) int {
	if n == nil {
		return 0
	}
	return int(n[bits.TrailingZeros64(uint64(t))])
}

func (n *TagCounts) add(t Tags) {
	for v := uint64(t); v != 0; v &= v - 1 {
		n[bits.TrailingZeros64(v)]++
	}
}
