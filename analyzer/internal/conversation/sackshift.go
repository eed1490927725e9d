package conversation

// SACKShift is selective acknowledgements of one side that name bytes the other
// never sent. Indexes point into Conversation.Segments.
type SACKShift struct {
	By       Side
	At       []int  // the acknowledgements that carry them
	Blocks   int    // how many blocks lie outside
	Left     uint32 // the first of them
	Right    uint32
	Sent     uint32 // one past the highest byte sent when it came
	Constant bool   // one constant offset puts them all on borders of sent segments
	Offset   uint32 // that offset, modulo 2^32
}

// foreignBlock is one block outside everything sent.
type foreignBlock struct {
	left, right, acked, sent uint32
}

// SACKOutside finds a side's selective acknowledgements that lie more than 2^20
// beyond everything the other side sent; nil when there is none. Duplicate SACKs
// lie just below the acknowledgement and are not meant.
func (c *Conversation) SACKOutside(by Side) *SACKShift {
	if c.Flows[by].Counts.Count(TagSACK)+c.Flows[by].Counts.Count(TagDSACK) == 0 {
		return nil
	}
	x := &SACKShift{By: by}
	var blocks []foreignBlock
	borders := map[uint32]bool{}
	sent, known := uint32(0), false
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Tags.Has(TagStray) || s.Reset():
		case s.From != by:
			borders[s.Seq], borders[s.End()] = true, true
			if !known || Before(sent, s.End()) {
				sent, known = s.End(), true
			}
		case known:
			x.collect(c, i, s, sent, &blocks)
		}
	}
	x.Blocks = len(blocks)
	if x.Blocks == 0 {
		return nil
	}
	x.Left, x.Right, x.Sent = blocks[0].left, blocks[0].right, blocks[0].sent
	x.Offset, x.Constant = constantOffset(blocks, borders)
	return x
}

func (x *SACKShift) collect(c *Conversation, at int, s *Segment, sent uint32, blocks *[]foreignBlock) {
	before := len(*blocks)
	for _, b := range c.blocks(s) {
		if inSent(b.Left, s.Ack, sent) || inSent(b.Right, s.Ack, sent) {
			continue
		}
		*blocks = append(*blocks, foreignBlock{b.Left, b.Right, s.Ack, sent})
	}
	if len(*blocks) > before {
		x.At = append(x.At, at)
	}
}

// inSent reports whether a number lies in what was sent and not acknowledged,
// widened by 2^20 on both sides.
func inSent(v, acked, sent uint32) bool {
	const slack = 1 << 20
	return !Before(v, acked-slack) && !Before(sent+slack, v)
}

// constantOffset looks for one number that, taken off every edge, leaves borders
// of segments that had been sent by then and not been acknowledged. Segments of
// equal size leave several; the smallest shift of the first hole is taken.
func constantOffset(blocks []foreignBlock, borders map[uint32]bool) (offset uint32, ok bool) {
	const fewest = 3
	if len(blocks) < fewest {
		return 0, false
	}
	best, found := uint32(0), false
	for b := range borders {
		k := blocks[0].left - b
		if !Before(blocks[0].acked, b) || !fitsOffset(blocks, borders, k) {
			continue
		}
		if !found || b-blocks[0].acked < best-blocks[0].acked {
			best, found = b, true
		}
	}
	return blocks[0].left - best, found
}

func fitsOffset(blocks []foreignBlock, borders map[uint32]bool, k uint32) bool {
	for _, b := range blocks {
		if !borders[b.left-k] || !borders[b.right-k] || Before(b.sent, b.right-k) {
			return false
		}
	}
	return true
}
