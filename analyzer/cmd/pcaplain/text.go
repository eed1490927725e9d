package main

import (
	"fmt"
	"io"
	"strings"

	"pcaplain/analyzer"
	"pcaplain/analyzer/internal/lang"
)

// printer writes the report as text in one language, keeping the first error.
type printer struct {
	w        io.Writer
	language string
	err      error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) say(en, zh string, args ...any) string {
	return lang.T(en, zh, args...).In(p.language)
}

func writeText(w io.Writer, a *analyzer.Analysis, language string) error {
	p := &printer{w: w, language: language}
	r := a.Report()
	p.capture(&r.Captures[0], len(r.Conversations))
	if len(r.Findings) == 0 {
		p.line("%s", p.say("Nothing is wrong in this capture, as far as it shows.", "就这份抓包所见，没有发现问题。"))
	}
	consequence := map[int]int{}
	for i := range r.Findings {
		for _, j := range r.Findings[i].Explains {
			consequence[j] = i
		}
	}
	for i := range r.Findings {
		if root, ok := consequence[i]; ok {
			p.line("\n   %s", p.say("%d. %s, a consequence of %d", "%d. %s，由第 %d 条引起", i+1, r.Findings[i].Title, root+1))
			continue
		}
		p.finding(i, &r.Findings[i])
		p.line("%s", a.Ladder(i, 0).Text(language))
		p.explanation(&r.Findings[i])
	}
	return p.err
}

func (p *printer) capture(c *analyzer.Capture, conversations int) {
	p.line("%s: %s", c.Name, p.say("%s, %s, %s", "%s，%s，%s", strings.ToUpper(c.Format),
		lang.Count(c.Packets, "packet", "packets", "个包"), lang.Count(conversations, "TCP connection", "TCP connections", "个 TCP 连接")))
	if c.Damage != nil {
		p.line("  ! %s", c.Damage.Reason.In(p.language))
	}
	for _, n := range c.Notes {
		p.line("  - %s", n.Text.In(p.language))
	}
	p.line("")
}

var words = map[string]lang.Text{
	"problem": {EN: "problem", ZH: "故障"}, "warning": {EN: "warning", ZH: "警告"}, "info": {EN: "info", ZH: "提示"},
	"certain": {EN: "certain", ZH: "确定"}, "likely": {EN: "likely", ZH: "很可能"}, "possible": {EN: "possible", ZH: "可能"},
	"unknown": {EN: "unknown", ZH: "未知"},
}

func (p *printer) word(id string) string { return words[id].In(p.language) }

func (p *printer) finding(i int, f *analyzer.Finding) {
	p.line("%d. %s", i+1, f.Title.In(p.language))
	p.line("   %s", p.say("%s; what happened: %s; cause: %s  [%s]", "%s；现象：%s；原因：%s  [%s]",
		words[f.Severity], words[f.Symptom], words[f.Cause], f.Scenario))
	p.line("   %s\n", f.Summary.In(p.language))
}

func (p *printer) explanation(f *analyzer.Finding) {
	p.heading("What happened", "发生了什么")
	for n, s := range f.Story {
		p.line("   (%d) %s", n+1, s.Text.In(p.language))
	}
	p.heading("What it usually means", "通常意味着")
	p.line("   %s", f.Meaning.In(p.language))
	if len(f.Causes) > 0 {
		p.heading("What it could be", "可能的原因")
	}
	for _, c := range f.Causes {
		p.line("   * %s", p.say("%s (%s)", "%s（%s）", c.Text.In(p.language), p.word(c.Certainty)))
		p.line("     %s", c.Decides.In(p.language))
	}
	if len(f.RuledOut) > 0 {
		p.heading("Ruled out by these packets", "已被这些包排除")
	}
	for _, x := range f.RuledOut {
		p.line("   * %s", p.say("%s: %s", "%s：%s", x.Text.In(p.language), x.Because.In(p.language)))
	}
	p.remedies(f)
}

func (p *printer) remedies(f *analyzer.Finding) {
	if len(f.Checks) > 0 {
		p.heading("How to confirm", "如何确认")
	}
	for _, c := range f.Checks {
		p.line("   * %s", c.Text.In(p.language))
		if c.Command != "" {
			p.line("       %s", c.Command)
		}
	}
	if len(f.Fixes) > 0 {
		p.heading("How to fix", "如何修复")
	}
	for _, t := range f.Fixes {
		p.line("   * %s", t.In(p.language))
	}
	if len(f.References) > 0 {
		p.heading("Documented in", "参考资料")
	}
	for _, r := range f.References {
		p.line("   * %s", reference(r.Title, r.Author, r.Date, r.URL))
	}
}

func reference(parts ...string) string {
	var said []string
	for _, s := range parts {
		if s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, ", ")
}

func (p *printer) heading(en, zh string) { p.line("\n   %s", p.say(en, zh)) }
