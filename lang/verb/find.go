package verb

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Iface resolves node:iface, or an interface of the host.
func (p *Plan) Iface(e syntax.Endpoint) (plan.Link, bool) {
	l, d := FindLink(p, e)
	p.Fail(d)
	return l, d == nil
}

// FindLink resolves node:iface, an interface of the host, or the only
// interface that a node has besides its loopback.
func FindLink(lab Lab, e syntax.Endpoint) (plan.Link, *diag.Diagnostic) {
	node, link := e.Split()
	isNode, err := lab.HasNode(node)
	switch {
	case err != nil:
		return plan.Link{}, unanswered(e.Span, err)
	case e.HasLink() && !isNode && lab.MayExist(plan.Ref{Node: node}):
		lab.Assume(plan.Ref{Node: node})
	case e.HasLink() && !isNode:
		t := e.Text
		t.Value = node
		return plan.Link{}, UnknownNode(lab, t)
	case e.HasLink():
	case isNode && node != plan.Host:
		return onlyLink(lab, e, node)
	default:
		return hostLink(lab, e)
	}
	return namedLink(lab, e, plan.Ref{Node: node, Link: link})
}

func namedLink(lab Lab, e syntax.Endpoint, r plan.Ref) (plan.Link, *diag.Diagnostic) {
	l, err := lab.Link(r.Node, r.Link)
	switch {
	case err == nil:
		return l, nil
	case lab.MayExist(r):
		return assumed(lab, r)
	case errors.Is(err, plan.ErrNoLink):
		return l, UnknownLink(lab, e.Span, r)
	}
	return l, unanswered(e.Span, err)
}

// assumed is an interface that a program may have made.
func assumed(lab Lab, r plan.Ref) (plan.Link, *diag.Diagnostic) {
	lab.Assume(r)
	return plan.Link{Node: r.Node, Name: r.Link, Up: true}, nil
}

// NoInterface is about a node that has only its loopback, where an interface
// is needed.
func NoInterface(at source.Span, node string) *diag.Diagnostic {
	return diag.Errorf(diag.Ambiguous, at, "%s has no interface besides lo", node).
		WithHelp("give it a link first, or name the loopback: %s:lo", node)
}

// onlyLink is the one interface of a node besides lo.
func onlyLink(lab Lab, e syntax.Endpoint, node string) (plan.Link, *diag.Diagnostic) {
	links, err := lab.Links(node)
	if err != nil {
		return plan.Link{}, unanswered(e.Span, err)
	}
	var found []plan.Link
	var names []string
	for _, l := range links {
		if l.Name != plan.Loopback {
			found, names = append(found, l), append(names, plan.Place(node, l.Name))
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case lab.MayExist(plan.Ref{Node: node, Link: "eth0"}):
		return assumed(lab, plan.Ref{Node: node, Link: "eth0"})
	case len(found) == 0:
		return plan.Link{}, NoInterface(e.Span, node)
	}
	return plan.Link{}, diag.Errorf(diag.Ambiguous, e.Span, "%s has %d interfaces: say which", node, len(found)).
		WithHelp("one of %s", join(names))
}

// apart is node:interface, where a word has another sign between the two, as in red.eth0
// and red/eth0; "" where it has none.
func apart(view plan.View, word string) string {
	nodes, _ := view.Nodes()
	for i := 1; i < len(word)-1; i++ {
		node, name := word[:i], word[i+1:]
		if !strings.ContainsRune("./@", rune(word[i])) || !slices.Contains(append(nodes, plan.Host), node) {
			continue
		}
		if _, err := view.Link(node, name); err == nil || UsualLink(name) {
			return node + ":" + name
		}
	}
	return ""
}

// UsualLink reports a name that interfaces usually have.
func UsualLink(name string) bool { return usualName().MatchString(name) }

// usualName is how names of interfaces begin.
var usualName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(eth|veth|en[ops]|wlan|lo)`) })

// hostLink resolves a word without a colon that is no node: an interface of the host.
func hostLink(lab Lab, e syntax.Endpoint) (plan.Link, *diag.Diagnostic) {
	l, err := lab.Link(plan.Host, e.Value)
	if err == nil {
		return l, nil
	}
	if r := (plan.Ref{Node: plan.Host, Link: e.Value}); lab.MayExist(r) {
		return assumed(lab, r)
	}
	if r := (plan.Ref{Node: e.Value, Link: "eth0"}); lab.MayExist(r) {
		lab.Assume(plan.Ref{Node: e.Value})
		return assumed(lab, r)
	}
	if e.Value == plan.Host {
		return onlyLink(lab, e, plan.Host)
	}
	d := diag.Errorf(diag.UnknownLink, e.Span, "there is no node and no interface of the host called %q", e.Value).WithAbsent(e.Value)
	if offer := OfferUplink(lab, plan.Ref{Node: plan.Host, Link: e.Value}); offer != "" {
		return plan.Link{}, d.WithHelp("%s", offer)
	}
	candidates, _ := lab.Nodes()
	if meant := apart(lab, e.Value); meant != "" {
		return plan.Link{}, d.WithHelp("did you mean %q?", meant).WithFix(e.Span, "", meant)
	}
	links, _ := lab.Links(plan.Host)
	for _, l := range links {
		candidates = append(candidates, l.Name)
	}
	return plan.Link{}, d.WithNearest(e.Value, candidates, "an interface of another node is written node:interface")
}
