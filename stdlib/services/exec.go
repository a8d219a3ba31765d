package services

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// exec is the statement exec.
type exec struct {
	Node syntax.NodeRef `parser:"'exec' @@"`
	// Command may begin with an option.
	Command syntax.Rest `parser:"@@"`
}

// Exec is the verb exec.
func Exec() *verb.Verb {
	return verb.Define[exec](verb.Spec{
		Name:    "exec",
		Also:    []string{"run", "execute", "cmd"},
		Role:    verb.RoleProgram,
		Summary: "run a program inside a node and wait until it exits",
		Usage:   []string{"exec NODE [--may-fail] COMMAND…"},
		Doc: `The program sees the node's interfaces, addresses and routes, and nothing else of
the network; files are the machine's own. Its output goes where the script's
output goes. A program that ends with an error stops the script (exit code 1), unless it
` + "`--may-fail`" + `; where an error is expected, say so: ` + "`expect exec red false exits 1`" + `.

After it, ` + "`$out`" + ` is what it wrote to its standard output (without the newline at the end and
what exceeds ` + "`--max-text`" + `; text: ` + "`number($out)`" + ` calculates), and ` + "`$status`" + ` its exit code, until the next ` + "`exec`" + `.

Words are split at blanks; quotes keep blanks in one (` + "`--range=\"1 2\"`" + `), a list variable
is several words, and other signs are passed as they are: ` + "`RELATED,ESTABLISHED`" + `. There is
no shell: for pipes and redirections start one: ` + "`exec red sh -c 'ip addr | grep inet'`" + `.

What a program changes in the lab is seen by the next statement: nsl asks the
kernel each time. At the prompt, and in a test block, it is undone with all else.`,
		Examples: []verb.Example{
			{Note: "Any installed program.", Code: "ns red\nexec red ip addr\n"},
			{Note: "What it wrote, and its exit code.", Code: "ns red\nexec red sh -c 'echo hello'\nprint \"it says $out\"\nexec red --may-fail sh -c 'exit 3'\nif $status == 3 { print \"three\" }\n"},
			{Note: "A node made by another program is a node.", Code: "ns red\nexec host ip netns add green\nlink green <-> red\nexpect ping red -> green\n"},
		},
	})
}

// mayFail is the option that allows an exit code other than 0.
const mayFail = "--may-fail"

// command are the words without the option before them.
func (e *exec) command() []syntax.Text {
	words := e.Command.Words
	if words[0].Value == mayFail && !words[0].Quoted {
		return words[1:]
	}
	return words
}

// argv is the command without the option before it.
func (e *exec) argv() (argv []string, may bool) {
	words := e.command()
	return syntax.Rest{Words: words}.Argv(), len(words) < len(e.Command.Words)
}

// Check requires a command, and finds options that exec does not have.
func (e *exec) Check() diag.List {
	first := e.Command.Words[0]
	switch argv, _ := e.argv(); {
	case first.Dynamic || first.Quoted:
	case len(argv) == 0:
		return diag.List{diag.Missing(first.Span, "exec", "the program").WithHelp("for example: exec %s ip addr", e.Node.Value)}
	case strings.HasPrefix(argv[0], "--"):
		d := diag.Errorf(diag.BadWord, first.Span, "exec: there is no option %q", argv[0])
		return diag.List{d.WithNearest(argv[0], []string{mayFail}, "the only option is %s, before the command", mayFail)}
	}
	if d := lab.NoShell("exec", e.Node.Value, e.command()); d != nil {
		return diag.List{d}
	}
	return nil
}

// Plan runs the program.
func (e *exec) Plan(p *verb.Plan) {
	argv, may := e.argv()
	if len(argv) > 0 && !verb.Ask(p, e.Node.Span, p.HasNode, e.Node.Value) && verb.Ask(p, e.Node.Span, p.HasNode, argv[0]) {
		p.Fail(diag.Errorf(diag.UnknownNode, e.Node.Span, "there is no node %q", e.Node.Value).WithAbsent(e.Node.Value).
			WithHelp("the node comes first: exec %s", strings.Join(append([]string{argv[0], e.Node.Value}, argv[1:]...), " ")))
		return
	}
	if node, ok := p.Node(e.Node); ok {
		p.Do(p.At, plan.Exec{Node: node, Argv: argv, MayFail: may})
	}
}
