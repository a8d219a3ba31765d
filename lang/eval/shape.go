package eval

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

func one(d *diag.Diagnostic) diag.List {
	if d == nil {
		return nil
	}
	return diag.List{d}
}

func end(st *syntax.Statement) source.Span {
	t := st.Head()[len(st.Head())-1]
	return source.Span{Start: t.Span.End, End: t.Span.End}
}

// tooShort is about a statement that ends too early: more could complete it.
func tooShort(st *syntax.Statement, usage string) *diag.Diagnostic {
	at := source.Span{Start: st.Span.End, End: st.Span.End}
	return diag.Incomplete(at, st.Verb().Text).WithHelp("%s", usage)
}

// misread is about word i of the statement, or about its absence.
func misread(st *syntax.Statement, i int, usage string) *diag.Diagnostic {
	t := st.Head()
	if i >= len(t) {
		return tooShort(st, usage)
	}
	return diag.UnexpectedWord(t[i].Span, st.Verb().Text, t[i].Text).WithHelp("%s", usage)
}

// noBlock refuses a block after a statement that takes none.
func noBlock(st *syntax.Statement) *diag.Diagnostic {
	if b := st.Parts[0].Block; b != nil {
		return diag.TakesNoBlock(b.Span, st.Verb().Text)
	}
	return nil
}

// noElse refuses else after a block that is no branch.
func noElse(st *syntax.Statement) *diag.Diagnostic {
	if len(st.Parts) == 1 {
		return nil
	}
	return diag.Errorf(diag.Unexpected, st.Parts[1].Tokens[0].Span, "%s has no else", st.Verb().Text).
		WithHelp("else belongs to if: if $n > 1 { … } else { … }")
}

// nameAt looks at the variable that the statement binds, if it got so far.
func nameAt(st *syntax.Statement) *diag.Diagnostic {
	if t := st.Head(); len(t) > 1 {
		return variableName(t[1])
	}
	return nil
}

func variableName(t syntax.Token) *diag.Diagnostic {
	if t.Kind == syntax.Word && isName(t.Text) && !isOperator(t.Text) {
		return nil
	}
	d := diag.Errorf(diag.BadName, t.Span, "%s cannot be the name of a variable", t.Text)
	if t.Dynamic {
		return d.WithHelp("the $ is only for reading it: leave it out here")
	}
	return d.WithHelp("use letters, digits and _")
}

// functionName allows dashes: statements have them too.
func functionName(t syntax.Token) *diag.Diagnostic {
	if t.Kind == syntax.Word && !t.Dynamic && isName(dashless(t.Text)) {
		return nil
	}
	return diag.Errorf(diag.BadName, t.Span, "%s cannot be the name of a statement", t.Text).WithHelp("use letters, digits, - and _")
}

func dashless(s string) string {
	out := []byte(s)
	for i := range out {
		if out[i] == '-' && i > 0 {
			out[i] = '_'
		}
	}
	return string(out)
}
