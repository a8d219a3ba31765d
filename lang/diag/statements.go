package diag

import "nsl/lang/source"

// UnexpectedWord is about the first word that a statement, or a probe, has no
// use for.
func UnexpectedWord(at source.Span, statement, word string) *Diagnostic {
	if len(word) == 0 || word[0] != '"' {
		word = `"` + word + `"`
	}
	return Errorf(Unexpected, at, "%s: unexpected %s", statement, word)
}

// Incomplete is about a statement that ends too early.
func Incomplete(at source.Span, statement string) *Diagnostic {
	return Errorf(TooShort, at, "%s: incomplete statement", statement)
}

// TakesNoBlock is about a block after something that takes none.
func TakesNoBlock(at source.Span, name string) *Diagnostic {
	return Errorf(NoBlockHere, at, "%s takes no block", name)
}

// GivenTwice is about an option of a statement that is there already.
func GivenTwice(at source.Span, statement, option string) *Diagnostic {
	return Errorf(OptionClash, at, "%s: %s is given twice", statement, option)
}

// Missing is about a part that a statement needs and does not have: "the port".
func Missing(at source.Span, statement, part string) *Diagnostic {
	return Errorf(TooShort, at, "%s: %s is missing", statement, part)
}
