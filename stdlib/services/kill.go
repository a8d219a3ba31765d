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

// kill is the statement kill.
type kill struct {
	Words []syntax.ServiceName `parser:"'kill' @@+"`
}

// Kill is the verb kill.
func Kill() *verb.Verb {
	return verb.Define[kill](verb.Spec{
		Name:    "kill",
		Also:    []string{"stop", "terminate"},
		Summary: "end servers and programs that run in a node",
		Usage:   []string{"kill NODE [NAME…]", "kill NODE:PORT…", "kill NAME…"},
		Doc: `NAME is what ` + "`show services`" + ` calls it: ` + "`http:80`, `nginx`, `sleep-2`" + `; a port may be given
instead of the name: ` + "`kill blue :80`" + `. Without a name all that runs in the node ends. Without a
node the name must be unique in the lab.

A program gets SIGTERM and, if it still runs two seconds later, SIGKILL. Only
what nsl started is ended.`,
		Examples: []verb.Example{
			{Note: "One of two servers.", Code: "ns red\nserve http red:80\nserve http red:8080\nkill red:80\nshow services red\n"},
			{Note: "All that runs in a node.", Code: "ns red\nserve http red\nserve udp red\nkill red\n"},
		},
	})
}

// Plan stops what the words name.
func (k *kill) Plan(p *verb.Plan) {
	first := k.Words[0]
	if has, err := p.HasNode(first.Value); err == nil && has {
		k.inNode(p, first)
		return
	}
	for _, w := range k.Words {
		if node, port, found := strings.Cut(w.Value, ":"); found {
			if has, err := p.HasNode(node); err == nil && has {
				stopNamed(p, w.Text, node, ":"+port)
				continue
			}
		}
		stopAnywhere(p, w.Text)
	}
}

// inNode stops services of one node: those named, or all.
func (k *kill) inNode(p *verb.Plan, node syntax.ServiceName) {
	running, err := runningIn(p, node.Value)
	p.Err(node.Span, err)
	if len(k.Words) == 1 {
		if len(running) == 0 && !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NoService, node.Span, "nothing runs in %s", node.Value).
				WithHelp("look: show services"))
		}
		for _, r := range slices.Backward(running) {
			p.Do(node.Span, plan.Stop{Node: r.Node, ID: r.ID, Service: r.Service})
		}
		return
	}
	for _, w := range k.Words[1:] {
		stopNamed(p, w.Text, node.Value, w.Value)
	}
}

// runningIn are the services of a node that the statement has not stopped yet.
func runningIn(p *verb.Plan, node string) ([]plan.Running, error) {
	running, err := p.Services(node)
	steps, _ := p.Result()
	running = slices.DeleteFunc(slices.Clone(running), func(r plan.Running) bool {
		return slices.ContainsFunc(steps, func(s plan.Step) bool {
			o, ok := s.Op.(plan.Stop)
			return ok && o.Node == node && o.ID == r.ID
		})
	})
	return running, err
}

// stopNamed stops the service of a node that is called so, or that holds a port.
func stopNamed(p *verb.Plan, at syntax.Text, node, name string) {
	running, err := runningIn(p, node)
	p.Err(at.Span, err)
	var ids []string
	for _, r := range running {
		if called(r, name) {
			p.Do(at.Span, plan.Stop{Node: r.Node, ID: r.ID, Service: r.Service})
			return
		}
		ids = append(ids, r.ID)
	}
	p.Fail(diag.Errorf(diag.NoService, at.Span, "nothing called %q runs in %s", name, node).
		WithNearest(name, ids, "%s", lab.Listed("what runs there:", ids, "nothing that nsl started runs there")))
}

// called reports whether a word names a service: its ID, or the port after a colon.
func called(r plan.Running, name string) bool {
	if r.ID == name {
		return true
	}
	return slices.ContainsFunc(r.Service.Listens(), func(l plan.Listen) bool { return name == ":"+strconv.Itoa(l.Port) })
}

// stopAnywhere stops the one service of the lab that is called so.
func stopAnywhere(p *verb.Plan, at syntax.Text) {
	nodes, err := plan.AllNodes(p)
	p.Err(at.Span, err)
	var found []plan.Running
	var names []string
	for _, node := range nodes {
		running, err := runningIn(p, node)
		p.Err(at.Span, err)
		for _, r := range running {
			names = append(names, r.ID)
			if called(r, at.Value) {
				found = append(found, r)
			}
		}
	}
	switch len(found) {
	case 1:
		p.Do(at.Span, plan.Stop{Node: found[0].Node, ID: found[0].ID, Service: found[0].Service})
	case 0:
		d := diag.Errorf(diag.NoService, at.Span, "there is no node and nothing that runs called %q", at.Value)
		p.Fail(d.WithNearest(at.Value, append(names, nodes...), "see what runs: show services"))
	default:
		p.Fail(diag.Errorf(diag.Ambiguous, at.Span, "%s runs in %s and %s", at.Value, found[0].Node, found[1].Node).
			WithHelp("say where: kill %s %s", found[0].Node, at.Value))
	}
}
