package analyzer_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcaplain/analyzer"
)

// update rewrites the golden files; read the difference before committing it.
var update = flag.Bool("update", false, "rewrite golden files")

const corpus = "../testdata"

// labelled is one capture of the corpus and what it is known to show.
type labelled struct {
	path      string   // below testdata
	origin    string   // lab, listing, generator, edited
	headlines []string // accepted scenario ids of the headline; "none" for healthy
	what      string
}

// labels reads the list of captures.
func labels(t testing.TB) []labelled {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "captures.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []labelled
	for s := bufio.NewScanner(f); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		if cells[0] == "path" || cells[0] == "" {
			continue
		}
		if len(cells) != 5 {
			t.Fatalf("captures.tsv: %d cells instead of 5: %s", len(cells), s.Text())
		}
		out = append(out, labelled{path: cells[0], origin: cells[1], headlines: strings.Split(cells[3], "|"), what: cells[4]})
	}
	return out
}

// analyse surveys a file of the corpus.
func analyse(t testing.TB, path string) *analyzer.Analysis {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, path))
	if err != nil {
		t.Fatal(err)
	}
	return analyseBytes(t, path, data)
}

func analyseBytes(t testing.TB, name string, data []byte) *analyzer.Analysis {
	t.Helper()
	a := analyzer.Open(filepath.Base(name), analyzer.Options{})
	if err := a.Survey(bytes.NewReader(data)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

// headline is the first finding's scenario; info findings count as none, since
// nothing is wrong.
func headline(r *analyzer.Report) string {
	if len(r.Findings) == 0 || r.Findings[0].Severity == "info" {
		return "none"
	}
	return r.Findings[0].Scenario
}

// TestHeadlines holds every capture of the corpus to what it is known to show.
func TestHeadlines(t *testing.T) {
	for _, l := range labels(t) {
		t.Run(l.path, func(t *testing.T) {
			r := analyse(t, l.path).Report()
			got := headline(r)
			first := "none"
			if len(r.Findings) > 0 {
				first = r.Findings[0].Scenario
			}
			if !slices.Contains(l.headlines, got) && !slices.Contains(l.headlines, first) {
				t.Errorf("headline %s, want %s\n%s\nfindings: %s", got, strings.Join(l.headlines, " or "), l.what, summary(r))
			}
		})
	}
}

func summary(r *analyzer.Report) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s (%s, %s/%s)", f.Scenario, f.Severity, f.Symptom, f.Cause))
	}
	return strings.Join(out, "; ")
}

// TestEveryCaptureIsListed keeps the list and the folders the same.
func TestEveryCaptureIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, l := range labels(t) {
		if listed[l.path] {
			t.Errorf("listed twice: %s", l.path)
		}
		listed[l.path] = true
		if _, err := os.Stat(filepath.Join(corpus, l.path)); err != nil {
			t.Errorf("listed and not there: %s", l.path)
		}
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(corpus, path)
		if ext := filepath.Ext(rel); (ext == ".pcap" || ext == ".pcapng") && !listed[rel] {
			t.Errorf("there and not listed: %s", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestScenariosAndFolders holds scenarios, their Go files and their folders to
// one another: the same stem everywhere, none without the others.
func TestScenariosAndFolders(t *testing.T) {
	known := map[string]bool{}
	for _, s := range analyzer.Scenarios() {
		known[s.ID] = true
		file := filepath.Join("internal/scenario", strings.ReplaceAll(s.ID, "-", "_")+".go")
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s has no file %s", s.ID, file)
		}
		if captures, _ := filepath.Glob(filepath.Join(corpus, s.ID, "*.pcap*")); len(captures) == 0 {
			t.Errorf("%s has no capture in testdata/%s/", s.ID, s.ID)
		}
	}
	folders, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && !known[f.Name()] && !slices.Contains([]string{"lab", "healthy", "listings"}, f.Name()) {
			t.Errorf("testdata/%s/ belongs to no scenario", f.Name())
		}
	}
}

// TestFindings compares one line per finding of every capture with the golden
// list: a rule that starts or stops to fire somewhere shows.
func TestFindings(t *testing.T) {
	var got strings.Builder
	for _, l := range labels(t) {
		r := analyse(t, l.path).Report()
		fmt.Fprintf(&got, "%s\n", l.path)
		for _, f := range r.Findings {
			var packets []string
			for _, e := range f.Evidence {
				packets = append(packets, fmt.Sprint(e.Packet))
			}
			fmt.Fprintf(&got, "\t%s %s %s/%s x%d packets %s\n", f.Scenario, f.Severity, f.Symptom, f.Cause, f.Count, strings.Join(packets, " "))
		}
	}
	golden(t, filepath.Join(corpus, "findings.golden"), got.String())
}

// golden compares with a file, or writes it when asked to.
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
		t.Fatalf("%v (make it with go test ./analyzer -update and read it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", path, difference(string(want), got))
	}
}

// difference shows the lines that are only in one of two texts, in order.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	inWant, inGot := map[string]int{}, map[string]int{}
	for _, l := range w {
		inWant[l]++
	}
	for _, l := range g {
		inGot[l]++
	}
	var out []string
	for _, l := range w {
		if inGot[l] == 0 {
			out = append(out, "- "+l)
		}
	}
	for _, l := range g {
		if inWant[l] == 0 {
			out = append(out, "+ "+l)
		}
	}
	if len(out) > 40 {
		out = append(out[:40], "...")
	}
	return strings.Join(out, "\n")
}
