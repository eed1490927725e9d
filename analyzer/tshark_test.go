package analyzer_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcaplain/analyzer"
)

// sharedTags are the tags that carry Wireshark's names and meanings.
var sharedTags = []string{
	"retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "lost_segment", "ack_lost_segment",
	"duplicate_ack", "window_update", "window_full", "zero_window", "zero_window_probe", "zero_window_probe_ack",
	"keep_alive", "keep_alive_ack", "reused_ports",
}

// leastAgreement is the precision and recall that every tag must reach once the
// differences that are meant are set aside. A tag on fewer than leastTagged
// packets is held to at most tolerated differences instead: there a single one
// would decide.
const (
	leastAgreement = 0.995
	leastTagged    = 200
	tolerated      = 3
)

// tagging is one packet as both sides tagged it.
type tagging struct {
	path         string
	number       int
	conversation int
	flags        uint64
	seq, ack     uint64
	theirs, ours []string
	// replaced: it acknowledges a SYN-ACK that took the place of another.
	// unseen: an earlier packet of its conversation acknowledged what is not in the
	// capture.
	replaced, unseen bool
}

// agreement counts one tag.
type agreement struct{ both, onlyTheirs, onlyOurs, meant int }

// TestTagsAgainstTShark compares the tags of every capture in testdata with
// tshark's. It prints precision (how many of our tags tshark sets too) and
// recall (how many of tshark's we set), per tag, without the differences that
// are meant; see meant.
func TestTagsAgainstTShark(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: tshark takes a while")
	}
	tool, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: there is nothing to compare with")
	}
	total := map[string]*agreement{}
	for _, tag := range sharedTags {
		total[tag] = &agreement{}
	}
	reasons := map[string]int{}
	for _, batch := range batches(t) {
		for _, list := range batch.taggings(t, tool) {
			for _, p := range list {
				p.compare(t, total, reasons)
			}
		}
	}
	for _, tag := range sharedTags {
		total[tag].judge(t, tag)
	}
	for _, r := range sortedKeys(reasons) {
		t.Logf("meant: %5d times %s", reasons[r], r)
	}
}

func sortedKeys(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// batch is several captures that tshark reads as one: pcapng files may follow one
// another (sections), and tshark takes far longer to start than to read.
type batch []surveyed

// surveyed is one capture and what we made of it.
type surveyed struct {
	path    string
	data    []byte
	frames  int
	packets map[int]analyzer.Packet
}

// batches sorts the captures so that no batch has two of one folder, which may
// show one connection from two places. What does not join stands alone.
func batches(t *testing.T) []batch {
	var together, alone []batch
	inFolder := map[string]int{}
	for _, l := range labels(t) {
		if l.origin == "listing" {
			continue // text, which tshark does not read
		}
		s, damaged := survey(t, l.path)
		if damaged || filepath.Ext(l.path) != ".pcapng" {
			alone = append(alone, batch{s})
			continue
		}
		n := inFolder[filepath.Dir(l.path)]
		inFolder[filepath.Dir(l.path)]++
		if n == len(together) {
			together = append(together, nil)
		}
		together[n] = append(together[n], s)
	}
	return append(together, alone...)
}

func survey(t *testing.T, path string) (s surveyed, damaged bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, path))
	if err != nil {
		t.Fatal(err)
	}
	a := analyzer.Open(path, analyzer.Options{Packets: true})
	if err := a.Survey(bytes.NewReader(data)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	r := a.Report()
	s = surveyed{path: path, data: data, frames: r.Captures[0].Packets, packets: map[int]analyzer.Packet{}}
	for _, p := range r.Packets {
		s.packets[p.Number] = p
	}
	return s, r.Captures[0].Damage != nil
}

// taggings gives the packets of each capture of the batch.
func (b batch) taggings(t *testing.T, tool string) [][]tagging {
	t.Helper()
	args := []string{"-n", "-r", "-", "-Y", "tcp", "-T", "fields", "-e", "frame.number", "-e", "tcp.flags", "-e", "tcp.seq_raw", "-e", "tcp.ack_raw"}
	for _, tag := range sharedTags {
		args = append(args, "-e", "tcp.analysis."+tag)
	}
	var all, complaint bytes.Buffer
	for _, s := range b {
		all.Write(s.data)
	}
	cmd := exec.Command(tool, args...)
	cmd.Stdin, cmd.Stderr = &all, &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark on %s and %d more: %v\n%s", b[0].path, len(b)-1, err, &complaint)
	}
	lists := make([][]tagging, len(b))
	for _, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		number, err := strconv.Atoi(cells[0])
		if err != nil {
			continue // no TCP packet at all
		}
		i := 0
		for ; number > b[i].frames; i++ {
			number -= b[i].frames
		}
		lists[i] = append(lists[i], b[i].tagging(number, cells[1:]))
	}
	for _, list := range lists {
		connect(list)
	}
	return lists
}

func (s *surveyed) tagging(number int, cells []string) tagging {
	ours := s.packets[number]
	p := tagging{path: s.path, number: number, conversation: ours.Conversation, ours: ours.Tags,
		flags: first(cells[0]), seq: first(cells[1]), ack: first(cells[2])}
	for i, c := range cells[3:] {
		if c != "" {
			p.theirs = append(p.theirs, sharedTags[i])
		}
	}
	return p
}

// first is the number of a cell; ICMP that quotes a segment adds more behind it.
func first(cell string) uint64 {
	n, _ := strconv.ParseUint(strings.SplitN(cell, ",", 2)[0], 0, 64)
	return n
}

// connect notes what earlier packets mean for later ones.
func connect(list []tagging) {
	again := map[uint64]bool{} // acknowledgement numbers of repeated SYN-ACKs
	unseen := map[int]bool{}
	for i := range list {
		p := &list[i]
		if p.flags&(flagSYN|flagACK) == flagSYN|flagACK && slices.Contains(p.theirs, "reused_ports") {
			again[p.seq+1] = true
		}
		p.replaced, p.unseen = again[p.ack], unseen[p.conversation]
		if slices.Contains(p.ours, "ack_lost_segment") {
			unseen[p.conversation] = true
		}
	}
}

func (p *tagging) compare(t *testing.T, total map[string]*agreement, reasons map[string]int) {
	for _, tag := range sharedTags {
		theirs, ours := slices.Contains(p.theirs, tag), slices.Contains(p.ours, tag)
		n := total[tag]
		switch {
		case !theirs && !ours:
		case theirs && ours:
			n.both++
		default:
			if why := p.meant(tag, theirs); why != "" {
				n.meant++
				reasons[why]++
				continue
			}
			if theirs {
				n.onlyTheirs++
			} else {
				n.onlyOurs++
			}
			t.Logf("%s #%d: %s: tshark %v, ours %v", p.path, p.number, tag, p.theirs, p.ours)
		}
	}
}

const (
	flagSYN = 0x02
	flagACK = 0x10
)

// meant names the reason of a difference that is on purpose, "" for none.
func (p *tagging) meant(tag string, theirs bool) string {
	has := func(tag string) bool { return slices.Contains(p.ours, tag) }
	late := tag == "out_of_order" || tag == "fast_retransmission" || tag == "retransmission"
	probe := strings.HasPrefix(tag, "zero_window_probe") || tag == "keep_alive" || tag == "duplicate_ack"
	switch {
	case has("duplicate_capture"):
		return "a second recording of a packet is no repetition"
	case has("stray") || has("earlier_connection"):
		return "numbers of another connection are neither lost nor repeated"
	case late && has("late_original"):
		return "an older IP ID or timestamp proves that it was sent first"
	case late && has("retransmission") && slices.Contains(p.theirs, "out_of_order") && !has("fills_hole"):
		return "bytes that were seen before are repeated, however soon"
	case late && has("retransmission") && slices.Contains(p.theirs, "out_of_order"):
		return "a newer IP ID or timestamp proves that it was sent again"
	case probe && (has("zero_window_probe") || has("zero_window_probe_ack")):
		return "Linux probes a closed window with what looks like a keepalive"
	case (tag == "reused_ports" || tag == "lost_segment") && theirs && p.flags&(flagSYN|flagACK) == flagSYN|flagACK:
		return "a second SYN-ACK to one SYN does not reuse ports"
	case tag == "ack_lost_segment" && theirs && p.replaced:
		return "the SYN-ACK that is acknowledged is in the capture"
	case tag == "ack_lost_segment" && p.unseen:
		return "each acknowledgement of bytes not captured says so, one of captured bytes does not"
	}
	return ""
}

func (n *agreement) judge(t *testing.T, tag string) {
	precision, recall := shareOf(n.both, n.onlyOurs), shareOf(n.both, n.onlyTheirs)
	t.Logf("%-24s both %5d  precision %6.2f %%  recall %6.2f %%  (only ours %d, only tshark's %d, meant %d)",
		tag, n.both, 100*precision, 100*recall, n.onlyOurs, n.onlyTheirs, n.meant)
	few := n.both+n.onlyOurs+n.onlyTheirs < leastTagged && n.onlyOurs+n.onlyTheirs <= tolerated
	if !few && (precision < leastAgreement || recall < leastAgreement) {
		t.Errorf("%s: precision %.2f %%, recall %.2f %%, both must reach %.1f %%", tag, 100*precision, 100*recall, 100*leastAgreement)
	}
}

func shareOf(both, other int) float64 {
	if both+other == 0 {
		return 1
	}
	return float64(both) / float64(both+other)
}
