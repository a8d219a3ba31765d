package importing

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/plan"
)

// recorder notes what a script does.
type recorder struct {
	world   *lab.World
	table   *verb.Table
	session *engine.Session
	script  string

	mu    sync.Mutex
	steps []Step
	// pending is a setting that the shell is about to write.
	pending []setting
	// changed are the settings that were written, by node.
	changed map[string]map[string]bool
	// nodes are those that the steps have made, and running is the number of commands
	// that have not ended.
	nodes   map[string]bool
	running int
}

type setting struct {
	line      int
	node, key string
}

func (r *recorder) serve(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go r.talk(ctx, newConn(c))
	}
}

// talk notes one command. A tool that goes on as another program says nothing more.
func (r *recorder) talk(ctx context.Context, c conn) {
	defer c.Close()
	var q request
	if c.Decode(&q) != nil {
		return
	}
	step, a := r.begin(ctx, q)
	if c.Encode(a) != nil {
		return
	}
	var d done
	if err := c.Decode(&d); err == nil {
		step.Code = d.Code
		r.end(step)
		_ = c.Encode(answer{})
	}
}

// begin says what a command is in the lab as it is.
func (r *recorder) begin(ctx context.Context, q request) (Step, answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	step := Step{Line: r.line(q.At), Node: r.nodeOf(q.Inode), Argv: r.named(q.Argv), Stdin: q.Stdin, Kind: Read}
	switch {
	case q.Argv[0] == written || q.Argv[0] == "tee":
		for _, path := range q.Argv[1:] {
			if key, ok := settingOf(path); ok {
				r.pending = append(r.pending, setting{step.Line, step.Node, key})
			}
		}
		return step, answer{}
	case starts(q.Argv):
		words := withoutOptions(q.Argv)
		if program := words[3:]; !slices.Contains(tools(), filepath.Base(program[0])) {
			r.steps = append(r.steps, Step{Line: step.Line, Node: words[2], Argv: program, Kind: Program, PID: q.PID})
		}
		return step, answer{}
	}
	r.translate(&step)
	r.running++
	a := r.substitute(ctx, &step)
	return step, a
}

// substitute does a command whose program is not installed.
func (r *recorder) substitute(ctx context.Context, step *Step) answer {
	if r.world.Installed(step.Argv[0]) {
		return answer{}
	}
	if len(step.Statements) == 0 || step.Kind == Passed {
		return answer{Code: exitNotFound}
	}
	out := &tail{limit: maxOutput}
	r.session.Streams = verb.Streams{Out: out, Err: out}
	if err := r.do(ctx, strings.Join(step.Statements, "\n")); err != nil {
		return answer{Own: true, Out: err.Error() + "\n", Code: 1}
	}
	return answer{Own: true, Out: out.String()}
}

// do does statements of nsl.
func (r *recorder) do(ctx context.Context, text string) error {
	tree := r.table.Split((&source.Set{}).Add("", text+"\n"))
	if err := tree.Diags.Err(); err != nil {
		return err
	}
	return r.session.Run(ctx, tree.Statements)
}

// end notes a command that has ended.
func (r *recorder) end(step Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if step.Argv[0] == written || step.Argv[0] == "tee" {
		if step.Argv[0] == "tee" {
			r.settle()
		}
		return
	}
	r.running--
	if step.Kind == Passed && (names(step.Argv) || flushesCache(step.Argv) || asksRules(step.Argv)) {
		return // nothing is changed, but for a name, which is noted when it is there
	}
	if step.Kind == Change && step.Argv[0] == "sysctl" {
		r.noteSettings(step)
	}
	r.note(step)
	r.world.World.Changed()
	r.session.Lab.Changed()
}

// note adds a step, and follows which nodes there are.
func (r *recorder) note(step Step) {
	r.steps = append(r.steps, step)
	if step.Code != 0 {
		return
	}
	for _, st := range step.Statements {
		switch w := strings.Fields(st); w[0] {
		case "ns":
			r.nodes[w[1]] = true
		case "delete":
			for _, name := range w[1:] {
				delete(r.nodes, name)
			}
		}
	}
}

// flushesCache reports a command about the cache of routes, of which Linux has none.
func flushesCache(argv []string) bool {
	return argv[0] == "ip" && len(argv) > 2 && argv[len(argv)-2] == "flush" && argv[len(argv)-1] == "cache"
}

// asksRules reports a command of iptables that looks for a rule, or lists rules.
func asksRules(argv []string) bool {
	return strings.Contains(argv[0], "tables") && slices.ContainsFunc(argv[1:], func(w string) bool {
		return slices.Contains([]string{"-C", "--check", "-S", "--list-rules", "-L", "--list", "-V", "--version"}, w)
	})
}

// names reports ip netns attach and set.
func names(argv []string) bool {
	w := withoutOptions(argv)
	return argv[0] == "ip" && len(w) > 1 && abbreviates(w[0], "netns", 3) && (abbreviates(w[1], "attach", 2) || abbreviates(w[1], "set", 1))
}

// named is a command with the name of a node where it names a process in it, and with
// the numbers of routing tables that the script has named.
func (r *recorder) named(argv []string) []string {
	argv = slices.Clone(argv)
	for i := 1; i < len(argv); i++ {
		if argv[0] == "ip" && (argv[i-1] == "table" || argv[i-1] == "lookup") {
			argv[i] = tableNumber(argv[i])
			continue
		}
		pid, err := strconv.Atoi(argv[i])
		if err != nil || argv[i-1] != "netns" || argv[0] != "ip" {
			continue
		}
		var st unix.Stat_t
		if unix.Stat(fmt.Sprintf("/proc/%d/ns/net", pid), &st) != nil {
			continue
		}
		if name := r.nodeOf(st.Ino); name != "" {
			argv[i] = name
		}
	}
	return argv
}

// tableNumber is the number of a routing table that has a name of its own.
func tableNumber(name string) string {
	text, _ := os.ReadFile("/etc/iproute2/rt_tables") // there may be none
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == name && !slices.Contains([]string{"main", "local", "default"}, name) {
			return f[0]
		}
	}
	return name
}

func assignment(key, value string) string {
	if strings.ContainsAny(value, " \t") {
		return syntax.Quote(key + "=" + value)
	}
	return key + "=" + value
}

// settingOf is the name of what a file of /proc/sys has.
func settingOf(path string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(filepath.Clean(path), "/proc/sys/")
	return strings.NewReplacer("/", ".", ".", "/").Replace(rest), ok && strings.HasPrefix(rest, "net/")
}

// line is where the script was when it started a command: a line of a file that it
// reads is none of its own.
func (r *recorder) line(at string) int {
	i := strings.LastIndexByte(at, ':')
	if i < 0 {
		return 0
	}
	if at[:i] != r.script {
		return 0
	}
	n, _ := strconv.Atoi(at[i+1:])
	return n
}

// nodeOf is the node with this network namespace; "" for none with a name.
func (r *recorder) nodeOf(inode uint64) string {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/net", &st) == nil && st.Ino == inode {
		return plan.Host
	}
	entries, _ := os.ReadDir("/run/netns")
	for _, e := range entries {
		if unix.Stat("/run/netns/"+e.Name(), &st) == nil && st.Ino == inode {
			return e.Name()
		}
	}
	return ""
}

// silent is an observer that keeps nothing.
type silent struct{}

// Begin implements [engine.Observer].
func (silent) Begin(*syntax.Statement) {}

// Done implements [engine.Observer].
func (silent) Done(*syntax.Statement, []plan.Step) {}

// Expected implements [engine.Observer].
func (silent) Expected(*syntax.Statement, verb.Expectation) {}

// Warned implements [engine.Observer].
func (silent) Warned(diag.List) {}

// TestBegun implements [engine.Observer].
func (silent) TestBegun(string, source.Span) {}

// TestEnded implements [engine.Observer].
func (silent) TestEnded(string, int, error) {}
