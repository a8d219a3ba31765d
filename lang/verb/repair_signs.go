package verb

import (
	"slices"
	"strings"

	"nsl/lang/syntax"
)

// inParens is the statement with red(eth0) written as red:eth0.
func inParens(tokens []syntax.Token) [][]string {
	words := marked(tokens)
	for i := len(words) - 3; i > 0; i-- {
		if words[i] == touch+"(" && words[i+2] == ")" {
			words = slices.Replace(words, i-1, i+3, words[i-1]+":"+words[i+1])
		}
	}
	if len(words) == len(tokens) {
		return nil
	}
	return [][]string{words}
}

// braced is the statement with the words of a block after it written as a list, or as
// names of their own where the block touches the beginning of them; "" where that makes no
// right statement.
func (v *Verb) braced(st *syntax.Statement) string {
	head, block := st.Head(), st.Parts[0].Block
	if len(st.Parts) > 1 || len(block.Statements) != 1 || len(block.Statements[0].Parts) > 1 || block.Statements[0].Parts[0].Block != nil {
		return ""
	}
	items := strings.FieldsFunc(spaced(marked(block.Statements[0].Head())), func(r rune) bool { return r == ' ' || r == ',' })
	words := marked(head)
	last := len(words) - 1
	tries := [][]string{slices.Concat(words, items), slices.Concat(words, []string{"<" + touch}, items, []string{touch + ">"})}
	if last > 0 && head[last].Span.End == block.Span.Start {
		named := make([]string, len(items))
		for i, item := range items {
			named[i] = words[last] + item
		}
		if from, to, ok := strings.Cut(items[0], ".."); ok && len(items) == 1 {
			named[0] = words[last] + "${range(" + from + ", " + to + ")}"
		}
		tries = [][]string{slices.Concat(words[:last], named)}
	}
	for _, try := range tries {
		if tokens := lexed(spaced(try)); len(tokens) <= mostRepaired {
			if _, fits := v.fits(tokens); fits {
				return spaced(try)
			}
		}
	}
	return ""
}

// signs are the words around one that together look like an arrow: "--", "<", ">" and
// signs of other scripts, or a word in the place of one.
func signs(words []string, at int) (from, to int) {
	if slices.Contains([]string{"to", "into", "with", "and", "towards"}, words[at]) {
		return at, at + 1
	}
	sign := func(w string) bool {
		return strings.Trim(w, touch+"-=<>~–—→←↔⇒⇔➔➜➝➞⟶⟷:|.") == ""
	}
	for from = at; from > 1 && sign(words[from-1]); from-- {
	}
	for to = at; to < len(words) && sign(words[to]); to++ {
	}
	return from, max(to, from)
}

// turnedRound is "B from A" as A -> B.
func turnedRound(words []string, at int) []string {
	if at < 2 || at+1 >= len(words) || words[at] != "from" {
		return nil
	}
	return slices.Replace(slices.Clone(words), at-1, at+2, words[at+1], "->", words[at-1])
}

// asList are the words with what may be meant as a list written as one.
func asList(words []string, at int) ([]string, bool) {
	text := strings.ReplaceAll(strings.Join(words, " "), touch+"(", "(")
	if changed := strings.NewReplacer("( ", "<", " )", ">", "(", "<", ")", ">", "[", "<", "]", ">", " , ", " ", " ,", "", ",", " ").Replace(text); changed != text {
		return strings.Fields(changed), true
	}
	if at < 1 || at >= len(words) || strings.ContainsAny(text, "<>") {
		return nil, false
	}
	for at < len(words)-1 && filler(words[at]) {
		words = slices.Delete(slices.Clone(words), at, at+1)
	}
	return slices.Concat(words[:at], []string{"<" + touch}, words[at:], []string{touch + ">"}), true
}
