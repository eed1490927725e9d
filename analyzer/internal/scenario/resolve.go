package scenario

import (
	"sort"
	"time"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Judge runs the catalogue over the facts and returns the findings: grouped,
// weakened where the capture is weak, roots before their consequences, worst
// first.
func Judge(set *conversation.Set) []Finding {
	x := &Context{Set: set}
	var all []*Finding
	for _, s := range Catalogue {
		x.running = s
		for _, f := range x.detect() {
			all = append(all, &f)
		}
	}
	for _, f := range all {
		x.weaken(f)
		x.crossedRemark(f)
	}
	all = group(x, x.mergeLegs(all))
	parents := x.explain(all)
	out := order(all, parents)
	for i := range out {
		out[i].whole()
		for _, m := range out[i].Members {
			m.whole()
		}
	}
	return out
}

// whole replaces lists that hold nothing by empty ones, so that the report
// always carries lists.
func (f *Finding) whole() {
	f.Evidence, f.Story, f.Causes = some(f.Evidence), some(f.Story), some(f.Causes)
	f.RuledOut, f.Checks, f.Fixes = some(f.RuledOut), some(f.Checks), some(f.Fixes)
	f.References, f.Occurrences = some(f.References), some(f.Occurrences)
	f.Explains, f.Conversations = some(f.Explains), some(f.Conversations)
	for i := range f.Story {
		f.Story[i].Packets = some(f.Story[i].Packets)
	}
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// detect runs one rule. A rule that fails on a capture nobody foresaw must not
// take the findings of the others with it: the capture gets a note instead.
func (x *Context) detect() (found []Finding) {
	defer func() {
		if failure := recover(); failure != nil {
			x.Set.Failed = append(x.Set.Failed, x.running.ID)
			found = nil
		}
	}()
	return x.running.Detect(x)
}

// rank is a scenario's place in the catalogue.
var rank = map[string]int{}

// over[a][b] is set when a explains b.
var over = map[string]map[string]bool{}

func prepare() {
	if len(rank) > 0 {
		return
	}
	for i, s := range Catalogue {
		rank[s.ID] = i
		over[s.ID] = map[string]bool{}
		for _, id := range s.Over {
			over[s.ID][id] = true
		}
	}
}

// Of returns the scenario of an id, nil for none.
func Of(id string) *Scenario {
	for _, s := range Catalogue {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// weaken lowers certainties by a step for what the capture leaves in doubt:
// the roles of its first conversation when they were guessed (a stray leg beside
// it has no opening by nature), and holes in the file near a finding that rests
// on absence.
func (x *Context) weaken(f *Finding) {
	doubt := false
	for i, id := range f.Conversations {
		c := x.Conversations[id]
		doubt = doubt || i == 0 && c.Role == conversation.RoleGuess
		if f.absence && c.Flows[0].Counts.Count(conversation.TagAckLostSegment)+c.Flows[1].Counts.Count(conversation.TagAckLostSegment) > 0 {
			doubt = true
		}
	}
	if doubt && f.Severity != Info {
		f.Symptom, f.Cause = weaker(f.Symptom), weaker(f.Cause)
	}
}

// mostOccurrences bounds what a grouped finding lists.
const mostOccurrences = 500

// group merges findings of one scenario and one group key. The first one tells
// the story; the others are counted and listed.
func group(x *Context, all []*Finding) []*Finding {
	type id struct{ scenario, key string }
	first := map[id]*Finding{}
	out := all[:0]
	for _, f := range all {
		x.stamp(f)
		k := id{f.Scenario, f.group}
		g := first[k]
		if f.group == "" || g == nil {
			if f.group != "" {
				first[k] = f
			}
			out = append(out, f)
			continue
		}
		g.join(f)
	}
	for _, f := range out {
		f.countUp()
	}
	return out
}

// stamp gives occurrences their time.
func (x *Context) stamp(f *Finding) {
	if len(f.Occurrences) == 1 && f.Occurrences[0].Time == "" {
		f.Occurrences[0].Time = time.Unix(0, f.at).UTC().Format(time.RFC3339Nano)
	}
}

// covers adds conversations that the finding does not have yet.
func (f *Finding) covers(ids []int) {
	if f.covered == nil {
		f.covered = map[int]bool{}
		for _, id := range f.Conversations {
			f.covered[id] = true
		}
	}
	for _, id := range ids {
		if !f.covered[id] {
			f.covered[id] = true
			f.Conversations = append(f.Conversations, id)
		}
	}
}

func (f *Finding) join(g *Finding) {
	if len(f.Members) == 0 {
		alone := *f
		f.Members = []*Finding{&alone}
	}
	if len(f.Members) < mostOccurrences {
		f.Members = append(f.Members, g)
	}
	f.Count += g.Count
	f.cost += g.cost
	f.covers(g.Conversations)
	if len(f.Occurrences) < mostOccurrences {
		f.Occurrences = append(f.Occurrences, g.Occurrences...)
	}
	if severityRank[g.Severity] < severityRank[f.Severity] {
		f.Severity = g.Severity
	}
	if certaintyRank[g.Symptom] < certaintyRank[f.Symptom] {
		f.Symptom = g.Symptom
	}
	if certaintyRank[g.Cause] < certaintyRank[f.Cause] {
		f.Cause = g.Cause
	}
}

// countUp says in the summary how often it happened.
func (f *Finding) countUp() {
	if f.Count < 2 || len(f.Occurrences) < 2 {
		return
	}
	f.Summary = lang.T("%s It happened %s; the first is shown.", "%s共发生 %[3]s，这里展示第一次。",
		f.Summary, lang.Times(f.Count), lang.Times(f.Count))
}

var (
	severityRank  = map[string]int{Problem: 0, Warning: 1, Info: 2}
	certaintyRank = map[string]int{Certain: 0, Likely: 1, Possible: 2, Unknown: 3}
)

// explain finds for each finding the one that is its root: a finding of a
// scenario that stands over it, on the same or a linked conversation.
func (x *Context) explain(all []*Finding) map[*Finding]*Finding {
	prepare()
	parents := map[*Finding]*Finding{}
	byLink := map[any][]*Finding{}
	for _, f := range all {
		for _, l := range x.linksOf(f) {
			byLink[l] = append(byLink[l], f)
		}
	}
	for _, f := range all {
		for _, l := range x.linksOf(f) {
			for _, g := range byLink[l] {
				if g != f && over[g.Scenario][f.Scenario] && better(g, parents[f]) {
					parents[f] = g
				}
			}
		}
	}
	return parents
}

func better(g, than *Finding) bool {
	return than == nil || rank[g.Scenario] < rank[than.Scenario]
}

// linksOf are the things by which findings are linked: the conversation, its
// 4-tuple whatever the incarnation, and the client's endpoint.
func (x *Context) linksOf(f *Finding) []any {
	seen := map[any]bool{}
	var out []any
	add := func(l any) {
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	for _, id := range f.Conversations {
		c := x.Conversations[id]
		add(c.ID)
		add(c.Client)
		add(leg{x.outer(c)})
	}
	return out
}

// order puts roots first by severity, certainty of a problem, number of
// connections and time lost, each followed by its consequences, and fills in
// Explains.
func order(all []*Finding, parents map[*Finding]*Finding) []Finding {
	roots := make([]*Finding, 0, len(all))
	children := map[*Finding][]*Finding{}
	for _, f := range all {
		if p := top(f, parents); p != f {
			children[p] = append(children[p], f)
		} else {
			roots = append(roots, f)
		}
	}
	sort.SliceStable(roots, func(i, j int) bool { return worse(roots[i], roots[j]) })
	var out []Finding
	index := map[*Finding]int{}
	for _, f := range roots {
		index[f] = len(out)
		out = append(out, *f)
	}
	for _, f := range roots {
		for _, c := range children[f] {
			out[index[f]].Explains = append(out[index[f]].Explains, len(out))
			out = append(out, *c)
		}
	}
	return out
}

// top follows parents to the root. Where explanations go round (a over b over c
// over a, all on one connection), the one that stands first in the catalogue is
// the root.
func top(f *Finding, parents map[*Finding]*Finding) *Finding {
	seen := map[*Finding]bool{}
	p := f
	for ; parents[p] != nil && !seen[p]; p = parents[p] {
		seen[p] = true
	}
	if parents[p] == nil {
		return p
	}
	first := p
	for q := parents[p]; q != p; q = parents[q] {
		if rank[q.Scenario] < rank[first.Scenario] {
			first = q
		}
	}
	return first
}

func worse(f, g *Finding) bool {
	if a, b := severityRank[f.Severity], severityRank[g.Severity]; a != b {
		return a < b
	}
	if f.Count != g.Count {
		return f.Count > g.Count
	}
	if f.cost != g.cost {
		return f.cost > g.cost
	}
	if a, b := rank[f.Scenario], rank[g.Scenario]; a != b {
		return a < b
	}
	return f.at < g.at
}
