package probes

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// dnsProbe is the probe dns.
type dnsProbe struct {
	From  syntax.NodeSet   `parser:"'dns' @@ '->'"`
	Asked []syntax.Domain  `parser:"( '<' @@+ '>' | @@ )"`
	Is    []syntax.Address `parser:"('is' ( '<' @@+ '>' | @@ ))?"`
	At    *syntax.Target   `parser:"('at' @@)?"`
}

// DNS is the probe dns.
func DNS() *verb.Verb {
	return verb.Define[dnsProbe](verb.Spec{
		Name:    "dns",
		Also:    []string{"dig", "nslookup", "resolve"},
		Summary: "a name has an address, as the programs of a node resolve it",
		Usage:   []string{"dns A -> NAME|<NAME…> [is ADDR|<ADDR…>] [at SERVER]"},
		Doc: `A is a node, a list of nodes or ` + "`*`" + `. It looks in its /etc/hosts first, and then asks the
name servers of its /etc/resolv.conf, as the C library does. ` + "`is`" + ` lists addresses
that must be among those found. ` + "`at`" + ` asks that server instead, as ` + "`dig @SERVER`" + `: a node or
an address.

A failure says whether the name does not exist, no server is set, or the server does not
answer, and then why.`,
		Examples: []verb.Example{
			{Note: "The hosts file, and a server.", Code: `ns red blue
link red <-> blue 10.0.0.0/24
expect dns red -> blue is 10.0.0.2
expect not dns red -> blue.lab
dns blue
expect dns red -> blue.lab is 10.0.0.2
expect not dns red -> green.lab at blue
`},
		},
	})
}

// Patience is the time that the first server has to answer, and the next.
func (e *dnsProbe) Patience(not bool) time.Duration {
	if not {
		return time.Second
	}
	return 3 * time.Second
}

// Names reports nodes that never were.
func (e *dnsProbe) Names(view verb.Lab) diag.List {
	to := syntax.TargetSet{Single: e.At}
	if e.At == nil {
		to = syntax.TargetSet{}
	}
	return lab.UnknownIn(view, e.From, to)
}

// Probe asks for each name in each node, all at once.
func (e *dnsProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	from, err := lab.Nodes(env, e.From)
	if err != nil {
		return nil, err
	}
	answers := make([]verb.Answer, 0, len(from)*len(e.Asked))
	for _, node := range from {
		for _, name := range e.Asked {
			a, err := e.ask(ctx, env, node, name, wait)
			if err != nil {
				return nil, err
			}
			a.Subject = fmt.Sprintf("dns %s -> %s", node, name.Value)
			answers = append(answers, a)
		}
	}
	return answers, nil
}

// ask asks for one name in one node.
func (e *dnsProbe) ask(ctx context.Context, env *verb.Env, node string, name syntax.Domain, wait time.Duration) (verb.Answer, error) {
	if has, err := env.HasNode(node); err != nil || !has {
		return verb.Answer{Definite: true, Seen: lab.NoMore(node)}, err
	}
	q := plan.Lookup{Node: node, Name: name.Value, Wait: max(wait, time.Millisecond)}
	if e.At != nil {
		t, d := lab.TargetOf(env, *e.At)
		if d != nil {
			return verb.Answer{}, diag.List{d}
		}
		a, answer := t.AddressFor(env, node)
		if answer != nil {
			return *answer, nil
		}
		q.Server = netip.AddrPortFrom(a, plan.DNSPort)
	}
	r, err := env.Lookup(ctx, q)
	if err != nil {
		return verb.Answer{}, err
	}
	return e.judge(env, q, r), nil
}

// judge compares what was found with what is expected.
func (e *dnsProbe) judge(env *verb.Env, q plan.Lookup, r plan.LookupReply) verb.Answer {
	if len(r.Addrs) == 0 {
		a := verb.Answer{Seen: r.Err, Definite: r.NoSuch || r.Code == why.RefusedCode, Silent: r.Silent}
		a.Why, a.Fix = why.NotFound(env, q, r)
		return a
	}
	a := verb.Answer{Holds: true, Definite: true,
		Seen: fmt.Sprintf("it is %s, says %s", lab.AddrList(r.Addrs), r.From)}
	for _, is := range e.Is {
		if !slices.Contains(r.Addrs, is.Addr()) {
			a.Holds = false
		}
	}
	if !a.Holds && r.Err != "" { // of one family nothing is known
		a.Definite = false
		a.Seen += "; " + r.Err
	}
	if !a.Holds && r.From == hostsFile {
		a.Why = "/etc/hosts comes before every name server"
	}
	return a
}

// hostsFile is where a lookup found an answer without a server.
const hostsFile = "/etc/hosts"

// Explain is dig(1), which looks into no hosts file, or getent(1), which does.
func (e *dnsProbe) Explain(view verb.Lab) []plan.Command {
	from, err := lab.Nodes(view, e.From)
	if err != nil || len(from)*len(e.Asked) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, node := range from {
		for _, name := range e.Asked {
			if e.At != nil {
				cmds = append(cmds, plan.Inside(node, "dig", "+short", "@"+e.At.Value, name.Value))
				continue
			}
			cmds = append(cmds, plan.Inside(node, "getent", "ahosts", name.Value))
		}
	}
	return cmds
}
