package conversation

// SelfOpening is the opening of a conversation whose two ends are one endpoint.
// Indexes point into Segments, -1 for none.
type SelfOpening struct {
	SYN, SYNACK, ACK int
	Traffic          int   // segments of an established connection: data, acknowledgements, FIN
	Bytes            int64 // of payload, repetitions left out
	Data             []int // packet numbers of the first data segments, at most four
}

// SelfOpening reads a conversation between an endpoint and itself, where every
// segment comes from the side called client and sides tell nothing.
func (c *Conversation) SelfOpening() SelfOpening {
	o := SelfOpening{SYN: -1, SYNACK: -1, ACK: -1, Bytes: c.Flows[Client].Bytes}
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Reset():
		case s.PureSYN() && o.SYN < 0:
			o.SYN = i
		case s.SYNACK() && o.SYN >= 0 && o.SYNACK < 0 && s.Seq == c.Segments[o.SYN].Seq && s.Ack == s.Seq+1:
			o.SYNACK = i
		case s.PureACK() && o.SYNACK >= 0 && o.ACK < 0:
			o.ACK = i
			o.Traffic++
		case !s.PureSYN() && !s.SYNACK():
			o.Traffic++
			if s.Len > 0 && len(o.Data) < 4 {
				o.Data = append(o.Data, int(s.Number))
			}
		}
	}
	return o
}
