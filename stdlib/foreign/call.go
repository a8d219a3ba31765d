package foreign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// call is a command that is being translated for the lab as it is.
type call struct {
	*command
	lab verb.Lab
	// node is where it runs, name the program, and args what is left of its words.
	node, name string
	args       []word
	edits      []edit
	// dropped are words that say where the command is done, which exec says.
	dropped []word
	failed  *diag.Diagnostic
	out     verb.Translation
}

// Translate implements [verb.Command].
func (c *command) Translate(lab verb.Lab) (verb.Translation, *diag.Diagnostic) {
	if slices.ContainsFunc(c.guards, func(g guard) bool { return !g.holds(lab) }) {
		return verb.Translation{Quiet: true}, nil
	}
	if c.answer != nil {
		c.answer.asked, c.answer.held = true, true
	}
	k := &call{command: c, lab: lab, edits: slices.Clone(c.edits)}
	k.node = k.inside()
	switch {
	case len(c.lets) > 0:
		k.out.Statements, k.out.Quiet = c.lets, true
	case c.text != "":
		k.byShell()
	case len(c.words) > 0:
		k.program()
	}
	if len(k.edits) > 0 {
		return k.out, k.mistyped()
	}
	return k.out, k.failed
}

// inside is the node that what wraps the command names.
func (k *call) inside() string {
	if k.within == nil {
		return plan.Host
	}
	return k.nodeName(*k.within)
}

// program translates the command, or passes it on.
func (k *call) program() {
	for i, w := range k.words {
		if isDashed(w.text) && w.text[0] != '-' {
			k.dashes(i, w)
		}
	}
	k.name, k.args = programName(k.words[0].text), k.words[1:]
	run := k.programs.table[k.name]
	if joined := joinedIP(k.name); run == nil && joined != "" {
		k.fix(k.words[0], joined)
		return
	}
	if near := k.programs.mistyped(k.name, k.peek()); run == nil && near != "" {
		k.fix(k.words[0], near)
		k.name, run = near, k.programs.table[near]
	}
	_, writes := k.output()
	if run == nil || writes && k.name != "echo" || !run(k) || !k.out.Passed && !k.sound() {
		k.pass()
	}
}

// sound reports whether each statement is one as nsl reads it: a word of the command may
// have what is punctuation in nsl, and no name has it.
func (k *call) sound() bool {
	return !slices.ContainsFunc(k.out.Statements, func(text string) bool {
		tree := syntax.Split((&source.Set{}).Add("", text))
		return len(tree.Statements) != 1 || tree.Diags.HasErrors() ||
			slices.ContainsFunc(tree.Statements[0].Parts, func(p syntax.Part) bool { return p.Block != nil })
	})
}

// dashes corrects a dash of a word processor.
func (k *call) dashes(i int, w word) {
	rest := strings.TrimLeft(w.text, "–—-")
	dash := "-"
	if strings.ContainsAny(w.text, "—") || len([]rune(rest)) > 2 && k.words[0].text != "ip" {
		dash = "--"
	}
	k.fix(w, dash+rest)
	k.command.words = slices.Clone(k.command.words)
	k.command.words[i].text = dash + rest
}

// isDashed reports an option, also one with a dash of a word processor.
func isDashed(text string) bool {
	return strings.HasPrefix(text, "-") || strings.HasPrefix(text, "–") || strings.HasPrefix(text, "—")
}

// output is the file that the command writes to.
func (k *call) output() (file string, ok bool) {
	if n := len(k.words); n > 2 && (k.words[n-2].text == ">" || k.words[n-2].text == ">>") {
		return k.words[n-1].text, true
	}
	return "", false
}

// say adds a statement.
func (k *call) say(format string, args ...any) bool {
	k.out.Statements = append(k.out.Statements, fmt.Sprintf(format, args...))
	return true
}

// show answers with what nsl shows of the node.
func (k *call) show(what string) bool {
	k.out.Asks = true
	return k.say("show %s %s", what, k.node)
}

// read answers with what the program itself prints, or without it with what nsl shows.
func (k *call) read(what string) bool {
	k.out.Reads = verb.Reading{Node: k.node, Argv: texts(k.own()), MayFail: !k.needed}
	return k.show(what)
}

// own are the words of the command without those that exec says.
func (k *call) own() []word {
	return slices.DeleteFunc(slices.Clone(k.words), func(w word) bool { return slices.Contains(k.dropped, w) })
}

func texts(words []word) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.text
	}
	return list
}

// isList reports the command of iproute2 that lists, at the end, whole, or abbreviated so
// that it is no other.
func isList(text string) bool {
	return text == "" || slices.ContainsFunc([]string{"show", "list", "lst"}, func(s string) bool { return abbreviates(text, s, 2) })
}

// print answers with text, as the command would.
func (k *call) print(text string) bool {
	k.out.Quiet = true
	if text == "" {
		return true
	}
	return k.say("print %s", syntax.Quote(strings.TrimSuffix(text, "\n")))
}

// fail refuses the command.
func (k *call) fail(w word, format string, args ...any) bool {
	if k.failed == nil {
		k.failed = diag.Errorf(diag.WrongCommand, k.span(w), "%s: %s", k.name, fmt.Sprintf(format, args...))
	}
	return true
}

func (k *call) span(w word) source.Span {
	if w.end == 0 {
		return k.at
	}
	return source.Span{Start: k.at.Start + w.start, End: k.at.Start + w.end}
}

// last is the last word, where something is missing after it.
func (k *call) last() word { return k.words[len(k.words)-1] }

func (k *call) fix(w word, text string) { k.edits = append(k.edits, edit{w.start, w.end, text}) }

// insert corrects the line by words before one, or at the end.
func (k *call) insert(before word, text string) {
	k.edits = append(k.edits, edit{before.start, before.start, text + " "})
}

// mistyped is the finding about a line with mistakes: the line that was meant.
func (k *call) mistyped() *diag.Diagnostic {
	slices.SortStableFunc(k.edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	k.edits = slices.DeleteFunc(slices.Compact(k.edits), func(e edit) bool { return e.end > len(k.line) })
	if len(k.edits) == 0 {
		return diag.Errorf(diag.WrongCommand, k.at, "mistyped command")
	}
	var b strings.Builder
	at := 0
	for _, e := range k.edits {
		if e.start < at {
			continue
		}
		b.WriteString(k.line[at:e.start] + e.text)
		if at = e.end; e.text == "" && strings.HasPrefix(k.line[at:], " ") {
			at++
		}
	}
	b.WriteString(k.line[at:])
	first := k.edits[0]
	wrong := k.line[first.start:first.end]
	subject := source.Span{Start: k.at.Start + first.start, End: k.at.Start + first.end}
	d := diag.Errorf(diag.WrongCommand, subject, "mistyped command: %q", wrong)
	if wrong == "" {
		subject.End = subject.Start + 1
		d = diag.Errorf(diag.WrongCommand, subject, "a word is missing in this command: %s", strings.TrimSpace(first.text))
	}
	meant := withoutPrompt(b.String())
	return d.WithHelp("did you mean: %s", meant).WithFix(k.at, "", meant)
}

// next takes the next word.
func (k *call) next() (w word, ok bool) {
	if len(k.args) == 0 {
		return word{}, false
	}
	w, k.args = k.args[0], k.args[1:]
	return w, true
}

// peek is the next word, "" at the end.
func (k *call) peek() string {
	if len(k.args) == 0 {
		return ""
	}
	return k.args[0].text
}

// value takes the word after an option, and refuses the command without one.
func (k *call) value(option word) string {
	w, ok := k.next()
	if !ok {
		k.fail(option, "%s is the last word: its value is missing", option.text)
	}
	return w.text
}
