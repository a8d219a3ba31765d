package verb

import (
	"errors"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// mostRepaired is how many words a statement may have for a slip in it to be looked for.
const mostRepaired = 16

// slips is how many slips are undone in one statement.
const slips = 2

// repair looks for a statement that was probably meant by one that does not fit its
// grammar from tokens[at] on: with a slip or two undone that people make, it fits. "" where
// there is none.
func (v *Verb) repair(tokens []syntax.Token, at int) string {
	if len(tokens) > mostRepaired {
		return ""
	}
	return v.undo(tokens, at, slips)
}

// undo undoes one slip after the other.
func (v *Verb) undo(tokens []syntax.Token, at, left int) string {
	type next struct {
		tokens []syntax.Token
		at     int
	}
	var further []next
	for _, try := range append(inParens(tokens), v.tries(marked(tokens), at)...) {
		text := spaced(try)
		lexed := lexed(text)
		wrong, fits := v.fits(lexed)
		switch {
		case fits:
			return text
		case (wrong > at || wrong == at && len(lexed) < len(tokens)) && len(lexed) <= mostRepaired:
			further = append(further, next{lexed, wrong})
		}
	}
	for _, n := range further {
		if left == 1 {
			break
		}
		if text := v.undo(n.tokens, n.at, left-1); text != "" {
			return text
		}
	}
	return ""
}

// lexed are the tokens of a statement.
func lexed(text string) []syntax.Token {
	tokens := syntax.Lex((&source.Set{}).Add("", text)).Tokens
	return slices.DeleteFunc(tokens, func(t syntax.Token) bool { return t.Kind == syntax.End })
}

// fits reports whether tokens are a right statement of the verb, and otherwise the number
// of the first that does not fit.
func (v *Verb) fits(tokens []syntax.Token) (wrong int, ok bool) {
	if len(tokens) == 0 {
		return 0, false
	}
	node, err := v.parse(tokens)
	var perr participle.Error
	switch {
	case errors.As(err, &perr):
		return perr.Position().Column, false
	case err != nil:
		return 0, false
	}
	return 0, len(Problems(node)) == 0
}

// fitsWith reports whether a statement is right with another word in the place of one.
func (v *Verb) fitsWith(tokens []syntax.Token, at int, word string) bool {
	words := marked(tokens)
	words[at] = word
	_, ok := v.fits(lexed(spaced(words)))
	return ok
}

// touch marks the side of a list's sign on which there is no blank.
const touch = "\x00"

// marked are the words of tokens, with the signs of lists as such.
func marked(tokens []syntax.Token) []string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		switch t.Kind {
		case syntax.ListOpen:
			words[i] = t.Text + touch
		case syntax.ListClose:
			words[i] = touch + t.Text
		case syntax.ParenOpen:
			if words[i] = t.Text; i > 0 && t.Span.Start == tokens[i-1].Span.End {
				words[i] = touch + t.Text
			}
		default:
			words[i] = t.Text
		}
	}
	return words
}

// spaced joins words to a statement.
func spaced(words []string) string {
	return strings.NewReplacer(touch+" ", "", " "+touch, "", touch, "").Replace(strings.Join(words, " "))
}

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

// tries are the statement with one slip undone each, the likeliest first.
func (v *Verb) tries(words []string, at int) [][]string {
	var list [][]string
	add := func(w []string) { list = append(list, w) }
	put := func(from, to int, with ...string) { add(slices.Replace(slices.Clone(words), from, to, with...)) }
	if at < len(words) {
		from, to := signs(words, at)
		for _, arrow := range []string{"->", "<->"} {
			if to > from {
				put(from, to, arrow)
			}
			put(at, at, arrow)
		}
		if key, value, ok := strings.Cut(words[at], "="); ok && key != "" && value != "" {
			put(at, at+1, key, value)
		}
		if proto, port, ok := strings.Cut(words[at], "/"); ok && proto != "" && port != "" {
			put(at, at+1, proto, port)
		}
	}
	list = append(list, v.later(words, at)...)
	if listed, ok := asList(words, at); ok {
		add(listed)
	}
	if at < len(words) {
		list = append(list, v.beside(words, at)...)
	}
	return append(list, v.withKeyword(words, at)...)
}

// beside are the statement with a slip undone that concerns the wrong word and the one
// before it.
func (v *Verb) beside(words []string, at int) (list [][]string) {
	put := func(from, to int, with ...string) {
		list = append(list, slices.Replace(slices.Clone(words), from, to, with...))
	}
	word := words[at]
	if said := synonym(word); said != "" {
		put(at, at+1, said)
	}
	if filler(word) {
		put(at, at+1)
	}
	if at < 2 {
		return list
	}
	if text, n := joined(words, at); n > 0 {
		put(at-1, at+n, text)
	}
	before := words[at-1]
	if near := diag.Nearest(before, v.Keywords()); near != "" && near != before {
		put(at-1, at, near)
	}
	switch {
	case strings.HasPrefix(word, ":"):
		put(at-1, at+1, before+word)
	case !strings.ContainsAny(before+word, ":/<>=-"):
		put(at-1, at+1, before+":"+word)
	}
	put(at-1, at+1, word, before)
	if filler(before) {
		put(at-1, at)
	}
	if before == "loss" || before == "rtt" {
		put(at, at, "<")
	}
	return list
}

// synonym is nsl's word for one that other programs have.
func synonym(word string) string {
	return map[string]string{"latency": "delay", "bandwidth": "rate", "bw": "rate", "speed": "rate", "gw": "via", "gateway": "via", "via": "on",
		"interface": "dev", "port": "tcp", "times": "count", "length": "size"}[word]
}

// signs are the words around one that together look like an arrow: "--", "<", ">" and
// signs of other scripts, or a word in the place of one.
func signs(words []string, at int) (from, to int) {
	if slices.Contains([]string{"to", "with", "and", "towards"}, words[at]) {
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

// asList are the words with what may be meant as a list written as one.
func asList(words []string, at int) ([]string, bool) {
	text := strings.ReplaceAll(strings.Join(words, " "), touch+"(", "(")
	if changed := strings.NewReplacer("( ", "<", " )", ">", "(", "<", ")", ">", "[", "<", "]", ">", " , ", " ", " ,", "", ",", " ").Replace(text); changed != text {
		return strings.Fields(changed), true
	}
	if at < 1 || at >= len(words) || strings.ContainsAny(text, "<>") {
		return nil, false
	}
	return slices.Concat(words[:at], []string{"<" + touch}, words[at:], []string{touch + ">"}), true
}

// filler reports a word that only English needs.
func filler(word string) bool {
	return slices.Contains([]string{"from", "the", "a", "of", "is", "port", "node", "nodes", "ip"}, word)
}

// withKeyword is the statement with one of the verb's words before the wrong one, if
// there is only one that makes it right.
func (v *Verb) withKeyword(words []string, at int) [][]string {
	if at >= len(words) || !strings.ContainsAny(words[at], "0123456789") {
		return nil
	}
	var right [][]string
	for _, k := range v.Keywords() {
		try := slices.Insert(slices.Clone(words), at, k)
		if _, ok := v.fits(lexed(spaced(try))); ok {
			right = append(right, try)
		}
	}
	if len(right) != 1 {
		return nil
	}
	return right
}

// proposed adds the statement that was probably meant, as an edit.
func proposed(d *diag.Diagnostic, tokens []syntax.Token, text string) *diag.Diagnostic {
	whole := tokens[0].Span.To(tokens[len(tokens)-1].Span)
	return d.WithHelp("did you mean: %s", text).WithFix(whole, "", text)
}
