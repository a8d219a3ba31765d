package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// word is a word of a command, with its place in the line.
type word struct {
	text       string
	start, end int
}

// command is a command of a line, its words expanded. It implements [verb.Command].
type command struct {
	programs *Programs
	// line is the whole line as it was written, and at its place.
	line string
	at   source.Span
	// words are those of the command; within is the node that a wrapper names.
	words  []word
	within *word
	edits  []edit
	// mayFail: the line goes on after an error. background: it ends with "&".
	mayFail, background bool
	// needed: what follows is done only if it succeeds.
	needed bool
	// patient: it is repeated until it succeeds.
	patient bool
	// text is a command that only a shell can do, instead of words; bash: that one.
	text string
	bash bool
	// lets are variables that are set.
	lets []string
	// input is what it reads from its standard input, if hasInput.
	input    string
	hasInput bool
	// guards are what has to hold in the lab for it to be done.
	guards []guard
	// answer is whether it has failed, for what is done then; or nil.
	answer *answer
}

// edit is a correction of the line.
type edit struct {
	start, end int
	text       string
}

// MayFail implements [verb.Command].
func (c *command) MayFail() bool { return c.mayFail }

// Failed implements [verb.Command].
func (c *command) Failed() {
	if c.answer != nil {
		c.answer.held = false
	}
}

// At implements [verb.Command].
func (c *command) At() source.Span { return c.at }

// Words implements [verb.Command].
func (c *command) Words() []syntax.Text {
	all := c.words
	if c.within != nil {
		all = append(slices.Clone(all), *c.within)
	}
	list := make([]syntax.Text, len(all))
	for i, w := range all {
		list[i] = syntax.Text{Value: w.text, Span: source.Span{Start: c.at.Start + w.start, End: c.at.Start + w.end}}
	}
	return list
}

// Commands implements [verb.Foreign].
func (p *Programs) Commands(line string, at source.Span, value func(name string) (string, error)) ([]verb.Command, error) {
	r := &unroller{programs: p, line: line, at: at, outer: value, values: map[string]string{}}
	prompt := shell.Prompt(line)
	list, err := shell.Parse(line[prompt:])
	if perr := (*shell.Error)(nil); errors.As(err, &perr) {
		place := min(at.Start+prompt+perr.At, at.End)
		return nil, diag.List{diag.Errorf(diag.WrongCommand, source.Span{Start: place, End: at.End}, "the shell cannot read this line: %s", perr.Message)}
	}
	r.shift = prompt
	if err := r.statements(list); err != nil {
		return nil, err
	}
	out := make([]verb.Command, len(r.list))
	for i, c := range r.list {
		out[i] = c
	}
	return out, nil
}

// maxCommands bounds how many commands one line may become.
const maxCommands = 10000

// unroller makes commands of statements of the shell.
type unroller struct {
	programs *Programs
	line     string
	at       source.Span
	// shift is where the text that is read begins in the line, and fixed: all of it is at
	// one place.
	shift  int
	fixed  *word
	outer  func(name string) (string, error)
	values map[string]string
	within *word
	list   []*command
}

func (r *unroller) statements(list []shell.Statement) error {
	for _, st := range list {
		if err := r.statement(st); err != nil {
			return err
		}
	}
	return nil
}

func (r *unroller) statement(st shell.Statement) error {
	if len(r.list) > maxCommands {
		return diag.List{diag.Errorf(diag.LimitHit, r.at, "a line of more than %d commands", maxCommands)}
	}
	switch st := st.(type) {
	case *shell.Simple:
		return r.simple(st)
	case *shell.Pair:
		return r.pair(st)
	case *shell.Loop:
		return r.loop(st)
	case *shell.If:
		return r.condition(st)
	case *shell.Not:
		r.byShell(st.Text)
	case *shell.Other:
		r.byShell(st.Text)
	}
	return nil
}

// byShell leaves a text to bash.
func (r *unroller) byShell(text string) {
	r.list = append(r.list, r.new(&command{text: text, bash: true}))
}

func (r *unroller) new(c *command) *command {
	c.programs, c.line, c.at, c.within = r.programs, r.line, r.at, r.within
	return c
}

// words are the words that the shell would make of those of a statement.
func (r *unroller) words(list []shell.Word) ([]word, error) {
	var out []word
	for _, w := range list {
		fields, err := r.fields(w)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			out = append(out, r.placed(f, w))
		}
	}
	return out, nil
}

func (r *unroller) placed(text string, w shell.Word) word {
	if r.fixed != nil {
		return word{text, r.fixed.start, r.fixed.end}
	}
	return word{text, r.shift + w.Start, r.shift + w.End}
}

func (r *unroller) fields(w shell.Word) ([]string, error) {
	var fields []string
	err := r.expand(func(value func(string) (string, bool)) (err error) {
		fields, err = w.Fields(value)
		return err
	})
	return fields, err
}

// expand has the values of variables used.
func (r *unroller) expand(use func(value func(name string) (string, bool)) error) error {
	var failed error
	err := use(func(name string) (string, bool) {
		if v, ok := r.values[name]; ok || !isAssignment(name+"=") {
			return v, true // $$ and its like are nothing
		}
		v, err := r.outer(name)
		if err != nil && failed == nil {
			failed = err
		}
		return v, err == nil
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return diag.List{diag.Errorf(diag.WrongCommand, r.at, "%v", err)}
	}
	return nil
}

// loop does the body of a for loop for each item. The others wait for something.
func (r *unroller) loop(l *shell.Loop) error {
	if l.Word != "for" {
		before := len(r.list)
		if err := r.statements(l.Cond); err != nil {
			return err
		}
		for _, c := range r.list[before:] {
			c.patient = true
		}
		return nil
	}
	items, err := r.words(l.Items)
	if err != nil {
		return err
	}
	old, had := r.values[l.Name]
	for _, item := range items {
		r.values[l.Name] = item.text
		if err := r.statements(l.Body); err != nil {
			return err
		}
	}
	if delete(r.values, l.Name); had {
		r.values[l.Name] = old
	}
	return nil
}

// simple is one command: what wraps it is taken off.
func (r *unroller) simple(s *shell.Simple) error {
	if len(s.Words) == 0 {
		return r.assign(s.Assigns)
	}
	words, err := r.words(s.Words)
	if err != nil {
		return err
	}
	for _, rd := range s.Redirects {
		file, err := r.words([]shell.Word{rd.File})
		if err != nil {
			return err
		}
		if len(file) == 1 && isWrite(rd.Op) && file[0].text != "/dev/null" {
			words = append(words, word{">", file[0].start, file[0].start}, file[0])
		}
	}
	c := r.new(&command{words: words, background: s.Background})
	if s.Input != nil {
		return r.reads(c, s)
	}
	return r.unwrap(c)
}

// reads is a command with a here-document, which is the shell's, but for the rules of a
// packet filter.
func (r *unroller) reads(c *command, s *shell.Simple) error {
	before := len(r.list)
	if err := r.unwrap(c); err != nil {
		return err
	}
	if len(r.list) != before+1 || len(c.words) == 0 || !slices.Contains([]string{"iptables-restore", "ip6tables-restore", "nft"}, c.words[0].text) {
		r.list = r.list[:before]
		r.byShell(s.Text)
		return nil
	}
	c.hasInput = true
	return r.expand(func(value func(string) (string, bool)) (err error) {
		c.input, err = s.Input.Text(value)
		return err
	})
}

func isWrite(op string) bool { return slices.Contains([]string{">", "1>", ">|"}, op) }

// assign is NAME=VALUE: a let.
func (r *unroller) assign(list []shell.Assign) error {
	c := r.new(&command{})
	for _, a := range list {
		fields, err := r.fields(a.Value)
		if err != nil {
			return err
		}
		value := strings.Join(fields, " ")
		r.values[a.Name] = value
		c.lets = append(c.lets, fmt.Sprintf("let %s = %s", a.Name, syntax.Quote(value)))
	}
	r.list = append(r.list, c)
	return nil
}
