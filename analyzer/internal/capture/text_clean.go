package capture

import (
	"strings"
	"unicode/utf8"
)

// stripMarkup takes off what web pages, terminals and Markdown leave around a
// line: tags, entities, colour sequences. What remains is the line as a reader
// saw it.
func stripMarkup(s string) string {
	if strings.IndexByte(s, 0x1b) >= 0 {
		s = stripColours(s)
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = stripTags(s)
	}
	for range 2 { // pages escape twice at times: &amp;gt;
		if strings.IndexByte(s, '&') < 0 {
			break
		}
		s = entities.Replace(s)
	}
	return s
}

var entities = strings.NewReplacer(
	"&gt;", ">", "&lt;", "<", "&amp;", "&", "&quot;", `"`, "&apos;", "'", "&#39;", "'", "&#x27;", "'",
	"&nbsp;", " ", "&#160;", " ", "&#xa0;", " ", "&emsp;", " ", "&ensp;", " ", "&thinsp;", " ",
	"&#62;", ">", "&#x3e;", ">", "&#x3E;", ">", "&#60;", "<", "&#x3c;", "<", "&#x3C;", "<",
	"&rarr;", "→", "&#8594;", "→", "&#x2192;", "→", "&#91;", "[", "&#93;", "]", "&#46;", ".", "&#58;", ":",
)

// tagNames are the tags that stand inside listings. Other angle brackets are
// text: tcpdump before 4.0 wrote options as <mss 1460,nop>.
var tagNames = []string{
	"span", "strong", "code", "pre", "em", "b", "i", "u", "a", "p", "br", "div", "font", "td", "tr", "th", "li", "ul", "ol",
	"table", "tbody", "thead", "tt", "mark", "kbd", "samp", "var", "sub", "sup", "small", "blockquote", "html", "head", "body", "img", "h1", "h2", "h3", "h4",
	"section", "article", "figure", "button", "label", "s", "del", "ins", "wbr", "title", "meta", "link", "script", "style", "input", "svg", "path", "main", "nav", "hr",
}

// maxTag bounds a tag, in bytes.
const maxTag = 2048

// tagEnd returns where the tag at the start of s ends, 0 when s begins none.
// Quotes hide a closing bracket.
func tagEnd(s string) int {
	name := strings.TrimPrefix(s[1:], "/")
	n := 0
	for n < len(name) && (isLetter(name[n]) || n > 0 && isDigit(name[n])) {
		n++
	}
	if n == 0 || n == len(name) || !strings.ContainsRune(" \t/>", rune(name[n])) || !isTag(name[:n]) {
		return 0
	}
	s = s[:min(len(s), maxTag)]
	if strings.IndexByte(s, '>') < 0 {
		return 0
	}
	quote := byte(0)
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '>':
			return i + 1
		}
	}
	return 0
}

func isTag(name string) bool {
	for _, t := range tagNames {
		if strings.EqualFold(t, name) {
			return true
		}
	}
	return false
}

func stripTags(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 >= len(s) {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		if end := tagEnd(s); end > 0 {
			s = s[end:]
		} else {
			b.WriteByte('<')
			s = s[1:]
		}
	}
	b.WriteString(s)
	return b.String()
}

// breaksLine reports whether a tag ends the line for who reads the page.
func breaksLine(tag string) bool {
	name := strings.ToLower(strings.Trim(tag, "</> \t"))
	name, _, _ = strings.Cut(name, " ")
	switch name {
	case "br":
		return true
	case "p", "div", "li", "tr", "pre", "td", "h1", "h2", "h3", "h4", "blockquote":
		return strings.HasPrefix(tag, "</") && name != "td"
	}
	return false
}

// splitAtBreaks cuts a line of HTML where the page shows a new line.
func splitAtBreaks(s string) []string {
	if !strings.Contains(s, "<") {
		return []string{s}
	}
	var lines []string
	start := 0
	for i := 0; i < len(s)-1; i++ {
		if s[i] != '<' {
			continue
		}
		end := tagEnd(s[i:])
		if end > 0 && breaksLine(s[i:i+end]) {
			lines = append(lines, s[start:i])
			start = i + end
		}
		if end > 0 {
			i += end - 1
		}
	}
	return append(lines, s[start:])
}

// stripColours takes off terminal control sequences.
func stripColours(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			continue
		}
		for i++; i < len(s) && !isLetter(s[i]); i++ {
		}
	}
	return b.String()
}

// normalise turns a line into the ASCII its program printed: full-width forms,
// typographic spaces, arrows and brackets are put back, escapes of Markdown
// taken off, and every arrow stands between spaces.
func normalise(s string) string {
	s = longArrows.Replace(s)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '>':
			b.WriteString(" > ")
		case r == '\\' && i+1 < len(s) && strings.IndexByte(`[]>_*.-#<|`, s[i+1]) >= 0:
		case r < utf8.RuneSelf:
			b.WriteByte(s[i])
		case r >= 0xff01 && r <= 0xff5e:
			writeFullWidth(&b, r)
		default:
			b.WriteString(asciiOf(r))
		}
		i += n
	}
	return b.String()
}

var longArrows = strings.NewReplacer("-->", ">", "->", ">", "==>", ">", "=>", ">")

func writeFullWidth(b *strings.Builder, r rune) {
	if c := byte(r - 0xff01 + '!'); c == '>' {
		b.WriteString(" > ")
	} else {
		b.WriteByte(c)
	}
}

// asciiOf is the ASCII a character beyond it stands for in a listing; a space
// for all letters, so that prose glued to a number ends it.
func asciiOf(r rune) string {
	switch r {
	case '→', '⇒', '➔', '➜', '⟶', '›':
		return " > "
	case '。':
		return "."
	case '、':
		return ","
	case '【', '［':
		return "["
	case '】', '］':
		return "]"
	case '–', '—', '−', '‐', '‑':
		return "-"
	case '“', '”', '„':
		return `"`
	case '‘', '’':
		return "'"
	case '\u200b', '\ufeff', '\u00ad', '\u200c', '\u200d', '\u200e', '\u200f':
		return ""
	}
	return " "
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
