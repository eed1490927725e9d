package ladder

import (
	"fmt"
	"net/netip"
	"strconv"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// rows makes a row of each item, and of what was left out before it.
func (b *builder) rows() []Row {
	var out []Row
	for _, it := range b.items {
		if it.skipped > 0 {
			out = append(out, b.leftOut(&it, out))
		}
		switch {
		case it.event != nil:
			out = append(out, b.eventRow(&it))
		case it.icmp != nil:
			out = append(out, b.icmpRow(&it))
		default:
			r := b.packetRow(&it)
			out = append(out, r)
			if m := b.marks[it.number]; m != nil && m.HopTo.IsValid() {
				out = b.hop(out, &r, m.HopTo, m.HopNote)
			}
		}
	}
	return out
}

func (b *builder) leftOut(it *item, before []Row) Row {
	first := it.number - it.skipped
	if len(before) > 0 && before[len(before)-1].Number > 0 {
		first = before[len(before)-1].Number + 1
	}
	r := Row{Kind: RowFold, FoldStyle: "bulk", At: b.at(it.time), Count: it.skipped, FoldFirst: first, FoldLast: it.number - 1, Window: -1}
	r.Label = lang.T("%s of data and acknowledgements", "%s数据与确认", lang.Count(it.skipped, "packet", "packets", "个包的"))
	return r
}

func (b *builder) eventRow(it *item) Row {
	e := it.event
	lane, _ := b.lanes.find(e.Endpoint)
	r := Row{Kind: RowEvent, At: b.at(e.Time), Lane: lane, From: lane, To: lane, Label: e.Label, Reason: e.Reason,
		Approximate: e.Approximate, Window: -1, Inferred: true}
	if e.Sentence > 0 {
		r.Callouts = []int{e.Sentence}
	}
	return r
}

func (b *builder) icmpRow(it *item) Row {
	m := it.icmp
	r := Row{Kind: RowPacket, Number: it.number, At: b.at(it.time), Class: ClassOther, Flags: icmpName(m), Window: -1, OneWay: -1,
		Evidence: b.proof[it.number], Callouts: b.calls[it.number]}
	r.From = b.lanes.byHost[m.Src]
	r.To = b.icmpTarget(m)
	b.annotate(&r)
	return r
}

func (b *builder) icmpTarget(m *conversation.ICMP) int {
	if i, ok := b.lanes.find(netip.AddrPortFrom(m.Quote.Src, m.Quote.SrcPort)); ok {
		return i
	}
	if i, ok := b.lanes.byHost[m.Dst]; ok {
		return i
	}
	return 0
}

// icmpNames are the words for the errors that stop TCP (RFC 792, RFC 1122,
// RFC 4443).
var icmpNames = map[[3]int]string{
	{4, 3, 0}: "ICMP net unreachable", {4, 3, 1}: "ICMP host unreachable", {4, 3, 2}: "ICMP protocol unreachable",
	{4, 3, 3}: "ICMP port unreachable", {4, 3, 4}: "ICMP fragmentation needed", {4, 3, 9}: "ICMP net prohibited",
	{4, 3, 10}: "ICMP host prohibited", {4, 3, 13}: "ICMP prohibited", {4, 11, 0}: "ICMP TTL exceeded", {4, 11, 1}: "ICMP reassembly time exceeded",
	{6, 1, 0}: "ICMPv6 no route", {6, 1, 1}: "ICMPv6 prohibited", {6, 1, 3}: "ICMPv6 address unreachable", {6, 1, 4}: "ICMPv6 port unreachable",
	{6, 2, 0}: "ICMPv6 packet too big", {6, 3, 0}: "ICMPv6 hop limit exceeded",
}

func icmpName(m *conversation.ICMP) string {
	v := 4
	if m.V6 {
		v = 6
	}
	if s, ok := icmpNames[[3]int{v, int(m.Type), int(m.Code)}]; ok {
		return s
	}
	return fmt.Sprintf("ICMP %d/%d", m.Type, m.Code)
}

func (b *builder) packetRow(it *item) Row {
	c, s := it.c, &it.c.Segments[it.at]
	from, _ := b.lanes.find(c.Addr(s.From))
	to, _ := b.lanes.find(c.Addr(s.From.Other()))
	r := Row{Kind: RowPacket, Number: it.number, At: b.at(it.time), From: from, To: to, Class: class(s), Flags: FlagWords(s),
		Length: int(s.Len), Window: effective(c, s), Tags: s.Tags.Names(),
		Evidence: b.proof[it.number], Callouts: b.calls[it.number]}
	r.Seq, r.Ack = Numbers(c, s)
	r.Detail = b.detail(c, s)
	b.repetition(&r, c, s)
	r.OneWay, r.Exact = b.slope(c, s)
	b.annotate(&r)
	return r
}

// Numbers are a segment's sequence and acknowledgement number as a person reads
// them: relative to the start, or as they stand when they are not this
// connection's. ack is "" without the flag, seq is "" where it says nothing.
func Numbers(c *conversation.Conversation, s *conversation.Segment) (seq, ack string) {
	stray := s.Tags.Has(conversation.TagStray | conversation.TagEarlier)
	switch {
	case stray:
		seq = strconv.FormatUint(uint64(s.Seq), 10)
	case s.Flags&packet.SYN != 0:
		seq = "0"
	case s.Reset() && s.Flags&packet.ACK != 0 && s.Seq == 0:
	default:
		seq = relative(c.RelSeq(s), s.Seq)
	}
	if s.Flags&packet.ACK == 0 {
		return seq, ""
	}
	if stray {
		return seq, strconv.FormatUint(uint64(s.Ack), 10)
	}
	return seq, relative(c.RelAck(s), s.Ack)
}

// detail names selective acknowledgements, the first two blocks of them.
func (b *builder) detail(c *conversation.Conversation, s *conversation.Segment) lang.Text {
	x := b.set.ExtraOf(s)
	if x == nil || len(x.SACK) == 0 || s.Flags&packet.SYN != 0 {
		return lang.Text{}
	}
	start := s.Ack - c.RelAck(s)
	word := "SACK"
	if s.Tags.Has(conversation.TagDSACK) {
		word = "D-SACK"
	}
	text := word
	for i, block := range x.SACK[:min(len(x.SACK), 2)] {
		if i > 0 {
			text += ","
		}
		text += " " + relative(block.Left-start, block.Left) + "–" + relative(block.Right-start, block.Right)
	}
	return lang.Same(text)
}

// relative gives the small number where it is one; a number that would be
// negative or huge belongs to somebody else and is shown as it stands.
func relative(rel, abs uint32) string {
	if rel > 1<<31 {
		if rel > 1<<32-1<<20 {
			return "-" + strconv.FormatUint(uint64(-rel), 10)
		}
		return strconv.FormatUint(uint64(abs), 10)
	}
	return strconv.FormatUint(uint64(rel), 10)
}

func class(s *conversation.Segment) string {
	switch {
	case s.Reset():
		return ClassReset
	case s.Flags&(packet.SYN|packet.FIN) != 0:
		return ClassControl
	case s.Len > 0:
		return ClassData
	}
	return ClassAck
}

// FlagWords names a segment's flags as engineers say them: "SYN-ACK",
// "PSH-ACK", "FIN-ACK", "RST".
func FlagWords(s *conversation.Segment) string {
	words := ""
	add := func(bit uint8, w string) {
		if s.Flags&bit == 0 {
			return
		}
		if words != "" {
			words += "-"
		}
		words += w
	}
	add(packet.SYN, "SYN")
	add(packet.FIN, "FIN")
	add(packet.RST, "RST")
	add(packet.PSH, "PSH")
	add(packet.ACK, "ACK")
	if words == "" {
		words = "no flags"
	}
	if words == "ACK" && s.Tags.Has(conversation.TagDuplicateAck) {
		words = "DupACK"
	}
	return words
}

// repetition ties a segment to its first sending.
func (b *builder) repetition(r *Row, c *conversation.Conversation, s *conversation.Segment) {
	if s.SegmentLen() == 0 || s.Reset() {
		return
	}
	k := seriesKey{c.ID, s.From, s.Seq, s.Flags&packet.SYN != 0}
	if first, ok := b.first[k]; ok {
		if s.Tags.Has(conversation.Repeat|conversation.TagOutOfOrder) || s.Flags&packet.SYN != 0 {
			r.Repeated, r.Repeats = true, first
		}
		return
	}
	b.first[k] = int(s.Number)
	r.Repeated = s.Tags.Has(conversation.Repeat)
}

// slope is half the smallest round trip, exact at the end that was captured.
func (b *builder) slope(c *conversation.Conversation, s *conversation.Segment) (oneWay float64, exact string) {
	oneWay = -1
	if rtt := c.RTT(); rtt > 0 {
		oneWay = float64(rtt) / 2
	}
	for i, side := range []conversation.Side{conversation.Client, conversation.Server} {
		if lane, ok := b.lanes.find(c.Addr(side)); ok && b.ladder.Lanes[lane].CapturedHere {
			if s.From == conversation.Side(i) {
				return oneWay, "from"
			}
			return oneWay, "to"
		}
	}
	return oneWay, ""
}

// annotate adds what the finding wants said at the arrow.
func (b *builder) annotate(r *Row) {
	if m := b.marks[r.Number]; m != nil {
		r.Ignored, r.Lost = r.Ignored || m.Ignored, r.Lost || m.Lost
		r.SenderNote, r.ReceiverNote = m.SenderNote, m.ReceiverNote
	}
	if r.Evidence {
		r.Ring = "from"
	}
}

// hop draws how a packet went on to another endpoint, unseen.
func (b *builder) hop(rows []Row, of *Row, to netip.AddrPort, note lang.Text) []Row {
	lane, ok := b.lanes.find(to)
	if !ok {
		return rows
	}
	for i := range rows {
		if rows[i].Kind == RowHop && rows[i].Label == note {
			note = lang.Text{} // said once per ladder
		}
	}
	return append(rows, Row{Kind: RowHop, At: of.At, From: of.To, To: lane, Inferred: true, Label: note, Window: -1, OneWay: -1})
}
