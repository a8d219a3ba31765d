package lab

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// Option is one option of a statement.
type Option interface {
	// Word is what a message calls it, and its place.
	Word() (string, syntax.Text)
}

// GivenTwice finds the options that a statement has twice.
func GivenTwice[O Option](statement string, opts []O) diag.List {
	var list diag.List
	seen := map[string]bool{}
	for _, o := range opts {
		word, at := o.Word()
		if seen[word] {
			list.Add(diag.GivenTwice(at.Span, statement, word))
		}
		seen[word] = true
	}
	return list
}
