package services

import (
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// spawn is the statement spawn.
type spawn struct {
	Node syntax.NodeRef `parser:"'spawn' @@"`
	// Words are the options before the command, the command, and until after it.
	Words syntax.Rest `parser:"@@"`
}

// Spawn is the verb spawn.
func Spawn() *verb.Verb {
	return verb.Define[spawn](verb.Spec{
		Name:    "spawn",
		Role:    verb.RoleProgram,
		Summary: "start a program inside a node and go on",
		Usage:   []string{"spawn NODE [--pid-namespace] [--log FILE] COMMAND… [until listen [tcp|udp] :PORT [within DURATION]]"},
		Doc: `Any installed program. It runs until the lab ends, its node is deleted, or ` + "`kill`" + ` ends
it; it must not go into the background by itself (` + "`nginx -g 'daemon off;'`" + `).

` + "`until listen :80`" + ` waits until a program in the node listens on that port, for 10 seconds
unless ` + "`within`" + ` says otherwise: the next statement finds the server ready. A program
that exits before that, or at once with an error, fails the statement, and its output
is shown. One that exits with an error later is reported when that is noticed.

Its output goes to a file of the lab, or to the one after ` + "`--log`" + `, for which the script asks
at its top: ` + "`grant write \"red.log\"`" + `. With
` + "`--pid-namespace`" + ` the program has the number 1 in a PID namespace of its own, as in a
container. It sees the node's network, ` + "`/etc/hosts`" + ` and ` + "`/etc/resolv.conf`" + `.`,
		Examples: []verb.Example{
			{Note: "It runs while the script goes on.", Code: "ns red\nspawn red sleep 100\nexpect process red sleep\nkill red sleep\nexpect not process red sleep\n"},
			{Note: "Two of a kind have two names.", Code: "ns red\nspawn red sleep 100\nspawn red sleep 200\nshow services red\nkill red sleep-2\n"},
		},
	})
}

// spawnWant is what the words ask for.
type spawnWant struct {
	program plan.Program
	words   []syntax.Text
	at      syntax.Text
}

// want reads the words.
func (s *spawn) want() (spawnWant, diag.List) {
	w := spawnWant{at: s.Words.Words[0]}
	words, list := w.flags(s.Words.Words)
	if len(list) > 0 {
		return w, list
	}
	words, list = w.until(words)
	if len(words) == 0 {
		list.Add(diag.Missing(s.Words.At(), "spawn", "the program").WithHelp("for example: spawn red sleep 100"))
	}
	w.words, w.program.Argv = words, syntax.Rest{Words: words}.Argv()
	if len(words) > 0 {
		w.at = words[0]
	}
	return w, list
}

// flags reads the options before the command.
func (w *spawnWant) flags(words []syntax.Text) ([]syntax.Text, diag.List) {
	for len(words) > 0 && !words[0].Quoted && strings.HasPrefix(words[0].Value, "--") {
		switch flag := words[0]; {
		case flag.Value == "--pid-namespace":
			w.program.PIDNamespace = true
		case flag.Value == "--log" && len(words) > 1:
			w.program.Log = words[1].Value
			words = words[1:]
		default:
			d := diag.Errorf(diag.BadWord, flag.Span, "spawn: there is no option %q", flag.Value)
			return nil, diag.List{d.WithNearest(flag.Value, []string{"--pid-namespace", "--log"}, "there are --pid-namespace and --log FILE")}
		}
		words = words[1:]
	}
	return words, nil
}

// until reads the condition after the command.
func (w *spawnWant) until(words []syntax.Text) ([]syntax.Text, diag.List) {
	i := slices.IndexFunc(words, func(t syntax.Text) bool { return t.Value == "until" && !t.Quoted })
	if i < 0 || i+1 >= len(words) || words[i+1].Value != "listen" {
		return words, nil
	}
	rest := words[i+2:]
	w.program.Ready.Proto = "tcp"
	if len(rest) > 0 && (rest[0].Value == "tcp" || rest[0].Value == "udp") {
		w.program.Ready.Proto, rest = rest[0].Value, rest[1:]
	}
	if len(rest) == 0 {
		return words[:i], diag.List{diag.Missing(words[i+1].Span, "spawn", "the port").WithHelp("for example: until listen :80")}
	}
	port, err := strconv.ParseUint(strings.TrimPrefix(rest[0].Value, ":"), 10, 16)
	if err != nil || port == 0 {
		return words[:i], diag.List{diag.NotAPort(rest[0].Span, rest[0].Value, "until listen :80")}
	}
	w.program.Ready.Port = int(port)
	return words[:i], w.within(rest[1:])
}

func (w *spawnWant) within(rest []syntax.Text) diag.List {
	if len(rest) == 0 {
		return nil
	}
	if rest[0].Value != "within" || len(rest) != 2 {
		return diag.List{diag.UnexpectedWord(rest[0].Span, "spawn", rest[0].Value).
			WithHelp("only a time may follow the port: within 20s")}
	}
	d := syntax.Duration{Text: rest[1]}
	w.program.Wait = d.Duration()
	var list diag.List
	list.Add(d.Problem())
	return list
}

// Check finds options that make no sense.
func (s *spawn) Check() diag.List {
	if slices.ContainsFunc(s.Words.Words, func(t syntax.Text) bool { return t.Dynamic }) {
		return nil
	}
	w, list := s.want()
	if len(list) == 0 {
		list.Add(lab.NoShell("spawn", s.Node.Value, w.words))
	}
	return list
}

// Plan starts the program.
func (s *spawn) Plan(p *verb.Plan) {
	node, ok := p.Node(s.Node)
	w, list := s.want()
	p.Fail(list...)
	if ok && !p.Failed() {
		lab.StartService(p, w.at, node, w.program)
	}
}
