package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/doc"
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/report"
)

// mostCommands bounds what is shown of what a statement does.
const mostCommands = 40

// hovered explains the word at a place: what is wrong there, what the statement makes, and
// the help of its verb.
func hovered(ctx context.Context, d *document, p aboutPlace) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	at := a.at(p.Position)
	var parts []string
	for _, f := range a.list {
		if holds(f.Subject, at) && f.Code != "" {
			parts = append(parts, explained(f.Code))
		}
	}
	st := a.statementAt(at)
	if st == nil {
		return hoverOf(parts, nil), nil
	}
	if text := d.does(ctx, st); text != "" {
		parts = append(parts, text)
	}
	token, ok := a.tokenAt(at)
	if !ok {
		return hoverOf(parts, nil), nil
	}
	if text := a.help(st, token, at); text != "" {
		parts = append(parts, text)
	}
	r, _ := a.place(token.Span)
	return hoverOf(parts, &r), nil
}

func hoverOf(parts []string, r *Range) any {
	if len(parts) == 0 {
		return nil
	}
	return hover{markdown(strings.Join(parts, "\n\n---\n\n")), r}
}

// explained is the page about a code.
func explained(code diag.Code) string {
	for _, r := range diag.Rules() {
		if r.Code == code {
			return "**" + string(code) + ": " + r.Title + "**\n\n" + r.Text
		}
	}
	return string(code)
}

// does says what a statement makes, or how else its question could be asked.
func (d *document) does(ctx context.Context, st *syntax.Statement) string {
	var ops []plan.Step
	var asks []plan.Command
	d.until(ctx, func(s check.Step) (done bool) {
		if s.Statement.Statement == nil || s.Statement.Span != st.Span {
			return false
		}
		ops = append(ops, s.Ops...)
		if e, ok := s.Statement.Node.(verb.Explainer); ok && len(asks) < mostCommands {
			asks = append(asks, e.Explain(s.Lab)...)
		}
		return false
	})
	var b strings.Builder
	for _, line := range report.Made(ops, 100) {
		b.WriteString(line + "\n\n")
	}
	commands := report.Commands(ops)
	for _, c := range asks {
		commands = append(commands, c.String())
	}
	if len(commands) == 0 {
		return b.String()
	}
	b.WriteString("```sh\n")
	for _, c := range commands[:min(len(commands), mostCommands)] {
		b.WriteString(c + "\n")
	}
	b.WriteString("```")
	if n := len(commands) - mostCommands; n > 0 {
		fmt.Fprintf(&b, "\nand %d more", n)
	}
	return b.String()
}

// until plans the statements one after the other, as far as f wants.
func (d *document) until(ctx context.Context, f func(check.Step) (done bool)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	over := false
	_ = d.walk(ctx, &analysis{}, func(o *check.Options) {
		o.Each = func(s check.Step) {
			if !over && f(s) {
				over = true
				stop()
			}
		}
	})
}

// help is about the word at a place: a verb, a probe, a function of the script.
func (a *analysis) help(st *syntax.Statement, t syntax.Token, at int) string {
	for _, n := range a.named {
		if holds(n.At, at) && n.Function {
			return a.functionHelp(n.Name)
		}
	}
	if usage := eval.Usage(a.called(at)); usage != "" {
		return usage
	}
	words := []string{t.Text}
	switch first := st.Verb(); {
	case first.Span == t.Span:
	case a.table().Role(first) == verb.RoleExpect && a.table().Probe(t.Text) != nil:
		words = []string{first.Text, t.Text}
	default:
		return a.optionHelp(st, t)
	}
	text, err := doc.Help(a.table(), words)
	if err != nil {
		return ""
	}
	return "```text\n" + strings.TrimRight(text, "\n") + "\n```"
}

// called is the function of an expression whose name is at an offset, or "".
func (a *analysis) called(at int) string {
	from, to := at-a.file.Base, at-a.file.Base
	for from > 0 && isWord(a.text[from-1]) {
		from--
	}
	for to < len(a.text) && isWord(a.text[to]) {
		to++
	}
	if !strings.HasPrefix(a.text[to:], "(") {
		return ""
	}
	return a.text[from:to]
}

// optionHelp is what the help of a statement, or of its probe, says of one of its options.
func (a *analysis) optionHelp(st *syntax.Statement, t syntax.Token) string {
	if t.Kind != syntax.Word {
		return ""
	}
	v := a.table().Verb(st.Verb().Text)
	for _, word := range st.Head() {
		if p := a.table().Probe(word.Text); p != nil && v != nil && v.Role == verb.RoleExpect && slices.Contains(p.Keywords(), t.Text) {
			return doc.Option(p, t.Text)
		}
	}
	if v == nil || !slices.Contains(v.Keywords(), t.Text) {
		return ""
	}
	return doc.Option(v, t.Text)
}

// functionHelp is the usage of a function and the comment above it.
func (a *analysis) functionHelp(name string) string {
	f := a.functions()[name]
	if f == nil {
		return ""
	}
	return "```nsl\n" + f.Usage() + "\n```\n\n" + f.Doc
}
