package conversation

import "pcaplain/analyzer/internal/packet"

// Oversize is what shows that a side's large segments never arrive while its
// small ones do. Indexes point into Conversation.Segments; -1 is none.
type Oversize struct {
	From Side
	// Lost are the sendings of large segments that did not arrive, in order;
	// empty when the capture is behind the place where they vanish.
	Lost []int
	// Ladder are those of the oldest missing byte: its first sending and the
	// repetitions of the same large size.
	Ladder []int
	// Passed are data segments that arrived after the first loss, and Told the
	// other side's segments that say so.
	Passed, Told []int
	// Missing is the hole that nothing ever filled, in bytes, as the receiver
	// sees it; 0 at the sender. Gap is the segment that revealed it.
	Missing uint32
	Gap     int
	// Relief is a repetition cut into smaller segments, Relieved the
	// acknowledgement of it.
	Relief, Relieved int
	// TooLarge and Fits are IP packet sizes in bytes: the smallest that was lost
	// and the largest that arrived.
	TooLarge, Fits int
}

// FullSize is the payload in bytes of a side's full segment: what the other
// side's MSS leaves beside the timestamps (RFC 6691). Without a handshake in the
// capture it is the largest payload seen, 0 when that is no plain segment.
func (c *Conversation) FullSize(from Side) uint32 {
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	if peer.MSS == 0 || !f.HasISN {
		if f.MaxPayload > plainMSS {
			return 0
		}
		return uint32(f.MaxPayload)
	}
	mss := peer.MSS
	if f.MSS > 0 {
		mss = min(mss, f.MSS) // both ends usually know only their own link
	}
	return uint32(max(int(mss)-int(c.optionBytes(from)), 0))
}

// plainMSS is the MSS of an Ethernet path in bytes: 1500 less 40 of headers.
const plainMSS = 1460

// timestampBytes is what the timestamp option takes of a segment, padded.
const timestampBytes = 12

func (c *Conversation) optionBytes(from Side) uint32 {
	if c.Flows[from].HasTS {
		return timestampBytes
	}
	return 0
}

// IPSize is the size in bytes of the IP packet that carries a payload of a
// side, without IP options.
func (c *Conversation) IPSize(from Side, payload uint32) int {
	header := 20
	if c.Client.Addr().Is6() && !c.Client.Addr().Is4In6() {
		header = 40
	}
	return header + 20 + int(c.optionBytes(from)+payload)
}

// sending is one data segment on its way.
type sending struct {
	at        int
	seq, end  uint32
	size      uint32 // payload of one packet, after segmentation
	delivered bool
	replaced  bool // cut into smaller ones later
	settled   bool // acknowledged, itself or in another sending
	told      int
}

// Oversized looks at a side for large segments that never arrive; nil when
// every size passes or none does. repetitions is how often the oldest one must
// have been repeated in vain.
func (c *Conversation) Oversized(from Side, repetitions int) *Oversize {
	full := c.FullSize(from)
	if full == 0 {
		return nil
	}
	if o := c.vanished(from, full); o != nil && len(o.Ladder) > repetitions {
		return o
	}
	return c.neverArrived(from, full)
}

// vanished reads it off the sender's side.
func (c *Conversation) vanished(from Side, full uint32) *Oversize {
	if c.Flows[from].Counts.Count(TagRetransmission) == 0 {
		return nil
	}
	sent := c.sendings(from, full)
	largest := uint32(0)
	for i := range sent {
		if sent[i].delivered && !sent[i].replaced {
			largest = max(largest, sent[i].size)
		}
	}
	o := &Oversize{From: from, Gap: -1, Relief: -1, Relieved: -1}
	smallest := full
	for i := range sent {
		s := &sent[i]
		switch {
		case (!s.delivered || s.replaced) && s.size > largest:
			o.lose(c, s)
			smallest = min(smallest, s.size)
		case len(o.Lost) > 0 && s.delivered:
			o.Passed, o.Told = append(o.Passed, s.at), append(o.Told, s.told)
		}
	}
	if len(o.Lost) == 0 || len(o.Passed) == 0 || c.windowClosed(from.Other(), o.Ladder[0]) {
		return nil
	}
	o.TooLarge, o.Fits = c.IPSize(from, smallest), c.IPSize(from, largest)
	o.relief(c, sent)
	return o
}

func (o *Oversize) lose(c *Conversation, s *sending) {
	o.Lost = append(o.Lost, s.at)
	if len(o.Ladder) == 0 || c.Segments[o.Ladder[0]].Seq == s.seq {
		o.Ladder = append(o.Ladder, s.at)
	}
}

// relief finds the smaller repetition of the oldest missing byte that arrived.
func (o *Oversize) relief(c *Conversation, sent []sending) {
	for i := range sent {
		s := &sent[i]
		if s.at > o.Ladder[len(o.Ladder)-1] && s.delivered && s.seq == c.Segments[o.Ladder[0]].Seq {
			o.Relief, o.Relieved = s.at, s.told
			return
		}
	}
}

// sendings follows a side's data segments to their acknowledgement.
func (c *Conversation) sendings(from Side, full uint32) []sending {
	var sent []sending
	open := 0 // all before it are settled
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) {
			continue
		}
		switch {
		case s.From == from && s.Len > 1 && !s.Tags.Has(TagKeepAlive|TagZeroWindowProbe):
			now := sending{at: i, seq: s.Seq, end: s.Seq + s.Len, size: min(s.Len, full)}
			replace(sent[open:], &now)
			sent = append(sent, now)
		case s.From != from && s.Flags&packet.ACK != 0:
			c.arrive(sent[open:], i, s, full)
			for open < len(sent) && sent[open].settled {
				open++
			}
		}
	}
	return sent
}

// replace marks larger sendings of the same bytes.
func replace(sent []sending, now *sending) {
	for i := range sent {
		if s := &sent[i]; !s.delivered && s.size > now.size && !Before(now.seq, s.seq) && !Before(s.end, now.end) {
			s.replaced = true
		}
	}
}

// arrive marks what an acknowledgement says has come. Of several sendings of
// the same bytes the newest is taken for the one that arrived.
func (c *Conversation) arrive(sent []sending, at int, s *Segment, full uint32) {
	blocks := c.blocks(s)
	var covered []int
	for i := range sent {
		x := &sent[i]
		if x.delivered {
			continue
		}
		partly := x.end-x.seq > full && !Before(s.Ack, x.seq+full)
		if !Before(s.Ack, x.end) || partly || within(blocks, x.seq, x.end) {
			covered = append(covered, i)
		}
	}
	for n, i := range covered {
		sent[i].settled = true
		if newest := !sameStart(sent, covered[n+1:], sent[i].seq); newest {
			sent[i].delivered, sent[i].told = true, at
		} else {
			sent[i].replaced = sent[i].replaced || sent[i].size > full
		}
	}
}

func sameStart(sent []sending, among []int, seq uint32) bool {
	for _, i := range among {
		if sent[i].seq == seq {
			return true
		}
	}
	return false
}

func within(blocks []packet.SACKBlock, from, to uint32) bool {
	for _, b := range blocks {
		if !Before(from, b.Left) && !Before(b.Right, to) {
			return true
		}
	}
	return false
}

// neverArrived reads it off the receiver's side: what comes is always smaller
// than a full segment, and a hole of whole full segments stays.
func (c *Conversation) neverArrived(from Side, full uint32) *Oversize {
	f := &c.Flows[from]
	if f.MaxPayload == 0 || uint32(f.MaxPayload) >= full || !f.HasISN || f.Options == 0 {
		return nil
	}
	o := &Oversize{From: from, Gap: -1, Relief: -1, Relieved: -1, TooLarge: c.IPSize(from, full), Fits: c.IPSize(from, uint32(f.MaxPayload))}
	missing := f.ISN + 1 // the first byte of the hole, were there one
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) || s.Reset() {
			continue
		}
		switch {
		case s.From != from:
			if o.Gap >= 0 && s.Flags&packet.ACK != 0 && s.Ack == missing {
				o.Told = append(o.Told, i)
			}
		case s.Len > 0 && o.Gap < 0 && Before(missing, s.Seq):
			o.Gap, o.Missing, o.Passed = i, s.Seq-missing, append(o.Passed, i)
		case s.Len > 0 && o.Gap >= 0 && !Before(s.Seq, missing) && Before(s.Seq, missing+o.Missing):
			return nil // filled
		case s.Len > 0 && o.Gap >= 0:
			o.Passed = append(o.Passed, i)
		case o.Gap < 0 && !Before(missing, s.Seq) && Before(missing, s.End()):
			missing = s.End()
		}
	}
	if o.Gap < 0 || o.Missing%full != 0 || len(o.Told) == 0 {
		return nil
	}
	return o
}
