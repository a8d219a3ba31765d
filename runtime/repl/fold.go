package repl

import (
	"io"
	"strings"
	"unicode"

	"nsl/runtime/terminal"
)

// leastFold is the narrowest screen that lines are folded for.
const leastFold = 20

// columns is the width that lines are folded to; 0 where they are left as they are.
func (p *prompt) columns() int {
	if p.Out == nil || !terminal.Is(p.Out) {
		return 0
	}
	return terminal.Width(p.Out)
}

// fold breaks the lines of a text that are wider than a screen at blanks. What goes on
// is indented like the line, and more: in a table, as its second column. A word that is
// wider than the screen is left to the terminal.
func fold(text string, columns int) string {
	return foldEach(text, columns, "", func(string) bool { return true })
}

// foldCommands folds commands of a shell so that they can be copied: between words, with
// a backslash at the end of the line (sh(1), 2.2.1).
func foldCommands(text string, columns int) string {
	return foldEach(text, columns-2, ` \`, func(before string) bool {
		return strings.Count(before, "'")%2 == 0 && strings.Count(before, `"`)%2 == 0
	})
}

// foldEach folds each line, where mayBreak allows it after what precedes a blank.
func foldEach(text string, columns int, end string, mayBreak func(before string) bool) string {
	if columns < leastFold {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		for width(body) > columns {
			at := breakAt(body, columns, mayBreak)
			if at < 0 {
				break
			}
			hang := hanging(body, columns)
			b.WriteString(strings.TrimRight(body[:at], " ") + end + "\n")
			body = strings.Repeat(" ", hang) + strings.TrimLeft(body[at:], " ")
		}
		b.WriteString(body + line[len(strings.TrimSuffix(line, "\n")):])
	}
	return b.String()
}

// breakAt is the last blank of a line before the edge of the screen, or else the first
// after it; -1 where there is none after the line's indentation.
func breakAt(line string, columns int, mayBreak func(before string) bool) int {
	last := -1
	for i := len(line) - len(strings.TrimLeft(line, " ")); i < len(line); i++ {
		if line[i] != ' ' || !mayBreak(line[:i]) {
			continue
		}
		if width(line[:i]) > columns && last >= 0 {
			return last
		}
		last = i
		if width(line[:i]) > columns {
			return last
		}
	}
	return last
}

// hanging is how far the rest of a line is indented.
func hanging(line string, columns int) int {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	words := line[indent:]
	if gap := strings.Index(words, "  "); gap > 0 {
		second := strings.IndexFunc(words[gap:], func(r rune) bool { return !unicode.IsSpace(r) })
		if at := width(line[:indent+gap]) + second; second > 0 && at <= columns/3 {
			return at
		}
	}
	return min(indent+4, columns/2)
}

// folding is a writer of whole lines that are folded.
type folding struct {
	*prompt
	io.Writer
}

// Write writes all of text, or nothing.
func (f folding) Write(text []byte) (int, error) {
	if _, err := io.WriteString(f.Writer, fold(string(text), f.columns())); err != nil {
		return 0, err
	}
	return len(text), nil
}

// page shows a text, a screenful at a time where it is longer than the screen.
func (p *prompt) page(text string) {
	lines := strings.Split(fold(strings.TrimRight(text, "\n"), p.columns()), "\n")
	height := len(lines)
	if p.columns() > 0 {
		height = max(5, terminal.Height(p.Out)-2)
	}
	for len(lines) > height {
		p.say("%s", strings.Join(lines[:height], "\n"))
		lines = lines[height:]
		answer, err := p.editor.Read(Prompt{Text: "-- " + count(len(lines), "more line") + "; q ends -- ", Question: true})
		if err != nil || strings.HasPrefix(strings.TrimSpace(answer), "q") {
			return
		}
	}
	p.say("%s", strings.Join(lines, "\n"))
}
