package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/lang"
)

// Severities, worst first. A problem: a connection failed, was cut, or stood
// still long enough for a person or a timeout to notice. A warning: it works,
// but slower than it should, or is about to break. Info: worth knowing, nothing
// to mend.
const (
	Problem = "problem"
	Warning = "warning"
	Info    = "info"
)

// Certainties, strongest first. Certain: every clause of the rule is met by
// packets in the file. Likely: met, but one rival explanation cannot be
// excluded from here. Possible: met in part, or by timing only.
const (
	Certain  = "certain"
	Likely   = "likely"
	Possible = "possible"
	Unknown  = "unknown"
)

// Finding is one occurrence of a scenario: a claim, its packets, and what it
// leaves open. The same value is the report's JSON and crosses to the page.
type Finding struct {
	Scenario      string      `json:"scenario"`
	Severity      string      `json:"severity"`
	Symptom       string      `json:"symptom"` // how sure the packets' story is
	Cause         string      `json:"cause"`   // how sure the leading cause is
	Conversations []int       `json:"conversations"`
	Evidence      []Evidence  `json:"evidence"`
	Title         lang.Text   `json:"title"`
	Summary       lang.Text   `json:"summary"` // one or two sentences
	Meaning       lang.Text   `json:"meaning"` // what it usually is
	Story         []Sentence  `json:"story"`   // what happened, in order
	Causes        []Cause     `json:"causes"`  // most likely first
	RuledOut      []RuledOut  `json:"ruledOut"`
	Checks        []Check     `json:"checks"`
	Fixes         []lang.Text `json:"fixes"`
	References    []Reference `json:"references"`
	Explains      []int       `json:"explains"` // findings that are consequences of this one
	// Count is how many occurrences a grouped finding stands for (1 for one);
	// Times are their Unix times in nanoseconds as decimal strings, bounded.
	Count       int          `json:"count"`
	Occurrences []Occurrence `json:"occurrences"`

	// Drawing is what the rule wants said in the ladder beside the packets.
	Drawing Drawing `json:"-"`

	// Members are the findings that a grouped one stands for, itself first, each
	// with its own story; empty for a finding that stands alone. Bounded.
	Members []*Finding `json:"-"`

	covered map[int]bool // Conversations as a set, made when findings are joined
	group   string       // findings of one scenario with the same group become one
	absence bool         // rests on packets that are not there, so a lossy capture weakens it
	at      int64        // ns; when it happened, for order
	cost    int64        // ns of waiting it caused, for order
}

// Drawing holds the ladder's hints of one finding. All of it is optional: a
// ladder without hints still shows every packet.
type Drawing struct {
	Lanes  []LaneHint
	Marks  []Mark
	Events []Event
	Gaps   []GapHint
	Timers []TimerHint
	// States replace the inferred states of the endpoints they name.
	States []StateHint
}

// StateHint is a stretch of an endpoint's TCP state, where the plain inference
// from the packets would be wrong: a server that ignores an ACK stays in
// SYN_RECV.
type StateHint struct {
	Endpoint netip.AddrPort
	Name     string // SYN_SENT, SYN_RECV, ESTABLISHED, ...; "" for no socket
	From, To int64  // ns since the Unix epoch; To 0: to the end
}

// LaneHint says what an endpoint is in this finding. Lanes stand in the order
// of the hints, endpoints without a hint after them.
type LaneHint struct {
	Endpoint netip.AddrPort
	Role     lang.Text // above the address: "service address, asked"
	Note     lang.Text // below: "VIP"
	// Also are endpoints drawn on the same lane: the other sockets of one host,
	// such as a proxy's own connection to its upstream.
	Also []netip.AddrPort
}

// Mark says something about one packet's arrow.
type Mark struct {
	Packet       int
	Ignored      bool // arrived and was not accepted
	Lost         bool // did not arrive
	SenderNote   lang.Text
	ReceiverNote lang.Text
	// HopTo draws an inferred continuation to another endpoint; HopNote says
	// what it stands for.
	HopTo   netip.AddrPort
	HopNote lang.Text
}

// Event is something computed that left no packet, such as a silent expiry.
type Event struct {
	Time        int64 // ns since the Unix epoch
	Endpoint    netip.AddrPort
	Label       lang.Text
	Reason      lang.Text
	Sentence    int // 1-based sentence of the story it belongs to, 0 none
	Approximate bool
}

// GapHint names the reason of the silence before a packet.
type GapHint struct {
	Packet int // the packet that ends the silence
	Reason lang.Text
}

// TimerHint is one wait of a repeated timer, drawn beside its endpoint.
type TimerHint struct {
	Endpoint netip.AddrPort
	From, To int64 // ns since the Unix epoch
	Label    lang.Text
	Note     lang.Text
}

// Occurrence is one of the cases a grouped finding stands for.
type Occurrence struct {
	Conversation int    `json:"conversation"` // the first of them
	Time         string `json:"time"`         // RFC 3339 with nanoseconds
	Packet       int    `json:"packet"`       // its first telling packet
	Label        string `json:"label"`        // what tells it apart, such as the client's port ":35582"
}

// Evidence is one packet and the part it plays.
type Evidence struct {
	Capture int       `json:"capture"`
	Packet  int       `json:"packet"`
	Role    lang.Text `json:"role"`
}

// Sentence is one step of the story with the packets that show it.
type Sentence struct {
	Text    lang.Text `json:"text"`
	Packets []int     `json:"packets"`
}

// Cause is one explanation that the packets leave open.
type Cause struct {
	Text      lang.Text `json:"text"`
	Certainty string    `json:"certainty"`
	Decides   lang.Text `json:"decides"` // the packet or counter that would settle it
}

// RuledOut is an explanation the packets exclude.
type RuledOut struct {
	Text    lang.Text `json:"text"`
	Because lang.Text `json:"because"`
}

// Check is something to do to confirm; Command is to be pasted, and may be "".
type Check struct {
	Text    lang.Text `json:"text"`
	Command string    `json:"command"`
}

// Reference is where the scenario is documented.
type Reference struct {
	Title  string `json:"title"`
	Author string `json:"author"`
	Date   string `json:"date"` // ISO 8601, or ""
	URL    string `json:"url"`  // or ""
}
