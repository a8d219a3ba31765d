package probes

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// ask is one question of a probe that connects.
type ask struct {
	from string
	to   place
	plan.Connect
	// answer is set when there is nothing to send.
	answer *verb.Answer
	// under is the address, where it is asked under several.
	under string
	// said is who said that the name that is asked for has the address.
	said string
}

func (a ask) subject() string {
	if a.under != "" {
		return a.from + " -> " + a.what() + " (" + a.under + ")"
	}
	return a.from + " -> " + a.what()
}

// named puts the pair into an answer.
func (a ask) named(v verb.Answer) verb.Answer {
	v.From, v.To = a.from, a.what()
	if to := a.To.Addr(); to.IsValid() {
		v.Family = lab.Family(to.Is6())
	}
	return v
}

// what is the place as the script has it.
func (a ask) what() string {
	if a.to.url != nil {
		return httpURL(a.to)
	}
	return fmt.Sprintf("%s:%d", bracketed(a.to.Text), a.to.port)
}

// question is the ask as those who explain its end want it.
func (a ask) question() why.Question {
	return why.Question{Connect: a.Connect, What: a.what(), Page: a.to.url != nil}
}

// questions are those of all nodes to all places; a node does not ask itself
// when a list or * names both.
func (pt patient) questions(ctx context.Context, env *verb.Env, from syntax.NodeSet, places []place, proto string, wait time.Duration) ([]ask, error) {
	nodes, err := lab.Nodes(env, from)
	if err != nil {
		return nil, err
	}
	once := *env
	once.Lab = snapshotOf(env.Lab)
	var list []ask
	for _, f := range nodes {
		for _, t := range places {
			if f == t.Node && (len(nodes) > 1 || len(places) > 1) {
				continue
			}
			a := ask{from: f, to: t, Connect: plan.Connect{Node: f, Proto: proto, Wait: wait}}
			if err := a.aim(ctx, &once); err != nil {
				return nil, err
			}
			list = append(list, pt.alternatives(&once, a)...)
		}
	}
	return list, nil
}

// alternatives are a question under each address that it may be asked under.
func (pt patient) alternatives(view verb.Lab, a ask) []ask {
	if !pt.every || a.answer != nil || a.to.name != "" {
		return []ask{a}
	}
	addrs := a.to.Every(view, a.from)
	if len(addrs) < 2 {
		return []ask{a}
	}
	var list []ask
	for _, addr := range addrs {
		a.To, a.under = netip.AddrPortFrom(addr, uint16(a.to.port)), addr.String()
		list = append(list, a)
	}
	return list
}

// aim finds the address to ask.
func (a *ask) aim(ctx context.Context, env *verb.Env) error {
	has, err := env.HasNode(a.from)
	if err != nil || !has {
		a.answer = &verb.Answer{Subject: a.subject(), Definite: true, Seen: lab.NoMore(a.from)}
		return err
	}
	var addr netip.Addr
	if a.to.name == "" {
		if addr, a.answer = a.to.AddressFor(env, a.from); a.answer == nil {
			a.Dev, a.answer = a.to.ZoneFor(env, a.from)
		}
	} else {
		addr, a.said, a.answer, err = resolve(ctx, env, a.from, a.to.name, a.Wait)
	}
	if a.answer != nil {
		a.answer.Subject = a.subject()
	}
	a.To = netip.AddrPortFrom(addr, uint16(a.to.port))
	return err
}

// resolve finds the first address of a name as a program in the node would, and who said so.
func resolve(ctx context.Context, env *verb.Env, node, name string, wait time.Duration) (netip.Addr, string, *verb.Answer, error) {
	if env.Prober == nil {
		return netip.Addr{}, "", &verb.Answer{}, nil // no server is asked: only the commands are shown
	}
	q := plan.Lookup{Node: node, Name: name, Wait: wait}
	r, err := env.Lookup(ctx, q)
	if err != nil || len(r.Addrs) > 0 {
		return append(r.Addrs, netip.Addr{})[0], r.From, nil, err
	}
	a := &verb.Answer{Seen: fmt.Sprintf("%s does not know the host %s", node, name), Why: r.Err, Definite: r.NoSuch || r.From == ""}
	a.Fix = fmt.Sprintf("give the name to a node: name NODE %s", name)
	if !r.NoSuch && r.From != "" {
		if text, fix := why.NotFound(env, q, r); text != "" {
			a.Why, a.Fix = text, cmp.Or(fix, a.Fix)
		}
	}
	return netip.Addr{}, "", a, nil
}

// serves reports whether something listens where the question went.
func (a ask) serves(env *verb.Env) bool {
	sockets, err := env.Sockets(lab.OwnerOf(env, a.from, a.To.Addr()))
	return err == nil && slices.ContainsFunc(sockets, func(s plan.Socket) bool { return s.Is(plan.Listen{Proto: a.Proto, Port: a.to.port}) })
}

// bySaying adds who said that the name which was asked for has that address, where nothing
// listens.
func (a ask) bySaying(env *verb.Env, v verb.Answer) verb.Answer {
	if a.said == "" || v.Explain == nil || a.serves(env) {
		return v
	}
	explain, from := v.Explain, a.said
	v.Explain = func(after *verb.Env) (why, fix string) {
		if server, err := netip.ParseAddr(from); err == nil {
			if node := lab.OwnerOf(after, a.from, server); node != "" {
				from = fmt.Sprintf("the name server %s (%s)", node, server)
			}
		}
		why, fix = explain(after)
		return strings.TrimPrefix(fmt.Sprintf("%s; %s has the address %s, says %s", why, a.to.name, a.To.Addr(), from), "; "), fix
	}
	return v
}

// connect sends all questions at once; judge makes an answer of a reply.
func connect(ctx context.Context, env *verb.Env, list []ask, judge func(ask, plan.ConnectReply) verb.Answer) ([]verb.Answer, error) {
	var requests []plan.Connect
	crowd := crowdIn(env, len(list))
	for _, a := range list {
		if a.answer == nil {
			a.Connect.Crowd = crowd
			requests = append(requests, a.Connect)
		}
	}
	replies, err := env.Connect(ctx, requests)
	if err != nil {
		return nil, err
	}
	answers := make([]verb.Answer, len(list))
	for i, a := range list {
		if a.answer != nil {
			answers[i] = a.named(*a.answer)
			continue
		}
		answers[i] = a.bySaying(env, a.named(judge(a, replies[0])))
		answers[i].Pacing = replies[0].Pacing
		replies = replies[1:]
	}
	return answers, nil
}

// patient is the patience of a probe that waits for an answer.
type patient struct {
	// every: with not, a node is asked under each address that it has.
	every bool
}

// deny says that nothing must get through.
func (pt *patient) deny() { pt.every = true }

// Patience is the time for an answer.
func (patient) Patience(not bool) time.Duration {
	if not {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// unconnected is the answer where no connection came about.
func unconnected(a ask, r plan.ConnectReply) verb.Answer {
	v := verb.Answer{Subject: a.subject()}
	refused := r.Err.Errno == why.RefusedErrno
	switch {
	case refused:
		v.Seen = fmt.Sprintf("%s refuses %s port %d: %s", a.To.Addr(), a.Proto, a.to.port, r.Err.What)
		v.Definite = true
		v.Explain = func(after *verb.Env) (string, string) { return why.Refused(after, a.question()) }
		return v
	case r.Err.What != "" && r.Err.From.IsValid():
		v.Seen = fmt.Sprintf("%s, says %s", r.Err.What, r.Err.From)
	case r.Err.What != "":
		v.Seen, v.Definite = r.Err.What, true
	default:
		v.Silent = true
		v.Seen = fmt.Sprintf("no answer from %s %s port %d", a.To.Addr(), a.Proto, a.to.port)
	}
	v.Explain = func(after *verb.Env) (string, string) {
		if v.Silent && r.Full {
			return why.FullTable()
		}
		text, fix := why.Unconnected(after, cmp.Or(a.to.Node, a.to.Text), a.Connect, r.Err)
		if text == "" {
			return why.Silent(after, a.question())
		}
		return text, fix
	}
	return v
}

// spelt are the commands of other programs that ask the same, in the nodes that
// ask; none where they would be too many to read.
func spelt(list []ask, argv func(a ask, host string) []string) []plan.Command {
	if len(list) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, a := range list {
		host := a.to.name
		if a.To.Addr().IsValid() {
			host = a.To.Addr().String()
		}
		if host != "" {
			cmds = append(cmds, plan.Inside(a.from, argv(a, host)...))
		}
	}
	return cmds
}
