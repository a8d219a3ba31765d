package probes

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// listenProbe is the probe listen.
type listenProbe struct {
	Place syntax.NodePort `parser:"'listen' @@"`
	Proto *string         `parser:"@('tcp' | 'udp')?"`
	once
}

// Listen is the probe listen.
func Listen() *verb.Verb {
	return verb.Define[listenProbe](verb.Spec{
		Name:    "listen",
		Summary: "a program listens on a port of a node",
		Usage:   []string{"listen NODE:PORT [tcp|udp]"},
		Doc: `Reads the node's tables of sockets; nothing is sent. The default is tcp.
` + "`*:80`" + ` means every node. ` + "`show listen`" + ` prints which program listens on which address.`,
		Examples: []verb.Example{
			{Note: "A server and its port.", Code: "ns red\nserve udp red:7\nexpect listen red:7 udp\nexpect not listen red:7\nkill red\nexpect not listen red:7 udp\n"},
		},
	})
}

// Check requires a port.
func (l *listenProbe) Check() diag.List {
	if l.Place.HasPort() || l.Place.Dynamic {
		return nil
	}
	return diag.List{diag.Errorf(diag.BadPort, l.Place.Span, "%s has no port", l.Place.Value).
		WithHelp("say which: %s:80; list what it listens on with: show listen %s", l.Place.Value, l.Place.Value)}
}

// Names reports a node that never was.
func (l *listenProbe) Names(view verb.Lab) diag.List {
	if node := l.Place.Node(); node.Value != "*" {
		return neverWas(view, node.Text, plan.Ref{Node: node.Value})
	}
	return nil
}

// Probe looks once.
func (l *listenProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	node, port := l.Place.Split()
	nodes := []string{node}
	if node == "*" {
		var err error
		if nodes, err = env.Nodes(); err != nil {
			return nil, err
		}
	}
	proto := "tcp"
	if l.Proto != nil {
		proto = *l.Proto
	}
	var answers []verb.Answer
	for _, n := range nodes {
		a, err := listens(env, n, proto, port)
		if err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	return answers, nil
}

func listens(view verb.Lab, node, proto string, port int) (verb.Answer, error) {
	a := verb.Answer{Subject: fmt.Sprintf("listen %s:%d %s", node, port, proto), Definite: true}
	if has, err := view.HasNode(node); err != nil || !has {
		a.Seen = lab.NoMore(node)
		return a, err
	}
	sockets, err := view.Sockets(node)
	if err != nil {
		return a, err
	}
	for _, s := range sockets {
		if s.Proto == proto && int(s.Local.Port()) == port {
			a.Holds = true
			a.Seen = fmt.Sprintf("%s listens on %s %s", cmp.Or(s.Program, "a program"), proto, lab.LocalText(s.Local))
			return a, nil
		}
	}
	a.Seen = fmt.Sprintf("nothing listens on %s port %d of %s", proto, port, node)
	if dead := why.DeadIn(view, node); dead != "" {
		a.Why = dead
	} else if others := why.Ports(sockets, proto); others != "" {
		a.Why = fmt.Sprintf("what %s listens on: %s", node, others)
	}
	a.Fix = "start a server: " + why.ServerFor(proto, port, false, fmt.Sprintf("%s:%d", node, port))
	return a, nil
}
