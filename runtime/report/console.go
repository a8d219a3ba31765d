// Package report tells people and programs what a run did.
package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Console tells a run line by line: each expectation and, when Verbose, each
// statement with the commands that do the same.
type Console struct {
	Out, Err io.Writer
	Text     diag.Text
	Verbose  bool
}

// Begin shows a statement when Verbose.
func (c *Console) Begin(st *syntax.Statement) {
	if c.Verbose {
		fmt.Fprintln(c.Out, "> "+diag.Plain(c.Text.Set.Text(st.Span)))
	}
}

// Done shows what a statement did when Verbose.
func (c *Console) Done(_ *syntax.Statement, steps []plan.Step) {
	if !c.Verbose {
		return
	}
	for _, command := range Commands(steps) {
		fmt.Fprintln(c.Out, "    "+command)
	}
}

// maxLine is where a shown command continues on the next line (bytes).
const maxLine = 100

// Commands are the shell commands that do the same as the steps, each of them whole: a
// long one has several lines, which a shell joins.
func Commands(steps []plan.Step) []string {
	var list []string
	for _, s := range steps {
		for _, cmd := range s.Op.Commands() {
			list = append(list, diag.Plain(inLines(cmd)))
		}
	}
	return list
}

// inLines spells a command with a backslash at the end of each line but the last.
func inLines(c plan.Command) string {
	if c.IsNote() {
		return c.String()
	}
	var b strings.Builder
	column := 0
	for i, word := range c {
		word = plan.Quote(word)
		switch {
		case i == 0:
		case column+1+len(word) > maxLine:
			b.WriteString(" \\\n        ")
			column = 0
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
		column += 1 + len(word)
	}
	return b.String()
}

// Warned shows findings that stop nothing.
func (c *Console) Warned(list diag.List) { _ = c.Text.Write(c.Err, list) }

// Expected shows the result of an expectation: a line when it held, the whole
// story when not.
func (c *Console) Expected(st *syntax.Statement, e verb.Expectation) {
	text := oneLine(c.Text.Set.Text(st.Span))
	if e.Held {
		fmt.Fprintln(c.Out, diag.PlainLine("ok  "+text+note(e)))
	} else {
		fmt.Fprint(c.Out, c.Text.Format(Failure(st.Span, e)))
	}
	if !e.Held || c.Verbose {
		fmt.Fprint(c.Out, Matrix(Answers(e), e.Not, c.Text.Color))
	}
}

// TestBegun shows the name of a test block.
func (c *Console) TestBegun(name string, _ source.Span) {
	fmt.Fprintf(c.Out, "test %s\n", strconv.Quote(name))
}

// TestEnded shows how a test block ended.
func (c *Console) TestEnded(name string, failed int, err error) {
	var skip *verb.Skip
	result, why := "ok  test ", ""
	switch {
	case errors.As(err, &skip):
		result, why = "skipped  test ", "  ("+skip.Reason+")"
	case failed > 0 || err != nil:
		result = "FAILED  test "
	}
	fmt.Fprintln(c.Out, diag.PlainLine(result+strconv.Quote(name)+why))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// note is what was seen, where it can be said in a few words.
func note(e verb.Expectation) string {
	switch len(e.Answers) {
	case 0:
		return "  (there is nothing to ask)"
	case 1:
		return "  (" + e.Answers[0].Seen + ")"
	}
	return fmt.Sprintf("  (%s)", counted(e))
}

// counted is the number of answers: of pairs where each has two ends.
func counted(e verb.Expectation) string {
	for _, a := range e.Answers {
		if a.From == "" || a.To == "" {
			return fmt.Sprintf("all %d", len(e.Answers))
		}
	}
	return fmt.Sprintf("%d pairs", len(e.Answers))
}

// maxShown is the number of failing pairs that are shown one by one.
const maxShown = 10

// failure is the diagnostic of an expectation that did not hold.
func failure(at source.Span, e verb.Expectation) *diag.Diagnostic {
	wrong := wrongAnswers(e)
	code := diag.NotHeld
	if e.Not {
		code = diag.HeldAnyway
	}
	if len(e.Answers) == 1 {
		d := diag.New(code, diag.Failure, at, "%s: %s", wrong[0].Subject, wrong[0].Seen)
		d.Help = reasons(wrong[0])
		return withTries(d, e)
	}
	what := "do not hold"
	if e.Not {
		what = "hold"
	}
	d := diag.New(code, diag.Failure, at, "%d of %s %s", len(wrong), strings.TrimPrefix(counted(e), "all "), what)
	d.Help = strings.Join(byReason(wrong), "\n")
	return withTries(d, e)
}

// byReason are lines about answers. Those that have one reason are listed together,
// and the reason comes once, after them.
func byReason(wrong []verb.Answer) []string {
	var order []string
	with := map[string][]verb.Answer{}
	for _, a := range wrong[:min(len(wrong), maxShown)] {
		why := reasons(a)
		if with[why] == nil {
			order = append(order, why)
		}
		with[why] = append(with[why], a)
	}
	var lines []string
	for _, why := range order {
		for _, a := range with[why] {
			lines = append(lines, a.Subject+": "+a.Seen)
		}
		lines = append(lines, indent(why))
	}
	if more := len(wrong) - maxShown; more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more", more))
	}
	return nonEmpty(lines)
}

func withTries(d *diag.Diagnostic, e verb.Expectation) *diag.Diagnostic {
	if e.Tries > 1 {
		tried := fmt.Sprintf("tried %d times in %.1f s", e.Tries, e.Took.Seconds())
		d.Help = strings.Join(nonEmpty([]string{d.Help, tried}), "\n")
	}
	return d
}

func wrongAnswers(e verb.Expectation) []verb.Answer {
	var wrong []verb.Answer
	for _, a := range e.Answers {
		if a.Holds == e.Not {
			wrong = append(wrong, a)
		}
	}
	return wrong
}

func reasons(a verb.Answer) string { return strings.Join(nonEmpty([]string{a.Why, a.Fix}), "\n") }

func nonEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(s, "\n", "\n  ")
}

// Skipped reports that the rest of the script was not run.
func (c *Console) Skipped(s *verb.Skip) {
	fmt.Fprintln(c.Out, diag.PlainLine("skipped  ("+s.Reason+")"))
}

// Summary is the last line of a run.
func (c *Console) Summary(held, failed int) {
	switch {
	case failed > 0:
		fmt.Fprintf(c.Out, "%d of %s failed\n", failed, count(held+failed))
	case held > 0 && c.Verbose:
		fmt.Fprintf(c.Out, "all %s held\n", count(held))
	}
}

func count(n int) string {
	if n == 1 {
		return "1 expectation"
	}
	return fmt.Sprintf("%d expectations", n)
}
