package probes

import (
	"context"
	"io"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/why"
)

// followStatement is the statement follow.
type followStatement struct {
	Ping *followPing `parser:"'follow' ( @@"`
	TCP  *followTCP  `parser:"| @@ )"`
}

type followPing struct {
	From syntax.NodeRef `parser:"'ping' @@ '->'"`
	To   syntax.Target  `parser:"@@"`
}

type followTCP struct {
	From syntax.NodeRef `parser:"'tcp' @@ '->'"`
	To   syntax.Service `parser:"@@"`
}

// Follow is the verb follow.
func Follow() *verb.Verb {
	return verb.Define[followStatement](verb.Spec{
		Name:    "follow",
		Group:   verb.Looking,
		Summary: "send one packet and print where it was seen, in order",
		Usage:   []string{"follow ping A -> B", "follow tcp A -> B:PORT"},
		Doc: `A sends an echo request, or the first packet of a connection, while the interfaces of all
nodes are watched. Each line is a sighting of the packet, of its answer, or of an ICMP
error about it: the time since the first one by the kernel's clock, the node, the
interface, the addresses there, before and after NAT, and in parentheses the route by
which the node sent it on and the statement that changed its addresses.

If no answer came back, the last lines say why and how far the packet got. If it was last
seen at another node than where it ends by the state of the lab, what was seen counts: no
such reason is printed.

Nothing of the watching remains. ` + "`why`" + ` prints the way by the state of the lab, without watching.`,
		Examples: []verb.Example{
			{Note: "Through a router that changes the source.", Code: `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1 <-> blue 10.0.2.0/24
nat 10.0.1.0/24 on r1
follow ping red -> blue
`},
			{Note: "A connection.", Code: "ns red blue\nlink red <-> blue\nserve http blue:80\nfollow tcp red -> blue:80\n"},
		},
	})
}

// question is what is asked, as why asks it.
func (f *followStatement) question() whyStatement {
	if f.Ping != nil {
		return whyStatement{From: f.Ping.From, To: f.Ping.To, once: true}
	}
	to := f.TCP.To
	port := to.Text
	port.Value = strconv.Itoa(to.Port())
	return whyStatement{From: f.TCP.From, To: to.Target(), Service: &whyService{TCP: &syntax.Port{Text: port}}}
}

// Names reports a node, or a name, that never was.
func (f *followStatement) Names(view verb.Lab) diag.List {
	q := f.question()
	return q.Names(view)
}

// Run asks while all nodes are watched, and prints what was seen.
func (f *followStatement) Run(ctx context.Context, env *verb.Env) error {
	if err := f.Names(env).Err(); err != nil {
		return err
	}
	watcher, ok := env.Prober.(plan.Watcher)
	nodes, err := plan.AllNodes(env)
	if err != nil || !ok {
		return err
	}
	q := f.question()
	var answer verb.Answer
	var request *why.Request
	seen, err := watcher.Watch(ctx, nodes, func() (err error) {
		answer, request, err = q.ask(ctx, env)
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.Streams.Out, strings.Join(outcome(settled(env), answer, request, seen), "\n")+"\n")
	return err
}

// outcome are the lines about what was asked and seen.
func outcome(env *verb.Env, a verb.Answer, request *why.Request, seen []plan.Sighting) []string {
	a = a.Explained(env)
	lines := []string{"it does not work: " + a.Seen}
	if a.Holds {
		lines[0] = "it works: " + a.Seen
	}
	far, contradicted := "", false
	if request != nil {
		var story []string
		story, far, contradicted = why.Story(env, *request, seen)
		lines = append(lines, story...)
	}
	if a.Holds {
		return lines
	}
	for _, text := range []string{a.Why, a.Fix} {
		if text != "" && !contradicted {
			lines = append(lines, "    "+strings.ReplaceAll(text, "\n", "\n    "))
		}
	}
	if far != "" {
		lines = append(lines, "    "+far)
	}
	return lines
}
