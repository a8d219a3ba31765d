package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/verb"
)

// example is one that try does.
type example struct {
	verb.Example
	of string
}

// help explains words: the prompt's own commands, else what the language has.
func (p *prompt) help(args []string) {
	if len(args) == 1 {
		if i := slices.IndexFunc(commands(), func(c command) bool { return c.name == args[0] }); i >= 0 {
			p.commandHelp(commands()[i])
			return
		}
	}
	text, err := p.Help(args)
	if err != nil {
		list, ok := diag.FromError(err)
		if !ok {
			p.say("nsl: %v", err)
		}
		p.report(list)
		return
	}
	if len(args) == 0 {
		p.page(text + overview())
		return
	}
	p.page(text + p.offer(args))
}

func (p *prompt) commandHelp(c command) {
	p.say("%s: %s\n\nUsage\n    %s", c.name, c.summary, c.usage)
	if c.doc != "" {
		p.say("\n%s", c.doc)
	}
}

// overview are the prompt's own commands.
func overview() string {
	var b strings.Builder
	b.WriteString("\nOf the prompt itself\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "    %-16s  %s\n", c.usage, c.summary)
	}
	fmt.Fprintf(&b, "    %-16s  %s\n", "!COMMAND", "run a shell command on the lab's host")
	b.WriteString("\nCtrl-C stops a statement and undoes it, Ctrl-D leaves, Tab completes.\n")
	return b.String()
}

// offer numbers the examples of what was explained.
func (p *prompt) offer(args []string) string {
	v := p.verbOf(args)
	if v == nil || len(v.Examples) == 0 {
		return ""
	}
	p.examples = nil
	var b strings.Builder
	b.WriteString("\n")
	for i, e := range v.Examples {
		p.examples = append(p.examples, example{e, v.Name})
		fmt.Fprintf(&b, "try %d does it here: %s\n", i+1, strings.TrimSuffix(e.Note, "."))
	}
	return b.String()
}

// verbOf is the statement or probe that help was asked about.
func (p *prompt) verbOf(args []string) *verb.Verb {
	table := p.session.Interp.Table
	switch v := table.Verb(args[0]); {
	case v == nil:
		return table.Probe(args[0])
	case v.Role == verb.RoleExpect && len(args) > 1:
		return table.Probe(args[len(args)-1])
	default:
		return v
	}
}

// try does an example, statement by statement.
func (p *prompt) try(ctx context.Context, n int) {
	switch {
	case len(p.examples) == 0:
		p.say("read the help of something first: help bridge")
		return
	case n > len(p.examples):
		p.say("help %s has %s", p.examples[0].of, count(len(p.examples), "example"))
		return
	}
	e := p.examples[n-1]
	p.trying = true
	defer func() { p.trying = false }()
	nodes, _ := p.session.World.Nodes()
	tree := p.session.Interp.Table.Split(p.Set.Add(fmt.Sprintf("example %d of %s", n, e.of), e.Code))
	for _, st := range tree.Statements {
		text := p.Set.Text(st.Span)
		p.say("%s%s", p.head(), text)
		if !p.statement(ctx, st, text) {
			if len(nodes) > 0 {
				p.say("the example is meant for an empty lab: reset makes one")
			}
			return
		}
	}
}
