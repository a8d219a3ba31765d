package probes

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// execProbe is the probe exec.
type execProbe struct {
	Node syntax.NodeRef `parser:"'exec' @@"`
	// Words are the command, and the options at its end.
	Words syntax.Rest `parser:"@@"`
}

// execWant is what the options at the end ask for.
type execWant struct {
	argv    []string
	exits   int
	prints  []string
	matches []*regexp.Regexp
}

// Exec is the probe exec.
func Exec() *verb.Verb {
	return verb.Define[execProbe](verb.Spec{
		Name:    "exec",
		Role:    verb.RoleProgram,
		Summary: "a program exits with code 0, or as the options say",
		Usage:   []string{"exec NODE COMMAND… [exits N] [prints TEXT] [matches REGEXP]"},
		Doc: `The program runs inside the node and its output is checked, not shown:
` + "`prints`" + ` requires the text somewhere in it, ` + "`matches`" + ` a match of a regular expression
(RE2). The options are at the end and may be repeated. With ` + "`within`" + ` the program is
started again until it ends as expected.`,
		Examples: []verb.Example{
			{Note: "The loopback is up in a new node.", Code: "ns red\nexpect exec red ip link show lo prints \"LOOPBACK,UP\"\nexpect exec red sh -c \"exit 3\" exits 3\n"},
		},
	})
}

// want takes the options off the end of the command.
func (e *execProbe) want() (execWant, diag.List) {
	words := e.Words.Words
	w := execWant{}
	var list diag.List
	for n := len(words); n >= 3 && !words[n-2].Quoted; n = len(words) {
		value := words[n-1]
		switch words[n-2].Value {
		case "exits":
			code, err := strconv.Atoi(value.Value)
			if err != nil || code < 0 || code > 255 {
				list.Add(diag.Errorf(diag.BadNumber, value.Span, "%q is no exit code: 0 to 255", value.Value))
			}
			w.exits = code
		case "prints":
			w.prints = append(w.prints, value.Value)
		case "matches":
			re, err := regexp.Compile(value.Value)
			if err != nil {
				list.Add(diag.Errorf(diag.BadWord, value.Span, "%q is no regular expression: %v", value.Value, err))
			} else {
				w.matches = append(w.matches, re)
			}
		default:
			w.argv = syntax.Rest{Words: words}.Argv()
			return w, list
		}
		words = words[:n-2]
	}
	w.argv = syntax.Rest{Words: words}.Argv()
	return w, list
}

// Check finds options that make no sense.
func (e *execProbe) Check() diag.List {
	for _, t := range e.Words.Words {
		if t.Dynamic {
			return nil
		}
	}
	_, list := e.want()
	list.Add(lab.NoShell("expect exec", e.Node.Value, e.Words.Words))
	return list
}

// Names reports a node that never was.
func (e *execProbe) Names(view verb.Lab) diag.List {
	return neverWas(view, e.Node.Text, plan.Ref{Node: e.Node.Value})
}

func (e *execProbe) untimed() {}

// Patience is none: a program runs once.
func (e *execProbe) Patience(bool) time.Duration { return 0 }

// Probe runs the program.
func (e *execProbe) Probe(ctx context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	want, list := e.want()
	if len(list) > 0 {
		return nil, list
	}
	a := verb.Answer{Subject: plan.Command(want.argv).String() + " in " + e.Node.Value}
	if has, err := env.HasNode(e.Node.Value); err != nil || !has {
		a.Seen = lab.NoMore(e.Node.Value)
		return []verb.Answer{a}, err
	}
	var out kept
	code, err := env.Exec(ctx, e.Node.Value, want.argv, verb.Streams{Out: &out, Err: &out})
	if errors.Is(err, context.DeadlineExceeded) {
		a.Seen, a.Why = "still running when the time was up; nsl ended it", printed(out.String())
		return []verb.Answer{a}, nil
	}
	if err != nil {
		return nil, diag.List{verb.Refused(e.Words.At(), plan.Exec{Node: e.Node.Value, Argv: want.argv}, err)}
	}
	want.judge(&a, code, out.String())
	return []verb.Answer{a}, nil
}

// maxOutput is how much of a program's output is looked at: its beginning and its
// end, each so long (bytes).
const maxOutput = 512 << 10

// kept is the beginning and the end of what a program wrote.
type kept struct {
	head, tail []byte
	cut        bool
}

// Write never fails, or the program would.
func (k *kept) Write(p []byte) (int, error) {
	n := len(p)
	room := min(n, maxOutput-len(k.head))
	k.head, p = append(k.head, p[:room]...), p[room:]
	k.tail = append(k.tail, p...)
	if len(k.tail) > 2*maxOutput {
		k.tail, k.cut = append(k.tail[:0], k.tail[len(k.tail)-maxOutput:]...), true
	}
	return n, nil
}

// String is what was kept, with a mark where something is missing.
func (k *kept) String() string {
	if k.cut {
		return string(k.head) + "\n… (output left out here) …\n" + string(k.tail)
	}
	return string(k.head) + string(k.tail)
}

// judge compares how the program ended with what is wanted.
func (w execWant) judge(a *verb.Answer, code int, out string) {
	a.Holds = code == w.exits
	a.Seen = fmt.Sprintf("ended with exit code %d", code)
	for _, text := range w.prints {
		if !strings.Contains(out, text) {
			a.Holds = false
			a.Seen += fmt.Sprintf(", and did not print %q", text)
		}
	}
	for _, re := range w.matches {
		if !re.MatchString(out) {
			a.Holds = false
			a.Seen += fmt.Sprintf(", and nothing it printed matches %q", re)
		}
	}
	if !a.Holds {
		a.Why = printed(out)
	}
}

// maxPrinted is how much of a program's output a failure shows (bytes).
const maxPrinted = 600

func printed(out string) string {
	out = strings.TrimRight(out, "\n")
	if len(out) > maxPrinted {
		out = "… " + out[len(out)-maxPrinted:]
	}
	return verb.Printed(out)
}
