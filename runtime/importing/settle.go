package importing

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// settleNodes notes the names that namespaces were given, or lost, by other means than
// ip netns add and delete.
func (r *recorder) settleNodes() {
	if r.running > 0 {
		return // it may be about to be noted
	}
	names, err := r.world.Nodes()
	if err != nil {
		return
	}
	line := 0
	if n := len(r.steps); n > 0 {
		line = r.steps[n-1].Line
	}
	for _, n := range names {
		if r.nodes[n] {
			continue
		}
		step := Step{Line: line, Node: plan.Host, Argv: []string{"ip", "netns", "attach", n}, Kind: Change, Statements: []string{"ns " + n}}
		if lo, err := r.world.Link(n, plan.Loopback); err == nil && !lo.Up {
			step.Statements = append(step.Statements, "down "+n+":lo")
		}
		r.note(step)
	}
	for n := range r.nodes {
		if !slices.Contains(names, n) {
			r.note(Step{Line: line, Node: plan.Host, Argv: []string{"umount", "/run/netns/" + n}, Kind: Change, Statements: []string{"delete " + n}})
		}
	}
}

// settle notes the settings that were about to be written, and the programs that ended.
func (r *recorder) settle() {
	for _, s := range r.pending {
		value, err := r.world.Sysctl(s.node, s.key)
		if err != nil {
			continue
		}
		st := fmt.Sprintf("sysctl %s %s", s.node, assignment(s.key, value))
		if n := len(r.steps); n > 0 && len(r.steps[n-1].Statements) == 1 && r.steps[n-1].Statements[0] == st {
			continue
		}
		step := Step{Line: s.line, Node: s.node, Argv: []string{"echo", value, ">", s.key}, Kind: Change, Statements: []string{st}}
		r.noteSettings(step)
		r.steps = append(r.steps, step)
	}
	r.pending = nil
	r.settleNodes()
	for i, s := range r.steps {
		if s.PID > 0 && (proc.Ended(s.PID) || !exists(s.PID)) {
			r.steps[i].PID = 0
		}
	}
}

func exists(pid int) bool { return unix.Kill(pid, 0) == nil }

// noteSettings remembers which settings a step writes.
func (r *recorder) noteSettings(step Step) {
	for _, st := range step.Statements {
		for _, w := range strings.Fields(st) {
			if key, _, ok := strings.Cut(strings.Trim(w, `"`), "="); ok {
				if r.changed[step.Node] == nil {
					r.changed[step.Node] = map[string]bool{}
				}
				r.changed[step.Node][key] = true
			}
		}
	}
}

// settings are those that were written, by node.
func (r *recorder) settings() map[string][]string {
	out := map[string][]string{}
	for node, keys := range r.changed {
		for key := range keys {
			out[node] = append(out[node], key)
		}
		slices.Sort(out[node])
	}
	return out
}
