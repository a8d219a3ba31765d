package complete

import (
	"slices"
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Hint is what is missing of the statement that the text ends in, as its usage
// has it: "<-> B [SUBNET|auto] [mtu N]". It is "" where nothing is to be said.
func Hint(r Request) string {
	before, word, _ := r.statement()
	if word != "" {
		before = append(before, syntax.Token{Kind: syntax.Word, Text: word})
	}
	if len(before) == 0 {
		return ""
	}
	usages, before := r.usages(before)
	for _, u := range usages {
		if rest := missing(u, before); rest != "" {
			return rest
		}
	}
	return ""
}

// Usages are the forms of the statement that the text ends in, and which of them its words
// are the beginning of: the first such, or the first of all.
func Usages(r Request) (forms []string, active int) {
	before, word, _ := r.statement()
	if word != "" {
		before = append(before, syntax.Token{Kind: syntax.Word, Text: word})
	}
	if len(before) == 0 {
		return nil, 0
	}
	forms, before = r.usages(before)
	for i, u := range forms {
		if missing(u, before) != "" {
			return forms, i
		}
	}
	return forms, 0
}

// usages are the forms that a statement may have, and its words from their first on.
func (r Request) usages(before []syntax.Token) ([]string, []syntax.Token) {
	first := before[0].Text
	for _, list := range [][]Named{r.Functions, r.Commands} {
		if i := slices.IndexFunc(list, named(first)); i >= 0 {
			return []string{list[i].Usage}, before
		}
	}
	v := r.Table.Verb(first)
	if v == nil {
		return nil, before
	}
	if v.Role == verb.RoleExpect {
		rest := before[1:]
		if len(rest) > 0 && rest[0].Is("not") {
			rest = rest[1:]
		}
		if len(rest) > 0 {
			if p := r.Table.Probe(rest[0].Text); p != nil {
				return p.Usage, rest
			}
		}
	}
	return v.Usage, before
}

// missing is what a form has after the words that are there; "" when they do not
// begin as the form does.
func missing(usage string, tokens []syntax.Token) string {
	forms := strings.Fields(usage)
	i := 0
	for _, t := range grouped(tokens) {
		for i < len(forms) && optional(forms[i]) && !takes(forms[i], t) {
			i++
		}
		switch {
		case i == len(forms):
			return ""
		case (isWord(forms[i]) || isSign(forms[i])) && forms[i] != t:
			return ""
		}
		if !strings.HasSuffix(forms[i], "…") {
			i++
		}
	}
	return strings.Join(unusedOf(forms[min(i, len(forms)):], tokens), " ")
}

// grouped are the words of a statement, a list being one.
func grouped(tokens []syntax.Token) []string {
	var list []string
	open := false
	for _, t := range tokens {
		switch {
		case open:
			open = !t.Is(">")
		case t.Is("<"):
			open = true
			list = append(list, "<")
		default:
			list = append(list, t.Text)
		}
	}
	return list
}

func optional(form string) bool { return strings.HasPrefix(form, "[") }

// takes reports whether an optional form may be the word.
func takes(form, word string) bool {
	first := strings.Trim(form, "[]")
	return slices.Contains(strings.Split(first, "|"), word) || strings.ToUpper(first) == first
}

// isWord reports whether a form is a word of the language, not one to fill in.
func isWord(form string) bool {
	return strings.ToLower(form) == form && !strings.ContainsAny(form, "[|…<(")
}

func isSign(form string) bool { return form == "->" || form == "<->" }

// unusedOf leaves out the options that are there already.
func unusedOf(forms []string, tokens []syntax.Token) []string {
	var out []string
	for i := 0; i < len(forms); i++ {
		option := strings.Trim(forms[i], "[]")
		if !optional(forms[i]) || !used(tokens, option) {
			out = append(out, forms[i])
			continue
		}
		for i < len(forms)-1 && !strings.HasSuffix(forms[i], "]") {
			i++ // its words
		}
	}
	return out
}
