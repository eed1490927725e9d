// Package scenario judges: it reads facts and makes findings. One scenario is
// one file, named by its id, with everything that belongs to it: thresholds,
// texts in both languages, references and the rule. Catalogue lists them in the
// order in which they explain one another.
package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Scenario is one kind of trouble.
type Scenario struct {
	ID    string    // as in file name, folder and address; never changes
	Title lang.Text // short, for lists and headlines: "The SYN was answered from another address"
	// Summary is one sentence for someone who has not seen a capture yet.
	Summary lang.Text
	Meaning lang.Text // what it usually is, the mechanism
	// Recognised lists what must be on the wire, in plain words, for the guide.
	Recognised []lang.Text
	// Confused names what looks alike and what tells it apart.
	Confused []Confusion
	Fixes    []lang.Text
	// References: the documents that describe it, best first.
	References []Reference
	// Symptom is where a person would look for it in an index: one of the
	// Symptom constants.
	Symptom string
	// Over lists the scenarios whose findings on the same or linked
	// conversations are consequences of this one.
	Over []string
	// Detect makes the findings. It runs once per capture.
	Detect func(x *Context) []Finding
}

// Confusion is a scenario (or something outside the catalogue, ID "") that
// looks alike.
type Confusion struct {
	ID   string
	Text lang.Text // what tells them apart
}

// Where a symptom shows first, for the index.
const (
	SymptomNoAnswer  = "syn-nothing"   // SYN, then nothing
	SymptomRefused   = "syn-reset"     // SYN, then RST
	SymptomOddAnswer = "syn-odd"       // SYN, then something strange
	SymptomHalfOpen  = "synack-repeat" // the handshake does not finish
	SymptomReset     = "data-reset"    // reset after or during data
	SymptomStall     = "stall"         // it hangs
	SymptomSlow      = "slow"          // it works, slowly
	SymptomClose     = "close"         // it ends badly
	SymptomProtocol  = "protocol"      // the two sides speak different languages
	SymptomCapture   = "capture"       // the capture itself
)

// Context is what a rule may look at: the facts of the whole capture.
type Context struct {
	*conversation.Set
	Capture int // index into the report's captures

	// running is the scenario whose rule is at work. A rule cannot name its own
	// scenario, since the scenario names the rule.
	running *Scenario

	shared shared
}
