package foreign

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
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
	// filtered is the command of such a text whose output the others only filter, or nil.
	filtered *command
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
	if err := r.whole(list); err != nil {
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

// whole does the statements of a line. One with $(…) is left to a shell as it is, with all
// that the line has.
func (r *unroller) whole(list []shell.Statement) error {
	err := r.statements(list)
	if !errors.Is(err, shell.ErrSubstitution) {
		return asFinding(r.at, err)
	}
	r.list, r.values = nil, map[string]string{}
	if s, ok := list[0].(*shell.Simple); ok && len(list) == 1 && len(s.Words) == 0 && len(s.Assigns) == 1 {
		return r.assignOutput(s)
	}
	return r.byShell(r.line[r.shift:])
}

// asFinding is an error as one about the line.
func asFinding(at source.Span, err error) error {
	if _, is := diag.FromError(err); is || err == nil {
		return err
	}
	if errors.Is(err, shell.ErrSubstitution) || errors.Is(err, shell.ErrUnset) {
		return diag.List{diag.Errorf(diag.WrongCommand, at, "%v", err)}
	}
	return err
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
	case *shell.Group:
		return r.group(st)
	case *shell.Not:
		return r.byShell(st.Text)
	case *shell.Other:
		if isFunction().MatchString(firstLine(st.Text)) {
			return diag.List{diag.Errorf(diag.WrongCommand, r.at, "a function of the shell ends with its line here").
				WithHelp("nsl import FILE runs a whole script of the shell; in nsl a function is: def NAME(WORD…) { … }")}
		}
		return r.byShell(st.Text)
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// group does what is in braces, or in parentheses, whose variables are its own.
func (r *unroller) group(g *shell.Group) error {
	in := *r
	if g.Apart {
		in.values = maps.Clone(r.values)
	}
	err := in.statements(g.List)
	r.list = in.list
	return err
}

// byShell leaves a text to bash, with the values of the variables that it reads.
func (r *unroller) byShell(text string) error {
	before := ""
	for _, name := range shell.Reads(text) {
		v, ok := r.values[name]
		if !ok {
			var err error
			v, err = r.outer(name)
			if _, missing := diag.FromError(err); missing {
				continue // it may be of the environment
			}
			if err != nil {
				return err
			}
		}
		if set := name + "=" + plan.Quote(v) + "; "; !strings.Contains(before, set) {
			before += set
		}
	}
	r.list = append(r.list, r.new(&command{text: before + text, bash: true}))
	return nil
}

func (r *unroller) new(c *command) *command {
	c.programs, c.line, c.at, c.within = r.programs, r.line, r.at, r.within
	return c
}

// simple is one command: what wraps it is taken off.
func (r *unroller) simple(s *shell.Simple) error {
	if len(s.Words) == 0 {
		return r.assign(s.Assigns)
	}
	if slices.ContainsFunc(s.Words, shell.Word.IsPattern) {
		return r.byShell(s.Text)
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
			sign := ">" + map[bool]string{true: ">"}[strings.HasSuffix(rd.Op, ">>")]
			words = append(words, word{sign, file[0].start, file[0].start}, file[0])
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
		return r.byShell(s.Text)
	}
	c.hasInput = true
	return r.expand(func(value func(string) (string, bool)) (err error) {
		c.input, err = s.Input.Text(value)
		return err
	})
}

func isWrite(op string) bool { return slices.Contains([]string{">", "1>", ">|", ">>", "1>>"}, op) }
