package conversation

// Facts are the derived facts of one conversation, computed when first asked
// for, from its kept segments.
type Facts struct {
	handshake *Handshake
	resets    []Reset
	hasResets bool
	ladder    *SYNACKLadder
	hasLadder bool
	fins      [2]int
	hasFINs   bool

	turns       []Turn
	hasTurns    bool
	messages    []Message
	hasMessages bool

	losses    [2]*Losses // by side
	blackouts map[blackoutsOf][]Blackout
}

func (c *Conversation) derived() *Facts {
	if c.facts == nil {
		c.facts = &Facts{}
	}
	return c.facts
}
