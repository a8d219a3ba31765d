package check

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// maxReadings bounds how many readings of a statement are tried; where there are
// more, nothing is said before the run.
const maxReadings = 256

// shape is what is wrong with a statement whatever the values of its words are:
// it fits the grammar in no reading. A word with "$" may turn out to be a word, a
// list, or a word of the grammar.
func (r *resolver) shape(v *verb.Verb, st *syntax.Statement) diag.List {
	first := r.misfit(st)
	if first == nil || aboutDynamic(st, first.Subject) {
		return nil
	}
	tokens := st.Head()
	readings := [][]syntax.Token{nil}
	keywords := r.keywords(v, tokens)
	depth := 0
	for _, t := range tokens {
		switch t.Kind {
		case syntax.ListOpen:
			depth++
		case syntax.ListClose:
			depth--
		}
		readings = times(readings, readingsOf(t, depth > 0, keywords))
		if len(readings) > maxReadings {
			return nil
		}
	}
	for _, tokens := range readings {
		parts := slices.Clone(st.Parts)
		parts[0].Tokens = tokens
		if r.misfit(&syntax.Statement{Span: st.Span, Parts: parts}) == nil {
			return nil
		}
	}
	return diag.List{first}
}

// misfit is the finding that a statement does not fit the grammar; what a verb
// says of the values after it is left to the run.
func (r *resolver) misfit(st *syntax.Statement) *diag.Diagnostic {
	_, list := r.table.Parse(st)
	for _, d := range list {
		switch d.Code {
		case diag.Unexpected, diag.TooShort, diag.UnknownProbe, diag.NoBlockHere:
			return d
		}
	}
	return nil
}

func aboutDynamic(st *syntax.Statement, at source.Span) bool {
	return slices.ContainsFunc(st.Head(), func(t syntax.Token) bool { return t.Dynamic && t.Span == at })
}

// keywords are the words that the statement's grammar names, and that of the
// probe in it.
func (r *resolver) keywords(v *verb.Verb, tokens []syntax.Token) []string {
	words := v.Keywords()
	for _, t := range tokens[1:] {
		if p := r.table.Probe(t.Text); p != nil {
			words = append(words, p.Name)
			words = append(words, p.Keywords()...)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// readingsOf are the tokens that may be at the place of one.
func readingsOf(t syntax.Token, inList bool, keywords []string) [][]syntax.Token {
	list := [][]syntax.Token{{t}}
	if !t.Dynamic || t.Kind != syntax.Word || inList {
		return list
	}
	name := t
	name.Dynamic, name.Text = false, "a"
	list = append(list, []syntax.Token{name}, []syntax.Token{
		{Kind: syntax.ListOpen, Span: t.Span, Text: "<"}, t, {Kind: syntax.ListClose, Span: t.Span, Text: ">"}})
	for _, k := range keywords {
		if strings.HasPrefix(t.Text, "$") || strings.HasPrefix(k, t.Text[:1]) {
			word := t
			word.Dynamic, word.Text = false, k
			list = append(list, []syntax.Token{word})
		}
	}
	return list
}

// times is every beginning with every end.
func times(beginnings, ends [][]syntax.Token) [][]syntax.Token {
	if len(ends) == 1 {
		for i := range beginnings {
			beginnings[i] = append(beginnings[i], ends[0]...)
		}
		return beginnings
	}
	out := make([][]syntax.Token, 0, len(beginnings)*len(ends))
	for _, b := range beginnings {
		for _, e := range ends {
			out = append(out, slices.Concat(b, e))
		}
	}
	return out
}
