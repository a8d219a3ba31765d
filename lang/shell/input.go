package shell

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// Input is a here-document, or a here-string.
type Input struct {
	redirect *syntax.Redirect
	// raw is the text of a document whose end is quoted: nothing in it is expanded.
	raw string
}

// input is what a redirection has the command read; nil for another.
func (reader) input(rd *syntax.Redirect) *Input {
	switch {
	case rd.Op == syntax.WordHdoc:
		return &Input{redirect: rd}
	case rd.Hdoc == nil:
		return nil
	case rd.Word.Lit() == "":
		return &Input{redirect: rd, raw: rd.Hdoc.Lit()}
	}
	return &Input{redirect: rd}
}

// Text is what the command reads, as [Word.Fields] expands.
func (in *Input) Text(value func(name string) (string, bool)) (string, error) {
	if in.redirect.Op == syntax.WordHdoc {
		text, err := expanded(in.redirect.Word, value, expand.Literal)
		return text + "\n", err
	}
	text, err := in.raw, error(nil)
	if text == "" {
		text, err = expanded(in.redirect.Hdoc, value, expand.Document)
	}
	if in.redirect.Op != syntax.DashHdoc {
		return text, err
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimLeft(l, "\t")
	}
	return strings.Join(lines, "\n"), err
}

// docsEnd is the end of what a statement takes of a text: with the here-documents in it,
// that is the line that ends the last.
func docsEnd(text string, s *syntax.Stmt, end int) int {
	syntax.Walk(s, func(n syntax.Node) bool {
		if rd, ok := n.(*syntax.Redirect); ok && rd.Hdoc != nil {
			last := int(rd.Hdoc.End().Offset()) //nolint:gosec // a place in a text
			end = max(end, last+len(lineOf(text[last:])))
		}
		return true
	})
	return end
}

// opensDocument reports the error of a text that ends in a here-document.
func opensDocument(err error) bool {
	var perr syntax.ParseError
	return errors.As(err, &perr) && strings.HasPrefix(perr.Text, "unclosed here-document")
}
