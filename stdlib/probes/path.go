package probes

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// pathProbe is the probe path.
type pathProbe struct {
	From syntax.NodeSet   `parser:"'path' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Via  *pathVia         `parser:"('via' @@)?"`
	patient
}

// pathVia is the routers that a path goes through.
type pathVia struct {
	List   []syntax.Hop `parser:"  '<' @@* '>'"`
	Single *syntax.Hop  `parser:"| @@"`
}

// Path is the probe path.
func Path() *verb.Verb {
	return verb.Define[pathProbe](verb.Spec{
		Name:    "path",
		Also:    []string{"traceroute", "tracepath", "tracert", "hops"},
		Summary: "packets get there, and by which routers",
		Usage:   []string{"path A -> B [via <R1 * R3 …>]"},
		Doc: `As traceroute does it: echo requests are sent from inside A that may cross one router,
two, three, …; the router at which they end says so. The nodes that said it are the path.

` + "`via`" + ` names all routers in their order, as nodes or as addresses; ` + "`via <>`" + ` is no
router at all, a neighbour; ` + "`*`" + ` is any router, also one that says nothing. An address is the one that the router answers from, as a rule
that of its interface towards A. Without ` + "`via`" + ` any path will do. A bridge is no hop: it
passes frames on and is not seen. A path is followed over 64 routers, the hop limit of a
node's own packets.`,
		Examples: []verb.Example{
			{Note: "Through two routers.", Code: `ns pc1 r1 r2 pc2
link pc1 <-> r1 10.0.1.0/24
link r1 <-> r2 10.0.2.0/24
link r2 <-> pc2 10.0.3.0/24
forward r1
forward r2
route pc1 default via 10.0.1.2
route pc2 default via 10.0.3.1
route r1 10.0.3.0/24 via 10.0.2.2
route r2 10.0.1.0/24 via 10.0.2.1
expect path pc1 -> pc2 via <r1 r2>
expect not path pc1 -> pc2 via <r2 r1>
expect path pc1 -> 10.0.1.2 via <>
expect path pc1 -> pc2 via <* r2>
`},
		},
	})
}

// hopLimits are the hop limits that are tried at once: most paths are short, and none
// is longer than the hop limit of a node's own packets (net.ipv4.ip_default_ttl).
func hopLimits() [][2]int { return [][2]int{{1, 8}, {9, 30}, {31, mostHops}} }

const mostHops = 64

// Probe sends the requests of all pairs at once.
func (pa *pathProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	asked := &pingProbe{From: pa.From, To: pa.To}
	if pa.Via == nil { // with it the way to the address that is asked by default is meant
		asked.patient = pa.patient
	}
	pairs, err := asked.pairs(snapshotOf(env), wait)
	if err != nil {
		return nil, err
	}
	trails := make([]*trail, len(pairs))
	for i, p := range pairs {
		trails[i] = &trail{pair: p}
	}
	for _, limits := range hopLimits() {
		if err := follow(ctx, env, trails, limits[0], limits[1]); err != nil {
			return nil, err
		}
	}
	answers := make([]verb.Answer, len(trails))
	for i, t := range trails {
		answers[i] = pa.judge(t)
	}
	return answers, nil
}

// judge compares a path with what was asked for.
func (pa *pathProbe) judge(t *trail) verb.Answer {
	if t.answer != nil {
		return *t.answer
	}
	a := verb.Answer{Subject: t.subject(), Holds: t.reached, Pacing: t.last.Pacing, Seen: t.String()}
	switch {
	case !t.reached && t.circle() > 0:
		a.Definite = true
		a.Why, a.Fix = "routing loop: "+t.loop(), "compare: show routes"
	case !t.reached && !t.ended:
		a.Why = fmt.Sprintf("a packet crosses at most %d routers, unless its node sets another hop limit", mostHops)
		a.Fix = "shorten the way: show routes " + t.from
	case !t.reached:
		a.Definite = final(t.last.Err)
		a.Explain = func(after *verb.Env) (string, string) { return why.NoReply(after, t.request, t.to, t.last) }
	case pa.Via != nil && !t.goes(pa.Via.words()):
		a.Holds, a.Definite = false, true
		a.Why = t.differs(pa.Via.words())
		a.Fix = "what decides the way: show routes " + t.from
	}
	return a
}

// final reports the refusal of a node that has no route: asking again gives the
// same, and Linux answers a few times only (ip_error, net/ipv4/route.c). A full
// neighbour table is not: it empties.
func final(e plan.PingError) bool {
	noRoute := e.From.Is4() && e.Type == 3 && e.Code == 0 || e.From.Is6() && e.Type == 1 && e.Code == 0
	return e.What != "" && e.Errno != syscall.ENOBUFS && (!e.From.IsValid() || noRoute)
}

func (v *pathVia) words() (words []syntax.Target) {
	if v.Single != nil {
		return []syntax.Target{v.Single.Target}
	}
	for _, w := range v.List {
		words = append(words, w.Target)
	}
	return words
}

// Names reports nodes that never were.
func (pa *pathProbe) Names(view verb.Lab) diag.List {
	list := lab.UnknownIn(view, pa.From, pa.To)
	if pa.Via != nil {
		named := slices.DeleteFunc(slices.Clone(pa.Via.words()), func(w syntax.Target) bool { return w.Value == anyHop })
		list.Add(lab.UnknownIn(view, syntax.NodeSet{}, syntax.TargetSet{List: named})...)
	}
	return list
}

// forEachPair are the commands that run a program for each pair, whose last word is the
// address; none where there are too many.
func forEachPair(view verb.Lab, from syntax.NodeSet, to syntax.TargetSet, argv ...string) []plan.Command {
	pairs, err := (&pingProbe{From: from, To: to}).pairs(view, 0)
	if err != nil || len(pairs) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, p := range pairs {
		if p.answer == nil {
			cmds = append(cmds, plan.Inside(p.from, slices.Concat(argv, []string{p.request.To.String()})...))
		}
	}
	return cmds
}

// Explain is traceroute for each pair.
func (pa *pathProbe) Explain(view verb.Lab) []plan.Command {
	return forEachPair(view, pa.From, pa.To, "traceroute", "-n")
}
