package analyzer

import (
	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// Rereading is a second read of the capture for one conversation: the survey
// leaves out plain packets between others, a person may want to see them all.
type Rereading struct {
	analysis *Analysis
	of       *conversation.Conversation
	reader   *capture.Reader
	decoder  *packet.Decoder
	tracker  *conversation.Tracker
	packet   packet.Packet
}

// Again starts a second read of the capture for a conversation, an index into
// Report.Conversations. Feed it the same bytes as the survey, then Close it.
func (a *Analysis) Again(id int) *Rereading {
	c := a.set.Conversations[id]
	return &Rereading{analysis: a, of: c, reader: capture.NewReader(a.name), decoder: packet.NewDecoder(),
		tracker: conversation.NewTrackerOf(c)}
}

// Feed takes the next bytes of the capture.
func (r *Rereading) Feed(chunk []byte) error { return r.reader.Feed(chunk, r.frame) }

func (r *Rereading) frame(f *capture.Frame) {
	r.decoder.Decode(f, &r.packet)
	r.tracker.Add(&r.packet)
}

// Close ends the second read: from now on ladders of the conversation show all
// of its packets.
func (r *Rereading) Close() error {
	if err := r.reader.Close(r.frame); err != nil {
		return err
	}
	r.analysis.set.Complete(r.of, r.tracker.Finish())
	return nil
}
