package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcaplain/analyzer"
)

var update = flag.Bool("update", false, "rewrite golden files")

const corpus = "../../../testdata"

const sample = corpus + "/synack-from-wrong-address/listing-client.pcap"

// command runs the command and returns its exit status and what it wrote.
func command(t *testing.T, stdin []byte, args ...string) (status int, out, problem string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(args, bytes.NewReader(stdin), &o, &e)
	return status, o.String(), e.String()
}

func TestExitStatus(t *testing.T) {
	data, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stdin []byte
		args  []string
		want  int
	}{
		"a capture":                     {nil, []string{sample}, exitDone},
		"standard input":                {data, []string{"-"}, exitDone},
		"a capture cut in a record":     {data[:len(data)-7], []string{"-json", "-"}, exitDone},
		"no such file":                  {nil, []string{"nowhere.pcap"}, exitUnread},
		"a folder":                      {nil, []string{"."}, exitUnread},
		"an empty file":                 {nil, []string{"-"}, exitUnread},
		"what is no capture":            {[]byte("<!doctype html><html><body>hello</body></html>"), []string{"-"}, exitUnread},
		"no file named":                 {nil, nil, exitUsage},
		"two files":                     {nil, []string{sample, sample}, exitUsage},
		"an unknown language":           {nil, []string{"-lang", "fr", sample}, exitUsage},
		"an unknown flag":               {nil, []string{"-xml", sample}, exitUsage},
		"packet rows without -json":     {nil, []string{"-packets", sample}, exitUsage},
		"packet rows in the JSON":       {nil, []string{"-json", "-packets", sample}, exitDone},
		"Chinese text of a capture":     {nil, []string{"-lang", "zh", sample}, exitDone},
		"flags behind the file's name":  {nil, []string{sample, "-json"}, exitUsage},
		"a wrong flag, nothing written": {nil, []string{"-json", "-packets=maybe", sample}, exitUsage},
	} {
		status, out, problem := command(t, c.stdin, c.args...)
		if status != c.want {
			t.Errorf("%s: exit status %d, want %d (%s)", name, status, c.want, problem)
		}
		if status != exitDone && (out != "" || problem == "") {
			t.Errorf("%s: failed with %q on standard output and %q on standard error", name, out, problem)
		}
	}
}

func TestJSON(t *testing.T) {
	_, out, _ := command(t, nil, "-json", "-packets", sample)
	var r analyzer.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Version != 1 || len(r.Captures) != 1 || r.Captures[0].Packets != 6 || len(r.Packets) != 6 || len(r.Conversations) != 2 {
		t.Errorf("version %d, %d captures, %d rows, %d conversations; want 1, 1 of 6 packets, 6, 2", r.Version, len(r.Captures), len(r.Packets), len(r.Conversations))
	}
	if len(r.Findings) == 0 || r.Findings[0].Scenario != "synack-from-wrong-address" {
		t.Fatalf("findings %+v, want the wrong address first", r.Findings)
	}
	for _, list := range []string{`"damage":null`, `"causes":[`, `"ruledOut":[`, `"explains":[`, `"notes":[`} {
		if !strings.Contains(out, list) {
			t.Errorf("the document lacks %s", list)
		}
	}
	if strings.Contains(out, "Drawing") || strings.Contains(out, "Members") {
		t.Error("what only the ladder needs stands in the report")
	}
}

func TestWithoutPackets(t *testing.T) {
	if _, out, _ := command(t, nil, "-json", sample); strings.Contains(out, `"packets":[{"capture"`) {
		t.Error("packet rows without being asked for")
	}
}

func TestDamage(t *testing.T) {
	data, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := command(t, data[:len(data)-7], "-json", "-")
	var r analyzer.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if d := r.Captures[0].Damage; d == nil || d.Offset <= 0 || d.Reason.EN == "" || d.Reason.ZH == "" {
		t.Errorf("damage %+v, want an offset and a sentence in both languages", d)
	}
	if r.Captures[0].Packets != 5 {
		t.Errorf("%d packets kept of what came before the damage, want 5", r.Captures[0].Packets)
	}
}

func TestLanguageOf(t *testing.T) {
	for locale, want := range map[string]string{"zh_CN.UTF-8": "zh", "zh": "zh", "en_US.UTF-8": "en", "de_DE": "en", "": "en"} {
		if got := languageOf(func(v string) string { return map[string]string{"LANG": locale}[v] }); got != want {
			t.Errorf("LANG=%q gives %s, want %s", locale, got, want)
		}
	}
}

// firstOf picks each scenario's first capture that shows it.
func firstOf(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "captures.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	first := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		id, _, inFolder := strings.Cut(cells[0], "/")
		if inFolder && first[id] == "" && slices.Contains(strings.Split(cells[3], "|"), id) {
			first[id] = cells[0]
		}
	}
	return first
}

// TestReports compares the whole text of one capture per scenario, in both
// languages, with what was read and approved: testdata/<id>/expected.<lang>.txt.
func TestReports(t *testing.T) {
	first := firstOf(t)
	for _, s := range analyzer.Scenarios() {
		path := first[s.ID]
		if path == "" {
			continue // shown only beside others; corpus_test.go holds the folders
		}
		for _, language := range []string{"en", "zh"} {
			_, out, _ := command(t, nil, "-lang", language, filepath.Join(corpus, path))
			golden(t, filepath.Join(corpus, s.ID, "expected."+language+".txt"), out)
		}
	}
}

// TestNoOrphans: an expected report whose scenario or capture is gone.
func TestNoOrphans(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "*", "expected.*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	first := firstOf(t)
	for _, f := range files {
		if id := filepath.Base(filepath.Dir(f)); first[id] == "" {
			t.Errorf("%s belongs to no capture that shows %s", f, id)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v (make it with go test ./analyzer/cmd/pcaplain -update and read it)", err)
		return
	}
	if string(want) != got {
		t.Errorf("%s differs from what the command prints; go test ./analyzer/cmd/pcaplain -update rewrites it: read the difference", path)
	}
}
