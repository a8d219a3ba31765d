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
	if at, ok := wrongAt(err); ok || err != nil {
		return at, false
	}
	return 0, len(Problems(node)) == 0
}

// wrongAt is the number of the token from which on a grammar does not fit; ok is false for
// another error.
func wrongAt(err error) (at int, ok bool) {
	var perr participle.Error
	if !errors.As(err, &perr) {
		return 0, false
	}
	return perr.Position().Column, true
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

// tries are the statement with one slip undone each, the likeliest first.
func (v *Verb) tries(words []string, at int) [][]string {
	var list [][]string
	add := func(w []string) { list = append(list, w) }
	put := func(from, to int, with ...string) { add(slices.Replace(slices.Clone(words), from, to, with...)) }
	list = append(list, misplaced(words, at)...)
	list = append(list, v.later(words, at)...)
	if at > 1 && slices.Contains([]string{"add", "new", "create"}, words[at-1]) {
		put(at-1, at)
	}
	if listed, ok := asList(words, at); ok {
		add(listed)
	}
	list = append(list, v.withKeyword(words, at)...)
	if at < len(words) {
		list = append(list, v.beside(words, at)...)
	}
	return list
}

// misplaced are the statement with an arrow that is missing or said otherwise, the first two
// words in the other order, or a word that is two.
func misplaced(words []string, at int) (list [][]string) {
	put := func(from, to int, with ...string) {
		list = append(list, slices.Replace(slices.Clone(words), from, to, with...))
	}
	if turned := turnedRound(words, at); turned != nil {
		list = append(list, turned)
	}
	if at == 1 && len(words) > 2 {
		put(1, 3, words[2], words[1])
	}
	if at < len(words) {
		from, to := signs(words, at)
		for _, arrow := range []string{"->", "<->"} {
			if to > from {
				put(from, to, arrow)
			}
			if !digits(words[at]) {
				put(at, at, arrow)
			}
		}
		if key, value, ok := strings.Cut(words[at], "="); ok && key != "" && value != "" {
			put(at, at+1, key, value)
		}
		if proto, port, ok := strings.Cut(words[at], "/"); ok && proto != "" && port != "" {
			put(at, at+1, proto, port)
		}
	}
	return list
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
	case strings.ContainsAny(before+word, ":/<>=") || strings.HasPrefix(word, "-") || filler(before) || slices.Contains(v.Keywords(), before):
	case !digits(word) && strings.ContainsAny(word[:1], "0123456789") || digits(word) && len(word) < 2:
	default:
		put(at-1, at+1, before+":"+word)
	}
	put(at-1, at+1, word, before)
	if filler(before) {
		put(at-1, at)
	}
	if before == "loss" || before == "rtt" {
		put(at, at, "<")
	}
	if before == "rtt" && digits(word) {
		put(at, at+1, "<", word+"ms")
	}
	if strings.ContainsAny(word[:1], "0123456789") {
		put(at, at, ">")
	}
	if word == "<" || word == ">" {
		put(at, at, "rtt")
		put(at, at, "loss")
	}
	return list
}

// synonym is nsl's word for one that other programs have.
func synonym(word string) string {
	return map[string]string{"latency": "delay", "bandwidth": "rate", "bw": "rate", "speed": "rate", "limit": "rate", "lossy": "loss", "gw": "via", "gateway": "via", "via": "on",
		"interface": "dev", "port": "tcp", "times": "count", "length": "size"}[word]
}

// filler reports a word that only English needs.
func filler(word string) bool {
	return slices.Contains([]string{"from", "the", "a", "of", "is", "port", "node", "nodes", "ip", "to", "with", "and", "ports", "members", "bytes",
		"=", "ok", "works", "succeeds", "passes"}, word)
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
		_, ok := v.fits(lexed(spaced(try)))
		if ok && k == "via" {
			return [][]string{try}
		}
		if ok {
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
