package doc

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// columns is the width of a plain terminal.
const columns = 80

// terminal renders the Markdown that the verbs are documented in: paragraphs
// are filled, lists and code keep their lines, marks of emphasis and code go.
func terminal(markdown string) string {
	var b strings.Builder
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			b.WriteString(block(plain(strings.Join(paragraph, "\n"))))
		}
		paragraph = nil
	}
	code := false
	for line := range strings.Lines(strings.TrimSpace(markdown) + "\n") {
		line = strings.TrimRight(line, " \n")
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			code = !code
		case code:
			b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		case line == "":
			flush()
			b.WriteString("\n")
		case strings.HasPrefix(line, "|"), strings.HasPrefix(line, "    "):
			flush()
			b.WriteString(plain(line) + "\n")
		case item(line) != "":
			flush()
			paragraph = append(paragraph, line)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return b.String()
}

// mark is what a list item begins with.
var mark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([-*]|[0-9]+\.) `) })

// item is the mark that a list item begins with, or "".
func item(line string) string { return mark().FindString(line) }

// block fills one paragraph or list item.
func block(text string) string {
	text = strings.TrimLeft(text, "# ")
	if mark := item(text); mark != "" {
		return wrap(strings.TrimPrefix(text, mark), mark, strings.Repeat(" ", len(mark)))
	}
	return wrap(text, "", "")
}

// plain takes the marks of inline Markdown away.
func plain(text string) string {
	return strings.NewReplacer("`", "", "**", "").Replace(text)
}

// wrap fills lines of at most 80 columns: the first begins with first, the
// others with hang. A longer word has a line of its own.
func wrap(text, first, hang string) string {
	var b strings.Builder
	line, empty := first, true
	for _, word := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			b.WriteString(line + "\n")
			line, empty = hang, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}
