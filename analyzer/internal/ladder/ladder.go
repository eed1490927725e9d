// Package ladder decides what a ladder diagram shows: which lanes, which rows,
// what is folded, which packet carries which note and callout. Where a row
// stands in pixels is the page's business.
package ladder

import "pcaplain/analyzer/internal/lang"

// Ladder is one incident (or one conversation) laid out in meaning: lanes from
// left to right, rows from top to bottom.
type Ladder struct {
	Capture       int       `json:"capture"` // index into the report's captures
	Finding       int       `json:"finding"` // index into the report's findings; -1 for a plain conversation
	Conversations []int     `json:"conversations"`
	Title         lang.Text `json:"title"` // "Connection 10.4.26.45:35582, six packets in 1.04 s"
	// StartSeconds and StartNanos are the Unix time of row time 0; HasDate is
	// false when the capture states only times of day.
	StartSeconds float64 `json:"startSeconds"`
	StartNanos   int     `json:"startNanos"`
	HasDate      bool    `json:"hasDate"`
	Lanes        []Lane  `json:"lanes"`
	Rows         []Row   `json:"rows"`
	States       []State `json:"states"`
	Timers       []Timer `json:"timers"`
	// Packets is how many packets the conversations hold; Shown how many of
	// them stand in Rows, folded ones included.
	Packets int `json:"packets"`
	Shown   int `json:"shown"`
}

// Lane is one column: an endpoint, or a device on the path.
type Lane struct {
	ID           string    `json:"id"`   // endpoint "ip:port", or a device's name; unique in the ladder
	Kind         string    `json:"kind"` // "endpoint", "nat" or "proxy"
	Address      string    `json:"address"`
	Port         int       `json:"port"` // 0 when several or none
	Name         string    `json:"name"` // host name from the capture, if any
	Role         lang.Text `json:"role"` // above the address: "client"
	Note         lang.Text `json:"note"` // below it, a guess such as "VIP"; may be empty
	CapturedHere bool      `json:"capturedHere"`
	Foot         lang.Text `json:"foot"`   // "sent 4, got 2 RST"
	Silent       bool      `json:"silent"` // sent nothing at all
}

// Row kinds.
const (
	RowPacket = "packet" // one packet of the capture
	RowGap    = "gap"    // a long time without a packet
	RowEvent  = "event"  // something computed that left no packet
	RowHop    = "hop"    // an inferred continuation of the row before it
	RowFold   = "fold"   // rows shown small or not at all until opened
)

// Packet classes: the way an arrow is drawn.
const (
	ClassControl = "control" // SYN, SYN-ACK, FIN
	ClassAck     = "ack"     // acknowledgement only
	ClassData    = "data"    // carries payload
	ClassReset   = "reset"   // carries RST
	ClassOther   = "other"   // ICMP, ARP
)

// Row is one line of the ladder. Which fields mean something depends on Kind.
type Row struct {
	Kind string  `json:"kind"`
	At   float64 `json:"at"` // ns since the ladder's start

	// Packets and hops.
	Number       int       `json:"number"` // packet number; 0 for none
	From         int       `json:"from"`   // lane index
	To           int       `json:"to"`     // lane index; equal to From for a packet to itself
	Class        string    `json:"class"`
	Flags        string    `json:"flags"` // "SYN-ACK", "PSH-ACK", "ICMP host unreachable"
	Seq          string    `json:"seq"`   // relative where the start is known; "" when not shown
	Ack          string    `json:"ack"`
	Length       int       `json:"length"` // payload bytes
	Detail       lang.Text `json:"detail"` // further words of the label: "D-SACK 0–1"; usually empty
	Window       int       `json:"window"` // as on the wire, scaled where the scale is known; -1 unknown
	Repeated     bool      `json:"repeated"`
	Repeats      int       `json:"repeats"`  // number of the packet it repeats; 0 for none
	Answers      int       `json:"answers"`  // number of the packet it answers; 0 unknown
	Ignored      bool      `json:"ignored"`  // arrived (or should have) and was not accepted
	Lost         bool      `json:"lost"`     // did not arrive, by what followed
	Inferred     bool      `json:"inferred"` // not in the capture
	Evidence     bool      `json:"evidence"`
	Ring         string    `json:"ring"`     // "from" or "to": the end that tells, for evidence; "" for none
	Callouts     []int     `json:"callouts"` // 1-based indexes of the story's sentences that cite it
	OneWay       float64   `json:"oneWay"`   // ns of slope; -1 unknown
	Exact        string    `json:"exact"`    // "from" or "to": the end at the capture point; "" unknown
	Tags         []string  `json:"tags"`
	SenderNote   lang.Text `json:"senderNote"`
	ReceiverNote lang.Text `json:"receiverNote"`

	// Gaps: Duration in ns, Label its words, Reason why nothing was sent.
	// Events: Lane, Label and Reason (the small print); Approximate times.
	// Folds: Label ("the same again, three times"), Rows, Count of packets.
	Duration    float64   `json:"duration"`
	Label       lang.Text `json:"label"`
	Reason      lang.Text `json:"reason"`
	Lane        int       `json:"lane"`
	Approximate bool      `json:"approximate"`
	Count       int       `json:"count"`
	// FoldStyle is "repeat" (arrows stay, words go) or "bulk" (one line stands
	// for many packets).
	FoldStyle string `json:"foldStyle"`
	// FoldFirst and FoldLast are the packet numbers at the ends of a fold whose
	// rows were left out because they are many; the page asks for them.
	FoldFirst int   `json:"foldFirst"`
	FoldLast  int   `json:"foldLast"`
	Rows      []Row `json:"rows"`
}

// State is a stretch of a lane's lifeline in one TCP state.
type State struct {
	Lane     int     `json:"lane"`
	Name     string  `json:"name"` // SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, TIME_WAIT, CLOSED
	From     float64 `json:"from"` // ns since the ladder's start
	To       float64 `json:"to"`
	Inferred bool    `json:"inferred"`
}

// Timer is one step of a repeated timer: a bracket beside the lane that waits.
type Timer struct {
	Lane     int       `json:"lane"`
	From     float64   `json:"from"` // ns since the ladder's start
	To       float64   `json:"to"`
	Duration float64   `json:"duration"` // nominal, ns
	Label    lang.Text `json:"label"`    // "3 s"
	Note     lang.Text `json:"note"`     // "then silence"
}
