package stdlib

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// place is what a probe connects to.
type place struct {
	target
	// name is set for one that only a resolver knows.
	name string
	port int
	// url is what to ask for, nil where nothing is.
	url *syntax.URL
}

// placesOf are the places that a word names: every node for *. A name that is no
// host is an error.
func placesOf(lab verb.Lab, word syntax.Target, port int) ([]place, error) {
	if word.Value == "*" {
		nodes, err := lab.Nodes()
		var list []place
		for _, n := range nodes {
			list = append(list, place{target: target{text: n, node: n}, port: port})
		}
		return list, err
	}
	p, d := servedPlace(lab, word, port)
	if d != nil {
		return nil, diag.List{d}
	}
	return []place{p}, nil
}

func servedPlace(lab verb.Lab, word syntax.Target, port int) (place, *diag.Diagnostic) {
	t, d := targetOf(lab, word)
	if d == nil && (t.addr.IsValid() || lab.Known(plan.Ref{Node: t.node, Link: t.link})) {
		return place{target: t, port: port}, nil
	}
	if hostName(lab, word.Value) {
		return place{target: target{text: word.Value}, name: word.Value, port: port}, nil
	}
	return place{target: t, port: port}, d
}

// hostName reports whether a word may be the name of a host that is no node: one
// with a dot, or one that a node was given.
func hostName(lab verb.Lab, word string) bool {
	if strings.Contains(word, ":") {
		return false
	}
	if strings.Contains(word, ".") || word == "localhost" {
		return true
	}
	nodes, _ := lab.Nodes()
	for _, n := range append([]string{plan.Host}, nodes...) {
		if names, err := lab.Names(n); err == nil && contains(names, word) {
			return true
		}
	}
	return false
}

// ask is one question of a probe that connects.
type ask struct {
	from string
	to   place
	plan.Connect
	// answer is set when there is nothing to send.
	answer *verb.Answer
}

func (a ask) subject() string { return a.from + " -> " + a.what() }

// named puts the pair into an answer.
func (a ask) named(v verb.Answer) verb.Answer {
	v.From, v.To = a.from, a.what()
	if to := a.To.Addr(); to.IsValid() {
		v.Family = family(to.Is6())
	}
	return v
}

// what is the place as the script has it.
func (a ask) what() string {
	if a.to.url != nil {
		return httpURL(a.to)
	}
	return fmt.Sprintf("%s:%d", bracketed(a.to.text), a.to.port)
}

func bracketed(host string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		return "[" + host + "]"
	}
	return host
}

// asks are the questions of all nodes to all places; a node does not ask itself
// when a list or * names both.
func asks(ctx context.Context, env *verb.Env, from syntax.NodeSet, places []place, proto string, wait time.Duration) ([]ask, error) {
	nodes, err := nodesOf(env, from)
	if err != nil {
		return nil, err
	}
	once := *env
	once.Lab = snapshotOf(env.Lab)
	var list []ask
	for _, f := range nodes {
		for _, t := range places {
			if f == t.node && (len(nodes) > 1 || len(places) > 1) {
				continue
			}
			a := ask{from: f, to: t, Connect: plan.Connect{Node: f, Proto: proto, Dev: t.zone, Wait: wait}}
			if err := a.aim(ctx, &once); err != nil {
				return nil, err
			}
			list = append(list, a)
		}
	}
	return list, nil
}

// aim finds the address to ask.
func (a *ask) aim(ctx context.Context, env *verb.Env) error {
	has, err := env.HasNode(a.from)
	if err != nil || !has {
		a.answer = &verb.Answer{Subject: a.subject(), Definite: true, Seen: noMore(a.from)}
		return err
	}
	var addr netip.Addr
	if a.to.name == "" {
		addr, a.answer = a.to.addressFor(env, a.from)
	} else {
		addr, a.answer, err = resolve(ctx, env, a.from, a.to.name, a.Wait)
	}
	if a.answer != nil {
		a.answer.Subject = a.subject()
	}
	a.To = netip.AddrPortFrom(addr, uint16(a.to.port))
	return err
}

// resolve finds the first address of a name as a program in the node would.
func resolve(ctx context.Context, env *verb.Env, node, name string, wait time.Duration) (netip.Addr, *verb.Answer, error) {
	if env.Lookup == nil {
		return netip.Addr{}, &verb.Answer{}, nil // nobody is asked: the probe is only spelt
	}
	r, err := env.Lookup(ctx, plan.Lookup{Node: node, Name: name, Wait: wait})
	if err != nil || len(r.Addrs) > 0 {
		return append(r.Addrs, netip.Addr{})[0], nil, err
	}
	a := &verb.Answer{Seen: fmt.Sprintf("%s does not know the host %s", node, name), Why: r.Err, Definite: r.NoSuch || r.From == ""}
	a.Mend = fmt.Sprintf("give the name to a node: name NODE %s", name)
	return netip.Addr{}, a, nil
}

// connect sends all questions at once; judge makes an answer of a reply.
func connect(ctx context.Context, env *verb.Env, list []ask, judge func(ask, plan.ConnectReply) verb.Answer) ([]verb.Answer, error) {
	var requests []plan.Connect
	for _, a := range list {
		if a.answer == nil {
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
		answers[i] = a.named(judge(a, replies[0]))
		replies = replies[1:]
	}
	return answers, nil
}

// patient is the patience of a probe that waits for an answer.
type patient struct{}

// Patience is the time for an answer.
func (patient) Patience(not bool) time.Duration {
	if not {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// unconnected is the answer where no connection came about.
func unconnected(lab verb.Lab, a ask, r plan.ConnectReply) verb.Answer {
	v := verb.Answer{Subject: a.subject()}
	refused := r.Err.Errno == refusedErrno
	switch {
	case refused:
		v.Seen = fmt.Sprintf("%s refuses %s port %d: %s", a.To.Addr(), a.Proto, a.to.port, r.Err.What)
		v.Definite = true
		behind, why, mend := behindFilters(lab, a)
		if v.Why, v.Mend = why, mend; why == "" {
			v.Why, v.Mend = whyRefused(lab, behind)
		}
		return v
	case r.Err.What != "" && r.Err.From.IsValid():
		v.Seen = fmt.Sprintf("%s, says %s", r.Err.What, r.Err.From)
	case r.Err.What != "":
		v.Seen, v.Definite = r.Err.What, true
	default:
		v.Seen = fmt.Sprintf("no answer from %s %s port %d", a.To.Addr(), a.Proto, a.to.port)
	}
	v.Why, v.Mend = whyUnanswered(lab, a.from, cmpOr(a.to.node, a.to.text), packetOf(a), r.Err)
	if v.Why == "" {
		v.Why = whySilent(lab, a)
	}
	return v
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// ownerOf is the node that has an address as another asks for it, "" for none.
func ownerOf(lab verb.Lab, from string, addr netip.Addr) string {
	if addr.IsLoopback() {
		return from
	}
	book, err := lab.Book()
	if err != nil {
		return ""
	}
	owners := book.At(addr)
	if len(owners) == 0 {
		return ""
	}
	return owners[0].Node
}

// namesOfPlaces collects what is unknown in the words of a probe that connects.
func namesOfPlaces(lab verb.Lab, from syntax.NodeSet, words []syntax.Target) diag.List {
	list := namesIn(lab, from, syntax.TargetSet{})
	for _, w := range words {
		if !w.Dynamic && w.Value != "*" {
			_, d := servedPlace(lab, w, 0)
			list.Add(d)
		}
	}
	return slices.Clip(list)
}
