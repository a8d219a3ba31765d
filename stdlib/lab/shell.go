package lab

import (
	"regexp"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// shellSign is a word that only a shell gives a meaning: && | > >/dev/null.
var shellSign = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9&]?>{1,2}(/.*)?|<{1,2}|&|&&|\|{1,2}|\|&)$`) })

// NoShell is about words of a command, after a statement and a node, that only a shell
// understands, as there is none: nil if there are no such words. Quoted ones, and those of
// variables, are the program's.
func NoShell(statement, node string, words []syntax.Text) *diag.Diagnostic {
	for _, w := range words {
		if w.Quoted || w.Dynamic || !shellSign().MatchString(w.Value) || w.Span.End-w.Span.Start != len(w.Value) {
			continue
		}
		d := diag.Errorf(diag.BadWord, w.Span, "%s starts no shell: %s would be a word for the program", statement, w.Value)
		if w.Value == "&" && w == words[len(words)-1] {
			return d.WithHelp("what is to go on is spawned: spawn %s %s", node, commandLine(words[:len(words)-1]))
		}
		return d.WithHelp("start one: %s %s sh -c '%s'", statement, node, commandLine(words))
	}
	if first := words[0]; first.Quoted && !first.Dynamic && strings.Contains(first.Value, " ") && !strings.Contains(first.Value, "/") {
		d := diag.Errorf(diag.BadWord, first.Span, "%q is one word, so it would be the name of a program", first.Value)
		if strings.ContainsAny(first.Value, "|&<>;$") {
			return d.WithHelp("start a shell: %s %s sh -c %s", statement, node, syntax.Quote(first.Value))
		}
		return d.WithHelp("leave the quotes out: %s", first.Value).WithFix(first.Span, "", first.Value)
	}
	return nil
}

// commandLine are the words as a shell has them.
func commandLine(words []syntax.Text) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.Value
		if i > 0 && w.Quoted {
			list[i] = syntax.Quote(w.Value)
		}
	}
	return strings.Join(list, " ")
}
