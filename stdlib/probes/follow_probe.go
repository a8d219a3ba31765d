package probes

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/why"
)

// followProbe is the probe follow.
type followProbe struct {
	Ping *followPing  `parser:"'follow' ( @@"`
	TCP  *followTCP   `parser:"| @@ )"`
	Rule *syntax.Free `parser:"('dropped' 'by' @@)?"`
	once
}

// FollowProbe is the probe follow.
func FollowProbe() *verb.Verb {
	return verb.Define[followProbe](verb.Spec{
		Name:    "follow",
		Summary: "one packet arrives and is answered, or a rule drops it",
		Usage:   []string{"follow ping A -> B [dropped by RULE]", "follow tcp A -> B:PORT [dropped by RULE]"},
		Doc: `One packet is sent while all nodes are watched, as the statement ` + "`follow`" + ` does. It holds
if an answer comes back or, with ` + "`dropped by`" + `, if that rule drops or rejects the packet or
the reply: RULE is the statement that made it, or the rule as the reason of a failed ping
names it. If the packet was last seen at another node than the rule's, it does not hold.`,
		Examples: []verb.Example{
			{Note: "Which rule it is.", Code: `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1 <-> blue 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
block red -> blue icmp on r1
serve http blue:80
expect follow ping red -> blue dropped by "block red -> blue icmp on r1"
expect follow tcp red -> blue:80
`},
		},
	})
}

func (f *followProbe) question() whyStatement {
	return (&followStatement{Ping: f.Ping, TCP: f.TCP}).question()
}

// Names reports a node, or a name, that never was.
func (f *followProbe) Names(view verb.Lab) diag.List {
	q := f.question()
	return q.Names(view)
}

// Probe sends one packet.
func (f *followProbe) Probe(ctx context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	nodes, err := plan.AllNodes(env)
	watcher, ok := env.Prober.(plan.Watcher)
	if err != nil || !ok {
		return nil, err
	}
	q := f.question()
	var answer verb.Answer
	var request *why.Request
	seen, err := watcher.Watch(ctx, nodes, func() (err error) {
		answer, request, err = q.ask(ctx, env)
		return err
	})
	if err != nil {
		return nil, err
	}
	after := settled(env)
	return []verb.Answer{f.judge(after, answer.Explained(after), request, seen)}, nil
}

// judge compares what was seen with what is expected.
func (f *followProbe) judge(env *verb.Env, a verb.Answer, request *why.Request, seen []plan.Sighting) verb.Answer {
	if request == nil || f.Rule == nil && a.Holds {
		return a
	}
	_, far, contradicted := why.Story(env, *request, seen)
	rule := why.RuleThatStops(env, *request)
	if contradicted {
		a.Why, a.Fix, rule = far, "", ""
	}
	if f.Rule != nil {
		a.Holds = !a.Holds && rule == f.Rule.Value
	}
	return a
}
