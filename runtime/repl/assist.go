package repl

import (
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/runtime/proc"
)

// paint gives the line that is typed its colours, and puts after it what its
// statement still lacks.
func (p *prompt) paint(before, line string, pos, width int) string {
	if !p.Color || strings.HasPrefix(strings.TrimSpace(line), "!") {
		return line
	}
	painted := words{begins: p.begins, table: p.session.Interp.Table}.paintLine(before, line)
	if pos != utf8.RuneCountInString(line) || strings.TrimSpace(line) == "" {
		return painted
	}
	return painted + p.hint(before, line, width-pos-1)
}

// hint is the rest of the statement's usage, dim, after the cursor.
func (p *prompt) hint(before, line string, room int) string {
	r := p.request(before + line)
	r.View = nil // the kernel is not asked at each key
	text := complete.Hint(r)
	if text == "" || room < 4 {
		return ""
	}
	if !strings.HasSuffix(line, " ") {
		text = " " + text
	}
	if n := utf8.RuneCountInString(text); n > room {
		text = string([]rune(text)[:room-1]) + "…"
	}
	return saveCursor + paint(styleDim, text) + backCursor
}

// begins reports whether a statement or command begins with a word.
func (p *prompt) begins(word string) (whole, prefix bool) {
	for _, name := range p.beginnings() {
		whole = whole || name == word
		prefix = prefix || strings.HasPrefix(name, word)
	}
	return whole, prefix
}

// beginnings are all words that a line may begin with.
func (p *prompt) beginnings() []string {
	in := p.session.Interp
	names := append(Commands(), in.Scope.Functions()...)
	for _, v := range in.Table.Verbs() {
		names = append(names, v.Name)
	}
	return names
}

// request is what completion is asked with.
func (p *prompt) request(text string) complete.Request {
	in := p.session.Interp
	r := complete.Request{Table: in.Table, Text: text, View: p.session.World, Variables: in.Scope.Variables(),
		Modules: p.Modules, Files: p.files, Programs: proc.Programs, Open: os.Open}
	for _, name := range in.Scope.Functions() {
		r.Functions = append(r.Functions, complete.Named{Name: name, Usage: in.Scope.Function(name).Usage()})
	}
	for _, c := range commands() {
		r.Commands = append(r.Commands, complete.Named{Name: c.name, Usage: c.usage, Args: c.args})
	}
	return r
}

// candidates are what may come at the end of a text.
func (p *prompt) candidates(text string) complete.Answer {
	if command, host := strings.CutPrefix(strings.TrimSpace(text), "!"); host {
		if strings.HasSuffix(text, " ") {
			command += " " // another word begins
		}
		return complete.CommandLine(p.request(command))
	}
	return complete.Complete(p.request(text))
}

// complete is called for Tab.
func (p *prompt) complete(before, line string, pos, width int) (insert, show string) {
	text := string([]rune(line)[:pos])
	if before == "" && strings.TrimSpace(line) == "" && p.fixed != "" {
		return p.fixed, ""
	}
	a := p.candidates(before + text)
	// Programs may have made names that no one can type, and that no terminal should get.
	a.Candidates = slices.DeleteFunc(a.Candidates, func(s string) bool { return diag.PlainLine(s) != s })
	switch len(a.Candidates) {
	case 0:
		return "", ""
	case 1:
		insert = a.Candidates[0][len(a.Word):]
		if !strings.ContainsAny(a.Candidates[0][len(a.Candidates[0])-1:], "/=.") && pos == utf8.RuneCountInString(line) {
			insert += " "
		}
		return insert, ""
	}
	if common := commonPrefix(a.Candidates); len(common) > len(a.Word) {
		return common[len(a.Word):], ""
	}
	return "", inColumns(a.Candidates, width)
}

func commonPrefix(list []string) string {
	common := list[0]
	for _, s := range list[1:] {
		for !strings.HasPrefix(s, common) {
			_, size := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-size]
		}
	}
	return common
}

// inColumns lays candidates out, a few lines of them.
func inColumns(list []string, columns int) string {
	const most = 8
	wide := 0
	for _, s := range list {
		wide = max(wide, width(s)+2)
	}
	each := max(1, (columns-1)/wide)
	var b strings.Builder
	for i, s := range list {
		if i == most*each-1 && len(list) > most*each {
			b.WriteString("… and " + count(len(list)-i, "other") + "\n")
			return b.String()
		}
		b.WriteString(s)
		if (i+1)%each == 0 || i == len(list)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString(strings.Repeat(" ", wide-width(s)))
		}
	}
	return b.String()
}

// files are the names of files that begin so.
func (p *prompt) files(prefix string) []string {
	return complete.Files(strings.TrimLeft(prefix, `"`), func(name string) (*os.File, error) {
		return p.Files.OpenFile(name, os.O_RDONLY, 0)
	})
}
