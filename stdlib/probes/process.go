package probes

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// processProbe is the probe process.
type processProbe struct {
	Node syntax.NodeRef `parser:"'process' @@"`
	Name syntax.Free    `parser:"@@"`
	PID  *syntax.Int    `parser:"('pid' @@)?"`
	once
}

// Process is the probe process.
func Process() *verb.Verb {
	return verb.Define[processProbe](verb.Spec{
		Name:    "process",
		Summary: "a program runs in a node",
		Usage:   []string{"process NODE NAME [pid N]"},
		Doc: `NAME is the program's name without its directory. ` + "`pid`" + ` requires this number inside the
program's own PID namespace: 1 for what ` + "`spawn NODE --pid-namespace`" + ` started. Outside
the same process has another number: ` + "`show processes`" + ` prints both.`,
		Examples: []verb.Example{
			{Note: "One process, two numbers.", Code: "ns red\nspawn red --pid-namespace sleep 100\nexpect process red sleep pid 1\nshow processes red\nkill red\nexpect not process red sleep\n"},
		},
	})
}

// Names reports a node that never was.
func (p *processProbe) Names(view verb.Lab) diag.List {
	return neverWas(view, p.Node.Text, plan.Ref{Node: p.Node.Value})
}

// Probe looks once.
func (p *processProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	node := p.Node.Value
	a := verb.Answer{Subject: "process " + p.Name.Value + " in " + node, Definite: true}
	if has, err := env.HasNode(node); err != nil || !has {
		a.Seen = lab.NoMore(node)
		return []verb.Answer{a}, err
	}
	list, err := env.Processes(node)
	if err != nil {
		return nil, err
	}
	p.judge(&a, list)
	if dead := why.DeadIn(env, node); !a.Holds && dead != "" {
		a.Why = dead
	}
	return []verb.Answer{a}, nil
}

func (p *processProbe) judge(a *verb.Answer, list []plan.Process) {
	var names []string
	for _, proc := range list {
		names = append(names, proc.Name)
		if !isProgram(proc, p.Name.Value) {
			continue
		}
		a.Seen = fmt.Sprintf("%s runs, with pid %s", p.Name.Value, pids(proc))
		if a.Holds = p.PID == nil || p.PID.Int() == proc.Inner; a.Holds {
			return
		}
	}
	if a.Seen != "" {
		return
	}
	a.Seen = fmt.Sprintf("no program called %s runs in %s", p.Name.Value, p.Node.Value)
	if len(names) > 0 {
		a.Why = "what runs there: " + strings.Join(names, ", ")
	}
	a.Fix = fmt.Sprintf("start it: spawn %s %s", p.Node.Value, p.Name.Value)
}

// isProgram compares a name with that of the process, which the kernel cuts to 15
// bytes (proc(5), /proc/PID/comm), and with its command.
func isProgram(p plan.Process, name string) bool {
	return p.Name == name || len(p.Argv) > 0 && path.Base(p.Argv[0]) == name
}

// pids are the numbers of a process.
func pids(p plan.Process) string {
	if p.PID == p.Inner {
		return fmt.Sprint(p.PID)
	}
	return fmt.Sprintf("%d inside and %d outside", p.Inner, p.PID)
}
