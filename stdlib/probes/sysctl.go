package probes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// sysctlProbe is the probe sysctl.
type sysctlProbe struct {
	Node    syntax.NodeRef `parser:"'sysctl' @@"`
	Setting syntax.Setting `parser:"@@"`
	once
}

// Sysctl is the probe sysctl.
func Sysctl() *verb.Verb {
	return verb.Define[sysctlProbe](verb.Spec{
		Name:    "sysctl",
		Summary: "a kernel setting of a node has a value",
		Usage:   []string{"sysctl NODE KEY=VALUE"},
		Doc: `KEY is the name that sysctl(8) uses. A value of several words is quoted; it
does not matter which blanks are between them.`,
		Examples: []verb.Example{
			{Note: "Not a router, until it is made one.", Code: "ns r1\nexpect sysctl r1 net.ipv4.ip_forward=0\nforward r1\nexpect sysctl r1 net.ipv4.ip_forward=1\nexpect sysctl r1 net.ipv6.conf.all.forwarding=1\n"},
		},
	})
}

// Names reports a node that never was, and a setting that no node has.
func (e *sysctlProbe) Names(view verb.Lab) diag.List {
	list := neverWas(view, e.Node.Text, plan.Ref{Node: e.Node.Value})
	if len(list) > 0 || e.Node.Dynamic || e.Setting.Dynamic || view.Uncertain() {
		return list
	}
	key, _ := e.Setting.Split()
	if _, err := view.Sysctl(e.Node.Value, key); errors.Is(err, plan.ErrNoSysctl) && !aboutLink(key) {
		list.Add(lab.SysctlProblem(view, e.Setting, e.Node.Value, err))
	}
	return list
}

// aboutLink reports whether a setting is one interface's, which may be gone.
func aboutLink(key string) bool {
	parts := strings.Split(strings.ReplaceAll(key, "/", "."), ".")
	return len(parts) >= 5 && (parts[2] == "conf" || parts[2] == "neigh") && parts[3] != "all" && parts[3] != "default"
}

// Probe looks once.
func (e *sysctlProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	node := e.Node.Value
	key, value := e.Setting.Split()
	a := verb.Answer{Subject: "sysctl " + node, Definite: true}
	was, err := env.Sysctl(node, key)
	switch {
	case errors.Is(err, plan.ErrNoNode):
		a.Seen = lab.NoMore(node)
	case errors.Is(err, plan.ErrNoSysctl):
		a.Seen = fmt.Sprintf("%s has no setting %s any more", node, key)
	case err != nil:
		return nil, diag.List{lab.SysctlProblem(env, e.Setting, node, err)}
	default:
		a.Holds, a.Seen = lab.SameValue(was, value), key+" is "+strings.Join(strings.Fields(was), " ")
		if !a.Holds {
			a.Fix = fmt.Sprintf("set it: sysctl %s %s", node, plan.Quote(key+"="+value))
		}
	}
	return []verb.Answer{a}, nil
}
