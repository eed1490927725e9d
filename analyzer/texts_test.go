package analyzer_test

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pcaplain/analyzer"
)

var (
	reference = regexp.MustCompile(`#(\d+)`)
	addresses = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`)
)

// texts collects every bilingual text in a value, with its place.
func texts(path string, v reflect.Value, visit func(path string, t analyzer.Text)) {
	if t, ok := v.Interface().(analyzer.Text); ok {
		visit(path, t)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Tag.Get("json") != "-" {
				texts(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(path+"["+strconv.Itoa(i)+"]", v.Index(i), visit)
		}
	}
}

// TestTexts holds everything that is said about any capture to the rules of the
// house: both languages, the same packets and addresses in both, packets that
// are in the capture, no leftovers of formatting, no exclamation marks.
func TestTexts(t *testing.T) {
	for _, l := range labels(t) {
		t.Run(l.path, func(t *testing.T) {
			r := analyse(t, l.path).Report()
			for _, n := range r.Captures[0].Notes {
				checkText(t, "note "+n.ID, n.Text, r.Captures[0].Packets)
				if n.ID == "rule-failed" {
					t.Error(n.Text.EN)
				}
			}
			for i := range r.Findings {
				f := &r.Findings[i]
				texts(f.Scenario, reflect.ValueOf(*f), func(path string, text analyzer.Text) {
					checkText(t, path, text, r.Captures[0].Packets)
				})
				checkPackets(t, f, r.Captures[0].Packets)
			}
		})
	}
}

func checkText(t *testing.T, path string, text analyzer.Text, packets int) {
	t.Helper()
	if (text.EN == "") != (text.ZH == "") {
		t.Errorf("%s: said in one language only: %q / %q", path, text.EN, text.ZH)
	}
	if strings.ContainsAny(text.EN, "!%") && strings.Contains(text.EN, "%!") || strings.Contains(text.ZH, "%!") {
		t.Errorf("%s: leftover of formatting: %q / %q", path, text.EN, text.ZH)
	}
	if strings.ContainsAny(text.EN+text.ZH, "!！") {
		t.Errorf("%s: exclamation mark: %q / %q", path, text.EN, text.ZH)
	}
	for _, c := range text.EN {
		if unicode.Is(unicode.Han, c) {
			t.Errorf("%s: Chinese in the English text: %q", path, text.EN)
			break
		}
	}
	for _, pattern := range []*regexp.Regexp{reference, addresses} {
		en, zh := found(pattern, text.EN), found(pattern, text.ZH)
		if !slices.Equal(en, zh) {
			t.Errorf("%s: the languages name different things: %v / %v\n%q\n%q", path, en, zh, text.EN, text.ZH)
		}
	}
	for _, m := range reference.FindAllStringSubmatch(text.EN, -1) {
		if n, _ := strconv.Atoi(m[1]); n < 1 || n > packets {
			t.Errorf("%s: packet #%s is not in the capture: %q", path, m[1], text.EN)
		}
	}
}

func found(pattern *regexp.Regexp, s string) []string {
	out := pattern.FindAllString(s, -1)
	slices.Sort(out)
	return slices.Compact(out)
}

func checkPackets(t *testing.T, f *analyzer.Finding, packets int) {
	t.Helper()
	if len(f.Evidence) == 0 || len(f.Story) == 0 || f.Title.Empty() || f.Summary.Empty() || f.Meaning.Empty() {
		t.Errorf("%s: a finding without evidence, story, title, summary or meaning", f.Scenario)
	}
	if f.Severity != "info" && len(f.Causes) == 0 && f.Cause != "certain" {
		t.Errorf("%s: uncertain, and names no cause", f.Scenario)
	}
	for _, e := range f.Evidence {
		if e.Packet < 1 || e.Packet > packets {
			t.Errorf("%s: evidence #%d is not in the capture", f.Scenario, e.Packet)
		}
	}
	for _, s := range f.Story {
		for _, p := range s.Packets {
			if p < 1 || p > packets {
				t.Errorf("%s: the story cites #%d, which is not in the capture", f.Scenario, p)
			}
		}
	}
}

// TestScenarioTexts holds the catalogue's standing texts to the same rules.
func TestScenarioTexts(t *testing.T) {
	ids := map[string]bool{}
	for _, s := range analyzer.Scenarios() {
		ids[s.ID] = true
	}
	for _, s := range analyzer.Scenarios() {
		texts(s.ID, reflect.ValueOf(s), func(path string, text analyzer.Text) { checkText(t, path, text, 0) })
		for name, missing := range map[string]bool{"title": s.Title.Empty(), "summary": s.Summary.Empty(), "meaning": s.Meaning.Empty(),
			"recognised": len(s.Recognised) == 0, "fixes": len(s.Fixes) == 0, "references": len(s.References) == 0, "symptom": s.Symptom == ""} {
			if missing {
				t.Errorf("%s has no %s", s.ID, name)
			}
		}
		for _, c := range s.Confused {
			if c.ID != "" && !ids[c.ID] {
				t.Errorf("%s is confused with %s, which is not in the catalogue", s.ID, c.ID)
			}
		}
	}
}
