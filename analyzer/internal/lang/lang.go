// Package lang holds the text of the product in its two languages, side by
// side, and the spelling of quantities in both. It imports nothing of the
// product: everything that speaks to a person builds on it.
package lang

import (
	"fmt"
	"strings"
	"unicode"
)

// Text is one thing said in both languages. Both carry the same numbers,
// addresses and packet references; neither is a word-for-word copy of the other.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Empty reports whether nothing is said in either language.
func (t Text) Empty() bool { return t.EN == "" && t.ZH == "" }

// In returns the text in a language: "zh" gives Chinese, all else English.
func (t Text) In(language string) string {
	if language == "zh" {
		return t.ZH
	}
	return t.EN
}

// Same is a text that reads alike in both languages: an address, a number, a
// command.
func Same(s string) Text { return Text{EN: s, ZH: s} }

// T builds a text from two formats over the same arguments. Arguments of type
// Text are put in as their own language; the Chinese format reorders with
// explicit indexes (%[2]s) where its sentence needs another order, and either
// may leave out trailing arguments. Between two Chinese characters no space is
// left, so that a format can write "%s 后" for both "15 µs" and "3 秒".
func T(en, zh string, args ...any) Text {
	if len(args) == 0 {
		return Text{EN: en, ZH: zh}
	}
	return Text{EN: format(en, "en", args), ZH: closeUp(format(zh, "zh", args))}
}

func format(pattern, language string, args []any) string {
	used := make([]any, len(args))
	for i, a := range args {
		if t, ok := a.(Text); ok {
			used[i] = t.In(language)
		} else {
			used[i] = a
		}
	}
	if !strings.Contains(pattern, "%[") {
		used = used[:min(len(used), verbs(pattern))]
	}
	return fmt.Sprintf(pattern, used...)
}

func verbs(pattern string) int {
	return strings.Count(pattern, "%") - 2*strings.Count(pattern, "%%")
}

// closeUp removes single spaces that stand between two Han characters or beside
// full-width punctuation.
func closeUp(s string) string {
	runes := []rune(s)
	out := runes[:0]
	for i, r := range runes {
		if r == ' ' && i > 0 && i+1 < len(runes) {
			before, after := runes[i-1], runes[i+1]
			if wide(before) && wide(after) || stop(before) || stop(after) {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func wide(r rune) bool { return unicode.Is(unicode.Han, r) || stop(r) }

func stop(r rune) bool { return strings.ContainsRune("，。、；：？（）“”《》……", r) }

// Join strings several texts together with a separator in each language.
func Join(texts []Text, sep Text) Text {
	en := make([]string, len(texts))
	zh := make([]string, len(texts))
	for i, t := range texts {
		en[i], zh[i] = t.EN, t.ZH
	}
	return Text{EN: strings.Join(en, sep.EN), ZH: strings.Join(zh, sep.ZH)}
}

// List joins texts as an enumeration: "a, b and c" / "a、b 和 c".
func List(texts ...Text) Text {
	switch len(texts) {
	case 0:
		return Text{}
	case 1:
		return texts[0]
	}
	head := Join(texts[:len(texts)-1], Text{EN: ", ", ZH: "、"})
	return T("%s and %s", "%s 和 %s", head, texts[len(texts)-1])
}
