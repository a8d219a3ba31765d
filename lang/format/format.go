// Package format writes scripts in their canonical form.
//
// It works on tokens, not on statements: a verb it has never heard of is laid
// out as well as any other. Only the layout changes, never a word.
package format

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Source returns the canonical form of a script; see [syntax.Lex] for the dialect. Text that is no sequence of
// tokens (an open bracket or quote, an odd byte) is returned as it is, with
// the findings.
func Source(f *source.File, d syntax.Dialect) (string, diag.List) {
	lexed := syntax.LexAs(f, d)
	if len(lexed.Diags) > 0 {
		return f.Text, lexed.Diags
	}
	p := &printer{}
	pieces := piecesOf(f, lexed.Tokens)
	for i := range pieces {
		p.place(pieces, i)
	}
	return p.String(), nil
}

// Diff is the unified diff between a script and its canonical form, "" when
// they are the same. The name is in the header of the diff.
func Diff(name, before, after string) string {
	return string(diff.Diff(name, []byte(before), name+" (formatted)", []byte(after)))
}

// piece is a token that is not the end of a statement, and what was between
// it and the piece before it.
type piece struct {
	syntax.Token
	// ended reports that a statement ended before the piece.
	ended bool
	// breaks is the number of line breaks before the piece.
	breaks int
	// tight reports that nothing at all was before the piece.
	tight bool
	// oneLine is set for the brace that opens a block of one source line.
	oneLine bool
	// inCall: it is between parentheses.
	inCall bool
}

func piecesOf(f *source.File, tokens []syntax.Token) []piece {
	var list []piece
	var blocks []int
	at, ended, calls := f.Base, false, 0
	for _, t := range tokens {
		if t.Kind == syntax.End {
			ended = true
			continue
		}
		gap := f.Text[at-f.Base : t.Span.Start-f.Base]
		list = append(list, piece{Token: t, ended: ended, breaks: strings.Count(gap, "\n"), tight: gap == "", inCall: calls > 0})
		at, ended = t.Span.End, false
		switch t.Kind {
		case syntax.ParenOpen:
			calls++
		case syntax.ParenClose:
			calls--
		case syntax.BlockOpen:
			blocks = append(blocks, len(list)-1)
		case syntax.BlockClose:
			opener := &list[blocks[len(blocks)-1]]
			blocks = blocks[:len(blocks)-1]
			inside := f.Text[opener.Span.End-f.Base : t.Span.Start-f.Base]
			opener.oneLine = !strings.Contains(inside, "\n")
		}
	}
	return list
}
