package foreign

import (
	"regexp"
	"slices"
	"strings"

	"nsl/lang/shell"
	"nsl/lang/verb"
	"nsl/runtime/xtables"
)

// question is a command that is there for its exit code, where the lab itself has the answer.
type question func(lab verb.Lab) bool

// guard is a question with the answer that is wanted. What is done for it may change the
// answer, so that it is asked once.
type guard struct {
	*answer
	want bool
}

// answer is that of a question, or whether a command that was run has failed.
type answer struct {
	ask         question
	asked, held bool
}

func (g guard) holds(lab verb.Lab) bool {
	if !g.asked {
		g.asked, g.held = true, g.ask(lab)
	}
	return g.held == g.want
}

// guarded does a statement if a command before it ends as wanted; done is false where a
// shell has to do both.
func (r *unroller) guarded(st shell.Statement, want bool, then shell.Statement) (done bool, err error) {
	isTest := tests(st)
	if onlyTalks(then) && !isTest {
		return false, nil // the command itself has something to say
	}
	a := &answer{ask: r.question(st)}
	if a.ask == nil {
		if want && !isTest {
			return false, nil // one that fails is a failure
		}
		if a, err = r.asks(st); a == nil || err != nil {
			return false, err
		}
	}
	return true, r.when(a, want, []shell.Statement{then})
}

// tests reports test(1), or [[ of bash.
func tests(st shell.Statement) bool {
	text := ""
	switch st := st.(type) {
	case *shell.Simple:
		text = st.Text
	case *shell.Not:
		text = st.Text
	case *shell.Other:
		text = st.Text
	}
	first, _, _ := strings.Cut(strings.TrimLeft(text, "! "), " ")
	return slices.Contains([]string{"[", "[[", "test"}, first)
}

// asks does a command of which only its run has the answer; nil for several, and for
// checks, of which one that does not hold is a failure.
func (r *unroller) asks(st shell.Statement) (*answer, error) {
	before := len(r.list)
	if err := r.statement(st); err != nil {
		return nil, err
	}
	mine := r.list[before:]
	if len(mine) != 1 || mine[0].isCheck() || len(mine[0].lets) > 0 {
		r.list = r.list[:before]
		return nil, nil
	}
	c := mine[0]
	c.mayFail, c.needed, c.answer = true, true, &answer{}
	return c.answer, nil
}

func (r *unroller) when(a *answer, want bool, then []shell.Statement) error {
	before := len(r.list)
	err := r.statements(then)
	for _, c := range r.list[before:] {
		c.guards = append([]guard{{a, want}}, c.guards...)
	}
	return err
}

// condition is if with a question, or what only a shell can do.
func (r *unroller) condition(c *shell.If) error {
	var q question
	if len(c.Cond) == 1 {
		q = r.question(c.Cond[0])
	}
	if q == nil {
		return r.byShell(c.Text)
	}
	a := &answer{ask: q}
	if err := r.when(a, true, c.Then); err != nil {
		return err
	}
	return r.when(a, false, c.Else)
}

// question is what a statement asks; nil for one that only programs can answer.
func (r *unroller) question(st shell.Statement) question {
	switch st := st.(type) {
	case *shell.Not:
		if q := r.question(st.X); q != nil {
			return func(lab verb.Lab) bool { return !q(lab) }
		}
	case *shell.Pair:
		if st.Op == "|" {
			return r.lists(st)
		}
	case *shell.Simple:
		if c, ok := r.single(st); ok {
			return c.question(silent(r, st))
		}
	}
	return nil
}

// single is the one command that a statement is, without what wraps it.
func (r *unroller) single(st shell.Statement) (*command, bool) {
	s, ok := st.(*shell.Simple)
	if !ok || len(s.Words) == 0 || s.Background || s.Input != nil || len(s.Assigns) > 0 {
		return nil, false
	}
	in := *r
	in.list = nil
	words, err := in.words(s.Words)
	if err != nil || in.unwrap(in.new(&command{words: words})) != nil || len(in.list) != 1 || len(in.list[0].words) == 0 {
		return nil, false
	}
	return in.list[0], len(in.list[0].edits) == 0
}

// silent reports a statement whose output is thrown away.
func silent(r *unroller, s *shell.Simple) bool {
	return slices.ContainsFunc(s.Redirects, func(rd shell.Redirect) bool {
		file, err := r.fields(rd.File)
		return err == nil && slices.Equal(file, []string{"/dev/null"}) && (isWrite(rd.Op) || rd.Op == "&>")
	})
}

// question is what the command asks; silent: what it prints is thrown away.
func (c *command) question(silent bool) question {
	words := texts(c.words)
	if args, is := testWords(words); is {
		return tested(args)
	}
	switch name, rest := words[0], words[1:]; {
	case strings.HasSuffix(name, "tables"):
		return c.rule(rest)
	case name == "ip" && silent:
		return c.shown(rest)
	}
	return nil
}

// in is the node where the command is done.
func (c *command) in(lab verb.Lab) string { return (&call{command: c, lab: lab}).inside() }

// rule asks whether a rule of the packet filter is there (iptables -C).
func (c *command) rule(words []string) question {
	command, err := xtables.Parse(strings.HasPrefix(c.words[0].text, "ip6"), words)
	if err != nil || !command.Checks() {
		return nil
	}
	return func(lab verb.Lab) bool {
		tables, err := lab.Tables(c.in(lab))
		if err == nil {
			_, _, err = command.Edit(tables)
		}
		return err == nil
	}
}

// shown asks whether an interface is there (ip link show NAME).
func (c *command) shown(words []string) question {
	node := ""
	if len(words) > 1 && takesNetns(words[0]) {
		node, words = words[1], words[2:]
	}
	if len(words) > 3 && words[2] == "dev" {
		words = slices.Delete(slices.Clone(words), 2, 3)
	}
	if len(words) != 3 || !slices.Contains([]string{"link", "address"}, choose(words[0], objects())) && words[0] != "addr" || !isList(words[1]) {
		return nil
	}
	return func(lab verb.Lab) bool {
		at := node
		if at == "" {
			at = c.in(lab)
		}
		_, err := lab.Link(at, words[2])
		return err == nil
	}
}

// lists asks whether a node is there: ip netns list | grep -q NAME.
func (r *unroller) lists(p *shell.Pair) question {
	x, okX := r.single(p.X)
	y, okY := r.single(p.Y)
	if !okX || !okY || y.words[0].text != "grep" {
		return nil
	}
	words := texts(x.words)
	if len(words) < 2 || words[0] != "ip" || !isNetns(words[1]) || len(words) > 3 || len(words) == 3 && !isList(words[2]) {
		return nil
	}
	s, _ := p.Y.(*shell.Simple)
	pattern := grepped(texts(y.words[1:]), silent(r, s))
	if pattern == nil {
		return nil
	}
	return func(lab verb.Lab) bool {
		nodes, _ := lab.Nodes()
		return slices.ContainsFunc(nodes, pattern.MatchString)
	}
}

// grepped is what grep looks for with options that print nothing; nil for others.
func grepped(words []string, silent bool) *regexp.Regexp {
	around := [2]string{}
	for len(words) > 1 && isOption(words[0]) {
		if strings.Trim(words[0], "-qwxEFs") != "" {
			return nil
		}
		silent = silent || strings.Contains(words[0], "q")
		if strings.Contains(words[0], "w") {
			around = [2]string{`\b(?:`, `)\b`}
		}
		if strings.Contains(words[0], "x") {
			around = [2]string{`^(?:`, `)$`}
		}
		if strings.Contains(words[0], "F") {
			words[len(words)-1] = regexp.QuoteMeta(words[len(words)-1])
		}
		words = words[1:]
	}
	if len(words) != 1 || !silent {
		return nil
	}
	re, err := regexp.Compile(around[0] + words[0] + around[1])
	if err != nil {
		return nil
	}
	return re
}
