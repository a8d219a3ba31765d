package probes

import (
	"context"
	"io"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// whyStatement is the statement why.
type whyStatement struct {
	From    syntax.NodeRef `parser:"'why' @@ '->'"`
	To      syntax.Target  `parser:"@@"`
	Service *whyService    `parser:"@@?"`
	// once: one packet is sent, for one that is followed.
	once bool
}

// whyService is the port that is asked, instead of an echo.
type whyService struct {
	TCP *syntax.Port `parser:"  'tcp' @@"`
	UDP *syntax.Port `parser:"| 'udp' @@"`
}

// Why is the verb why.
func Why() *verb.Verb {
	return verb.Define[whyStatement](verb.Spec{
		Name:    "why",
		Group:   verb.Looking,
		Summary: "say why one node reaches another or does not, hop by hop",
		Usage:   []string{"why A -> B [tcp PORT|udp PORT]"},
		Doc: `A asks B once: with an echo request as ping does, or with a connection to the TCP port,
or with a datagram to the UDP port. B is a node, ` + "`node:iface`" + `, an address or a name.

What was seen comes first and, if it does not work, the first thing that stops it and how
to fix it. Then comes the way of the packet by the state of the lab, a line for each node:
the interfaces, the route that was chosen, what NAT changes; and the way of the reply.
` + "`follow`" + ` prints where a packet was seen instead.

It is no expectation: whatever it finds, the script goes on and has not failed. With
` + "`nsl explain`" + ` it prints the ` + "`ip route get`" + ` of each node on the way.`,
		Examples: []verb.Example{
			{Note: "Why it works.", Code: `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1 <-> blue 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
why red -> blue
`},
			{Note: "Why it does not: no process listens there.", Code: "ns red blue\nlink red <-> blue\nwhy red -> blue tcp 80\n"},
		},
	})
}

// service is the protocol and the port, "" for an echo.
func (w *whyStatement) service() (proto string, port int) {
	switch {
	case w.Service == nil:
		return "", 0
	case w.Service.TCP != nil:
		return "tcp", w.Service.TCP.Number()
	}
	return "udp", w.Service.UDP.Number()
}

// Names reports a node, or a name, that never was.
func (w *whyStatement) Names(view verb.Lab) diag.List {
	if w.Service == nil {
		return lab.UnknownIn(view, w.from(), syntax.TargetSet{Single: &w.To})
	}
	return namesOfPlaces(view, w.from(), []syntax.Target{w.To})
}

func (w *whyStatement) from() syntax.NodeSet { return syntax.NodeSet{Single: &w.From} }

// wait is how long an answer is waited for; TCP sends its first packet again after
// a second (RFC 6298).
func (w *whyStatement) wait() time.Duration {
	if w.once {
		return time.Second / 2
	}
	return time.Second
}

// Run asks, and prints what was found.
func (w *whyStatement) Run(ctx context.Context, env *verb.Env) error {
	if err := w.Names(env).Err(); err != nil {
		return err
	}
	answer, request, err := w.ask(ctx, env)
	if err != nil {
		return err
	}
	after := settled(env)
	answer = answer.Explained(after)
	head := "it works: "
	if !answer.Holds {
		head = "it does not work: "
	}
	lines := []string{head + answer.Seen}
	for _, text := range []string{answer.Why, answer.Fix} {
		if text != "" && !answer.Holds {
			lines = append(lines, "    "+strings.ReplaceAll(text, "\n", "\n    "))
		}
	}
	if request != nil {
		lines = append(lines, why.Way(after, *request)...)
	}
	_, err = io.WriteString(env.Streams.Out, strings.Join(lines, "\n")+"\n")
	return err
}

// ask asks once, and explains nothing yet; there is no request where nothing could be sent.
func (w *whyStatement) ask(ctx context.Context, env *verb.Env) (verb.Answer, *why.Request, error) {
	pings, asks, err := w.questions(ctx, env)
	if err != nil {
		return verb.Answer{}, nil, err
	}
	var answers []verb.Answer
	var request why.Request
	var sent bool
	if w.Service == nil {
		request, sent = why.PingRequest(pings[0].request), pings[0].answer == nil
		answers, err = (&pingProbe{}).fly(ctx, env, pings)
	} else {
		request, sent = why.ConnectRequest(asks[0].Connect), asks[0].answer == nil
		answers, err = connectTo(ctx, env, asks)
	}
	if err != nil {
		return verb.Answer{}, nil, err
	}
	if !sent {
		return answers[0], nil, nil
	}
	return answers[0], &request, nil
}

// questions is what to ask: one ping, or one service.
func (w *whyStatement) questions(ctx context.Context, env *verb.Env) ([]pair, []ask, error) {
	proto, port := w.service()
	if proto == "" {
		pairs, err := (&pingProbe{From: w.from(), To: syntax.TargetSet{Single: &w.To}}).pairs(env, w.wait())
		for i := range pairs {
			if w.once {
				pairs[i].request.Again = 0
			}
		}
		return pairs, nil, err
	}
	places, err := placesOf(env, w.To, port)
	if err != nil {
		return nil, nil, err
	}
	asks, err := patient{}.questions(ctx, env, w.from(), places, proto, w.wait())
	return nil, asks, err
}

// Explain is ip route get in each node on the way.
func (w *whyStatement) Explain(view verb.Lab) []plan.Command {
	env := verb.Env{Lab: view}
	pings, asks, err := w.questions(context.Background(), &env)
	switch {
	case err != nil:
		return nil
	case len(pings) > 0 && pings[0].answer == nil:
		return why.Commands(&env, why.PingRequest(pings[0].request))
	case len(asks) > 0 && asks[0].answer == nil:
		return why.Commands(&env, why.ConnectRequest(asks[0].Connect))
	}
	return nil
}
