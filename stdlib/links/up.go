package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// up is the statement up.
type up struct {
	What []syntax.Endpoint `parser:"'up' (@@ | '<' @@* '>')+"`
}

// Up is the verb up.
func Up() *verb.Verb {
	return verb.Define[up](verb.Spec{
		Name:    "up",
		Also:    []string{"no shutdown", "no shut", "start"},
		Summary: "set interfaces up",
		Usage:   []string{"up NODE:IFACE…", "up IFACE…", "up NODE…"},
		Doc: `A node means all its interfaces except lo; a name without a node is an
interface of the host. Setting up what is up changes nothing.

Frames pass when both ends of a cable are up. The subnets of the interface's
addresses are reachable at once; IPv6 addresses and routes that were lost
when it was set down are not restored.`,
		Examples: []verb.Example{
			{Note: "Out and in again.", Code: "ns red blue\nlink red <-> blue\ndown red\nexpect not ping blue -> red\nup red\nexpect ping blue -> red\n"},
			{Note: "One interface of several, and one of the host.", Code: "ns red blue\nbridge v-net-0 <red blue>\ndown red:veth-red veth-blue-br\nup red:veth-red veth-blue-br\nexpect ping red -> blue\n"},
		},
	})
}

// Plan sets up what is down.
func (u *up) Plan(p *verb.Plan) {
	for _, t := range interfaces(p, u.What) {
		if t.link.Up {
			continue
		}
		s, err := lab.NewSideEffects(p, t.link)
		if err != nil {
			p.Err(t.at.Span, err)
			return
		}
		p.Do(t.at.Span, plan.SetUp{Node: t.link.Node, Name: t.link.Name, Was: s.LostOnDown()})
	}
}

// named is an interface and the word that names it.
type named struct {
	link plan.Link
	at   syntax.Endpoint
}

// interfaces are those that the words name, each once: a node means all
// of its own but the loopback.
func interfaces(p *verb.Plan, words []syntax.Endpoint) []named {
	var list []named
	seen := map[plan.Ref]bool{}
	for i, w := range words {
		if i > 0 && twoWords(p, words[i-1], w) {
			continue
		}
		for _, l := range linksOf(p, w) {
			if r := l.Ref(); !seen[r] {
				seen[r] = true
				list = append(list, named{l, w})
			}
		}
	}
	return list
}

// twoWords refuses a node and one of its interfaces as two words.
func twoWords(p *verb.Plan, node, w syntax.Endpoint) bool {
	if w.HasLink() || verb.Ask(p, w.Span, p.HasNode, w.Value) || !verb.Ask(p, node.Span, p.HasNode, node.Value) {
		return false
	}
	if _, err := p.Link(plan.Host, w.Value); err == nil {
		return false
	}
	if _, err := p.Link(node.Value, w.Value); err != nil && !verb.UsualLink(w.Value) {
		return false
	}
	meant := node.Value + ":" + w.Value
	p.Fail(diag.Errorf(diag.UnknownLink, w.Span, "there is no node and no interface of the host called %q", w.Value).
		WithHelp("did you mean %q?", meant).WithFix(node.Span.To(w.Span), "", meant))
	return true
}

func linksOf(p *verb.Plan, w syntax.Endpoint) []plan.Link {
	isNode := verb.Ask(p, w.Span, p.HasNode, w.Value)
	if !isNode {
		l, ok := p.Iface(w)
		if !ok {
			return nil
		}
		return []plan.Link{l}
	}
	links, err := p.Links(w.Value)
	p.Err(w.Span, err)
	links = slices.DeleteFunc(slices.Clone(links), func(l plan.Link) bool { return l.Name == plan.Loopback })
	if len(links) == 0 && !p.Uncertain() && err == nil {
		p.Fail(verb.NoInterface(w.Span, w.Value))
	}
	return links
}
