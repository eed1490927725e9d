package scenario

import (
	"testing"

	"pcaplain/analyzer/internal/conversation"
)

// TestOver: every scenario that another explains is in the catalogue, and no two
// explain each other.
func TestOver(t *testing.T) {
	prepare()
	for _, s := range Catalogue {
		for _, id := range s.Over {
			if Of(id) == nil {
				t.Errorf("%s stands over %s, which is not in the catalogue", s.ID, id)
			}
			if over[id][s.ID] {
				t.Errorf("%s and %s explain each other", s.ID, id)
			}
		}
	}
}

// TestRing: where explanations go round, all have one root.
func TestRing(t *testing.T) {
	prepare()
	a, b, c := &Finding{Scenario: "packet-loss"}, &Finding{Scenario: "self-connect"}, &Finding{Scenario: "rto-death"}
	tail := &Finding{Scenario: "who-is-slow"}
	parents := map[*Finding]*Finding{a: b, b: c, c: a, tail: a}
	for _, f := range []*Finding{a, b, c, tail} {
		if got := top(f, parents); got != b {
			t.Errorf("the root of %s is %s, want self-connect, which stands first", f.Scenario, got.Scenario)
		}
	}
}

// TestFailingRule: a rule that breaks takes nothing with it but itself.
func TestFailingRule(t *testing.T) {
	set := emptySet()
	x := &Context{Set: set, running: &Scenario{ID: "breaks", Detect: func(*Context) []Finding { panic("unforeseen") }}}
	if found := x.detect(); found != nil {
		t.Errorf("a broken rule found %v", found)
	}
	if len(set.Failed) != 1 || set.Failed[0] != "breaks" {
		t.Errorf("failed rules %v, want the one that broke", set.Failed)
	}
}

func emptySet() *conversation.Set { return conversation.NewTracker().Finish() }
