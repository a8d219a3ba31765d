// Package complete says what may come next in a script that is being typed, from
// the table of verbs and the lab as it is: for the prompt and for editors.
package complete

import (
	"os"
	"slices"
	"strings"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Named is a word that a statement may begin with besides the verbs: a function of
// the script, or a command of the prompt.
type Named struct {
	Name string
	// Usage is the whole form, its name first.
	Usage string
	// Args are what its words are; the last one goes on for all that follow.
	Args []syntax.Completion
}

// Request is a text that is being typed, and what is known about the lab.
type Request struct {
	Table *verb.Table
	// Text is all up to the cursor.
	Text string
	// View is the lab; nil where there is none.
	View plan.View
	// Functions may begin any statement, Commands only a line.
	Functions, Commands []Named
	// Variables are the names in sight.
	Variables []string
	// Modules are what may follow use.
	Modules []string
	// Files are the names of files that begin so; those of directories end with "/".
	Files func(prefix string) []string
	// Open opens a directory of the kernel's settings; nil where there is none.
	Open func(name string) (*os.File, error)
	// Programs are the names of programs that begin so.
	Programs func(prefix string) []string
}

// Answer is what may come next.
type Answer struct {
	// Word is the part of a word that is there already; every candidate begins with it.
	Word string
	// Candidates are whole words, sorted, each once.
	Candidates []string
}

// Complete says what may come at the end of the text.
func Complete(r Request) Answer {
	before, word, first := r.statement()
	c := &completer{Request: r, word: word}
	if !first {
		c.Commands = nil
	}
	if i := strings.LastIndex(word, "$"); i >= 0 && !strings.HasPrefix(word, "'") {
		c.variables(word[:i])
	} else if len(before) > 1 && r.Table.Program(before) {
		c.commandLine(word, !r.Table.Program(before[:len(before)-1]))
	} else {
		c.words(before)
	}
	return c.answer()
}

func (c *completer) answer() Answer {
	slices.Sort(c.list)
	list := slices.DeleteFunc(slices.Compact(c.list), func(s string) bool { return !strings.HasPrefix(s, c.word) })
	return Answer{Word: c.word, Candidates: list}
}

// completer collects candidates.
type completer struct {
	Request
	word string
	// verb is the statement or probe whose grammar is followed.
	verb *verb.Verb
	list []string
}

func (c *completer) add(words ...string) { c.list = append(c.list, words...) }

// statement are the words of the statement that the text ends in, and the part of
// a word at its end; first: no other statement is before it.
func (r Request) statement() (before []syntax.Token, word string, first bool) {
	file := (&source.Set{}).Add("", r.Text)
	tokens := syntax.LexAs(file, r.Table.OwnDialect()).Tokens
	start, open := 0, false
	for i, t := range tokens {
		switch t.Kind {
		case syntax.Bad: // the "<" of a list that goes on
			open = open || t.Text == "<"
		case syntax.End:
			if !open {
				start = i + 1
			}
		case syntax.BlockOpen, syntax.BlockClose:
			start, open = i+1, false
		}
	}
	for _, t := range tokens[start:] {
		if t.Kind != syntax.End {
			before = append(before, t) // a comment too: nothing may come in it
		}
	}
	last := len(before) - 1
	if last < 0 || before[last].Span.End != file.Span().End || !partial(before[last]) {
		return before, "", start == 0
	}
	return before[:last], before[last].Text, start == 0
}

// partial reports whether a token may be the beginning of a longer one.
func partial(t syntax.Token) bool {
	return t.Kind == syntax.Word || t.Kind == syntax.Bad && t.Text != "<" && t.Text != "{" && t.Text != "("
}

func (c *completer) variables(front string) {
	open := "$"
	if rest := c.word[len(front)+1:]; strings.HasPrefix(rest, "{") {
		open = "${"
	}
	for _, v := range c.Variables {
		c.add(front + open + v)
	}
}

// words are the candidates after some words of a statement.
func (c *completer) words(before []syntax.Token) {
	if len(before) == 0 {
		c.beginnings()
		return
	}
	first := before[0].Text
	if i := slices.IndexFunc(c.Functions, named(first)); i >= 0 {
		c.nodes()
		return
	}
	if i := slices.IndexFunc(c.Commands, named(first)); i >= 0 {
		c.argument(c.Commands[i], before)
		return
	}
	switch v := c.Table.Verb(first); {
	case v == nil:
	case v.Role == verb.RoleDefer:
		c.inner(before[1:])
	case v.Role == verb.RoleUse:
		c.add(c.Modules...)
		c.files(c.word)
	case v.Role == verb.RoleExpect:
		c.expectation(v, before)
	default:
		c.grammar(v, before)
	}
}

func named(name string) func(Named) bool { return func(n Named) bool { return n.Name == name } }

// inner completes a statement after another word.
func (c *completer) inner(before []syntax.Token) {
	c.Commands = nil
	c.words(before)
}

func (c *completer) beginnings() {
	for _, v := range c.Table.Verbs() {
		c.add(v.Name)
	}
	for _, n := range c.Functions {
		c.add(n.Name)
	}
	for _, n := range c.Commands {
		c.add(n.Name)
	}
}

// argument completes a word of a command.
func (c *completer) argument(n Named, before []syntax.Token) {
	if len(n.Args) == 0 {
		return
	}
	c.candidates(n.Args[min(len(before), len(n.Args))-1], before, true)
}

func (c *completer) topics(before []syntax.Token) {
	if len(before) == 0 {
		c.beginnings()
		c.add(c.Modules...)
	}
	if len(before) == 0 || c.Table.Role(before[0]) == verb.RoleExpect {
		c.probes()
	}
}

func (c *completer) probes() {
	for _, p := range c.Table.Probes() {
		c.add(p.Name)
	}
}

// expectation completes what follows expect: a probe has its own grammar.
func (c *completer) expectation(v *verb.Verb, before []syntax.Token) {
	rest := before[1:]
	if len(rest) > 0 && rest[0].Is("not") {
		rest = rest[1:]
	} else if len(rest) == 0 {
		c.add("not")
	}
	if len(rest) == 0 {
		c.probes()
		return
	}
	probe := c.Table.Probe(rest[0].Text)
	switch {
	case rest[len(rest)-1].Is("within"):
		c.add("1s", "5s", "30s")
	case probe != nil:
		if c.grammar(probe, rest) && !used(rest, "within") && slices.Contains(v.Keywords(), "within") {
			c.add("within")
		}
	}
}

// grammar completes by the grammar of a verb; it reports whether the statement may
// end here.
func (c *completer) grammar(v *verb.Verb, before []syntax.Token) bool {
	list, ends := expected(v, before)
	var brackets []string
	for _, n := range list {
		switch {
		case n.literal == "":
			c.leaf(v, n.leaf, before, ends)
		case n.literal == "<" || n.literal == ">":
			brackets = append(brackets, n.literal)
		case !used(before, n.literal):
			c.add(n.literal)
		}
	}
	if len(c.list) == 0 {
		c.add(brackets...) // Tab is not needed for them where a word may come
	}
	return ends
}

// used reports whether an option is there already. A sign may come again, and an option
// once more after a side ("red:"), which begins the options of that side, and in a list, for
// each of its items.
func used(tokens []syntax.Token, word string) bool {
	if opens(tokens) {
		return false
	}
	for i, t := range slices.Backward(tokens) {
		if t.Kind == syntax.Word && strings.HasSuffix(t.Text, ":") {
			tokens = tokens[i+1:]
			break
		}
	}
	return slices.ContainsFunc(tokens, func(t syntax.Token) bool { return t.Is(word) && t.Kind == syntax.Word })
}

// opens reports whether a list has begun that does not end.
func opens(tokens []syntax.Token) bool {
	for _, t := range slices.Backward(tokens) {
		if t.Text == "<" || t.Kind == syntax.ListClose {
			return t.Kind != syntax.ListClose && t.Kind != syntax.Compare // Bad while it lacks its end
		}
	}
	return false
}

// commandLine adds what a word of a program's command line may be: the program, when it
// is the first, else a file.
func (c *completer) commandLine(word string, first bool) {
	if first && c.Programs != nil && !strings.Contains(word, "/") {
		c.add(c.Programs(word)...)
		return
	}
	c.files(word)
}

// CommandLine says what may come at the end of a command line alone.
func CommandLine(r Request) Answer {
	word := r.Text[strings.LastIndexAny(r.Text, " \t")+1:]
	c := &completer{Request: r, word: word}
	c.commandLine(word, strings.TrimSpace(r.Text[:len(r.Text)-len(word)]) == "")
	return c.answer()
}

func (c *completer) files(prefix string) {
	if c.Files != nil {
		c.add(c.Files(prefix)...)
	}
}
