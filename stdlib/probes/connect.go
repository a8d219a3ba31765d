package probes

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// place is what a probe connects to.
type place struct {
	lab.Target
	// name is set for one that only a resolver knows.
	name string
	port int
	// url is what to ask for, nil where nothing is.
	url *syntax.URL
}

// placesOf are the places that a word names: every node for *. A name that is no
// host is an error.
func placesOf(view verb.Lab, word syntax.Target, port int) ([]place, error) {
	if word.Value == "*" {
		nodes, err := view.Nodes()
		var list []place
		for _, n := range nodes {
			list = append(list, place{Target: lab.Target{Text: n, Node: n}, port: port})
		}
		return list, err
	}
	p, d := servedPlace(view, word, port)
	if d != nil {
		return nil, diag.List{d}
	}
	return []place{p}, nil
}

func servedPlace(view verb.Lab, word syntax.Target, port int) (place, *diag.Diagnostic) {
	t, d := lab.TargetOf(view, word)
	if d == nil && (t.Addr.IsValid() || view.Known(plan.Ref{Node: t.Node, Link: t.Link})) {
		return place{Target: t, port: port}, nil
	}
	if hostName(view, word.Value) {
		return place{Target: lab.Target{Text: word.Value}, name: word.Value, port: port}, nil
	}
	return place{Target: t, port: port}, d
}

// hostName reports whether a word may be the name of a host that is no node: one
// with a dot, or one that a node was given.
func hostName(view verb.Lab, word string) bool {
	if strings.Contains(word, ":") {
		return false
	}
	if strings.Contains(word, ".") || word == "localhost" {
		return true
	}
	nodes, _ := lab.AllNodes(view)
	for _, n := range nodes {
		if names, err := view.Names(n); err == nil && slices.Contains(names, word) {
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
		v.Family = lab.Family(to.Is6())
	}
	return v
}

// What is the place as the script has it.
func (a ask) what() string {
	if a.to.url != nil {
		return httpURL(a.to)
	}
	return fmt.Sprintf("%s:%d", bracketed(a.to.Text), a.to.port)
}

// Question is the ask as those who explain its end want it.
func (a ask) question() why.Question {
	return why.Question{Connect: a.Connect, What: a.what(), Page: a.to.url != nil}
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
			a := ask{from: f, to: t, Connect: plan.Connect{Node: f, Proto: proto, Dev: t.Zone, Wait: wait}}
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
		a.answer = &verb.Answer{Subject: a.subject(), Definite: true, Seen: lab.NoMore(a.from)}
		return err
	}
	var addr netip.Addr
	if a.to.name == "" {
		addr, a.answer = a.to.AddressFor(env, a.from)
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
func unconnected(view verb.Lab, a ask, r plan.ConnectReply) verb.Answer {
	v := verb.Answer{Subject: a.subject()}
	refused := r.Err.Errno == why.RefusedErrno
	switch {
	case refused:
		v.Seen = fmt.Sprintf("%s refuses %s port %d: %s", a.To.Addr(), a.Proto, a.to.port, r.Err.What)
		v.Definite = true
		v.Why, v.Mend = why.Refused(view, a.question())
		return v
	case r.Err.What != "" && r.Err.From.IsValid():
		v.Seen = fmt.Sprintf("%s, says %s", r.Err.What, r.Err.From)
	case r.Err.What != "":
		v.Seen, v.Definite = r.Err.What, true
	default:
		v.Seen = fmt.Sprintf("no answer from %s %s port %d", a.To.Addr(), a.Proto, a.to.port)
	}
	v.Why, v.Mend = why.Unconnected(view, cmp.Or(a.to.Node, a.to.Text), a.Connect, r.Err)
	if v.Why == "" {
		v.Why = why.Silent(view, a.question())
	}
	return v
}

// namesOfPlaces collects what is unknown in the words of a probe that connects.
func namesOfPlaces(view verb.Lab, from syntax.NodeSet, words []syntax.Target) diag.List {
	list := lab.NeverMade(view, from, syntax.TargetSet{})
	for _, w := range words {
		if !w.Dynamic && w.Value != "*" {
			_, d := servedPlace(view, w, 0)
			list.Add(d)
		}
	}
	return slices.Clip(list)
}

// tcpProbe is the probe tcp.
type tcpProbe struct {
	From syntax.NodeSet    `parser:"'tcp' @@ '->'"`
	To   syntax.ServiceSet `parser:"@@"`
	patient
}

// udpProbe is the probe udp.
type udpProbe struct {
	From syntax.NodeSet    `parser:"'udp' @@ '->'"`
	To   syntax.ServiceSet `parser:"@@"`
	patient
}

const connectDoc = `A is a node, a list of nodes or ` + "`*`" + `. B is a node, an interface, an address or a
name, or a list of such places with their ports: ` + "`blue:80`, `blue:eth1:80`, `10.0.0.1:80`,\n`[fd00::1]:80`, `www.lab:80`, `<blue:80 green:8080>`, `*:80`" + `.`

// TCP is the probe tcp.
func TCP() *verb.Verb {
	return verb.Define[tcpProbe](verb.Spec{
		Name:    "tcp",
		Group:   verb.Probing,
		Summary: "a TCP port can be connected to",
		Usage:   []string{"tcp A -> B:PORT"},
		Doc: connectDoc + `

The socket is opened inside A; a name is looked up as a program in A would. A port
that is closed is refused at once; one behind a rule that drops packets, or with
no way there, does not answer.`,
		Examples: []verb.Example{
			{Note: "One port is open, another is not.", Code: "ns red blue\nlink red <-> blue\nserve tcp blue:7\nexpect tcp red -> blue:7\nexpect not tcp red -> blue:8\n"},
			{Note: "Both families, everybody to everybody.", Code: "auto dual\nns a b c\nbridge sw <a b c>\nserve tcp *:7\nexpect tcp * -> *:7\nexpect tcp a -> <192.168.15.2:7 [fd00:15::2]:7>\n"},
		},
	})
}

// UDP is the probe udp.
func UDP() *verb.Verb {
	return verb.Define[udpProbe](verb.Spec{
		Name:    "udp",
		Group:   verb.Probing,
		Summary: "a datagram to a UDP port is answered",
		Usage:   []string{"udp A -> B:PORT"},
		Doc: connectDoc + `

One datagram is sent, and any answer will do. What runs on port 53 is asked a
question of the DNS, for name servers answer nothing else. Many UDP servers say
nothing to what they do not understand: this probe cannot tell them from one that
is out of reach.`,
		Examples: []verb.Example{
			{Note: "An echo answers.", Code: "ns red blue\nlink red <-> blue\nserve udp blue:7\nexpect udp red -> blue:7\nexpect not udp red -> blue:8\n"},
		},
	})
}

// Probe connects to all places at once.
func (t *tcpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	return probeServices(ctx, env, t.From, t.To, "tcp", wait)
}

// Probe asks all places at once.
func (u *udpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	return probeServices(ctx, env, u.From, u.To, "udp", wait)
}

// Names reports nodes and names that never were.
func (t *tcpProbe) Names(view verb.Lab) diag.List {
	return namesOfPlaces(view, t.From, targetsIn(t.To))
}

// Names reports nodes and names that never were.
func (u *udpProbe) Names(view verb.Lab) diag.List {
	return namesOfPlaces(view, u.From, targetsIn(u.To))
}

func targetsIn(s syntax.ServiceSet) []syntax.Target {
	var list []syntax.Target
	for _, w := range s.Services() {
		list = append(list, w.Target())
	}
	return list
}

// servicePlaces are the places of a set.
func servicePlaces(view verb.Lab, s syntax.ServiceSet) ([]place, error) {
	var list []place
	for _, w := range s.Services() {
		more, err := placesOf(view, w.Target(), w.Port())
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

func probeServices(ctx context.Context, env *verb.Env, from syntax.NodeSet, to syntax.ServiceSet, proto string, wait time.Duration) ([]verb.Answer, error) {
	places, err := servicePlaces(env, to)
	if err != nil {
		return nil, err
	}
	list, err := asks(ctx, env, from, places, proto, wait)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Payload = payload(list[i])
	}
	return connect(ctx, env, list, func(a ask, r plan.ConnectReply) verb.Answer {
		if !r.Connected {
			return unconnected(env, a, r)
		}
		verdict := "is open"
		if proto == "udp" {
			verdict = "answers"
		}
		return verb.Answer{Subject: a.subject(), Holds: true, Seen: fmt.Sprintf("%s port %d of %s %s, in %s",
			proto, a.to.port, a.To.Addr(), verdict, millis(r.RTT))}
	})
}

// payload is what a datagram to a port carries: for a name server the question
// for the root's own servers (RFC 1035, section 4.1; type NS, class IN), with a
// fixed ID.
func payload(a ask) []byte {
	if a.Proto == "udp" && a.to.port == 53 {
		return []byte{0x4e, 0x53, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1}
	}
	return []byte("nsl\n")
}

// Explain is netcat for each pair.
func (t *tcpProbe) Explain(view verb.Lab) []plan.Command {
	return spellConnect(view, t.From, t.To, "-z")
}

// Explain is netcat for each pair.
func (u *udpProbe) Explain(view verb.Lab) []plan.Command {
	return spellConnect(view, u.From, u.To, "-zu")
}

func spellConnect(view verb.Lab, from syntax.NodeSet, to syntax.ServiceSet, flag string) []plan.Command {
	places, err := servicePlaces(view, to)
	if err != nil {
		return nil
	}
	list, err := asks(context.Background(), &verb.Env{Lab: view}, from, places, "", 0)
	if err != nil {
		return nil
	}
	return spelt(list, func(a ask, host string) []string {
		return []string{"nc", flag, "-w", "2", host, strconv.Itoa(a.to.port)}
	})
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
