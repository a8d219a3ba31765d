package importing

import (
	"strings"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// translate says what a command is in nsl.
func (r *recorder) translate(step *Step) {
	line := shellLine(*step)
	if step.Stdin != "" {
		line += " <<'" + documentEnd + "'\n" + strings.TrimSuffix(step.Stdin, "\n") + "\n" + documentEnd
	}
	r.translateLine(step, line)
}

// documentEnd is a line that no input of a program has.
const documentEnd = "-- end of the document --"

// translateLine says what a line is in nsl.
func (r *recorder) translateLine(step *Step, line string) {
	at := source.Span{Start: 1, End: 1 + len(line)}
	commands, err := r.table.Foreign.Commands(line, at, func(string) (string, error) { return "", plan.ErrNoSysctl })
	if err != nil || len(commands) == 0 {
		step.pass()
		return
	}
	for _, c := range commands {
		t, d := c.Translate(r.session.Lab)
		if d != nil {
			step.pass()
			return
		}
		step.add(t)
	}
}

// add notes the translation of one command.
func (s *Step) add(t verb.Translation) {
	switch {
	case t.Passed:
		s.pass()
		return
	case t.Quiet || len(t.Reads.Argv) > 0 || len(t.Statements) == 0:
		return
	case t.Asks && !strings.HasPrefix(t.Statements[0], "expect"):
		return
	case t.Asks:
		s.Kind = Check
	case s.Kind == Read:
		s.Kind = Change
	}
	s.Statements = append(s.Statements, t.Statements...)
}

// pass lets the program itself do the step.
func (s *Step) pass() {
	s.Kind, s.Statements = Passed, []string{s.execution()}
}

// execution is the statement that runs the program.
func (s Step) execution() string {
	node := s.Node
	if node == "" {
		node = plan.Host
	}
	argv := s.Argv
	if s.Stdin != "" {
		argv = []string{"sh", "-c", "printf %s " + plan.Quote(s.Stdin) + " | " + words(s.Argv)}
	}
	out := make([]string, len(argv))
	for i, w := range argv {
		out[i] = argument(w)
	}
	return "exec " + node + " " + strings.Join(out, " ")
}

// argument is a word as exec reads it.
func argument(text string) string {
	if plan.Quote(text) != text || strings.HasPrefix(text, "--may-fail") {
		return syntax.Quote(text)
	}
	return text
}

// shellLine is the command as a shell reads it, with what says where it is done.
func shellLine(s Step) string {
	line := words(s.Argv)
	if s.Node != plan.Host && s.Node != "" {
		line = "ip netns exec " + plan.Quote(s.Node) + " " + line
	}
	return line
}

func words(argv []string) string {
	list := make([]string, len(argv))
	for i, w := range argv {
		list[i] = plan.Quote(w)
	}
	return strings.Join(list, " ")
}
