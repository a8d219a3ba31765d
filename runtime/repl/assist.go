package repl

import "strings"

// paint gives the line that is typed its colours.
func (p *prompt) paint(before, line string, _, _ int) string {
	if !p.Color || strings.HasPrefix(strings.TrimSpace(line), "!") {
		return line
	}
	return words{begins: p.begins, probe: func(w string) bool { return p.session.Interp.Table.Probe(w) != nil }}.paintLine(before, line)
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

func (p *prompt) complete(_, _ string, _, _ int) (insert, show string) { return "", "" }
