package scenario

// leg links findings on both sides of a translation: the conversation nearest
// to the client stands for all of its legs.
type leg struct{ outer int }

// mergeLegs drops a finding on an inner leg when the same scenario was found on
// the outer one: it is one connection, and its trouble is told once.
func (x *Context) mergeLegs(all []*Finding) []*Finding {
	type told struct {
		scenario     string
		conversation int
	}
	outer := map[told]bool{}
	for _, f := range all {
		for _, id := range f.Conversations {
			if x.outer(x.Conversations[id]) == id {
				outer[told{f.Scenario, id}] = true
			}
		}
	}
	out := all[:0]
	for _, f := range all {
		if !x.innerOnly(f) || !outer[told{f.Scenario, x.outer(x.Conversations[f.Conversations[0]])}] {
			out = append(out, f)
		}
	}
	return out
}

// innerOnly reports whether a finding is about inner legs alone.
func (x *Context) innerOnly(f *Finding) bool {
	for _, id := range f.Conversations {
		if x.outer(x.Conversations[id]) == id {
			return false
		}
	}
	return len(f.Conversations) > 0
}
