package probes

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// plural is a probe that asks about lists, any of which may be empty.
type plural interface {
	// asksNothing reports whether no pair is asked about.
	asksNothing(view verb.Lab) bool
}

// asksNothing is the finding that an expectation has nothing to ask about: it would
// hold, and with not hold as well.
func asksNothing(at source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.AsksNothing, at, "this checks nothing: a list is empty, or * matches no node").
		WithHelp("make the nodes before it, or leave it out")
}

// none reports whether a set names nothing: n is how many words it has, and all is
// set for *.
func none(view verb.Lab, all *syntax.Star, n int) bool {
	if all == nil {
		return n == 0
	}
	nodes, err := view.Nodes()
	return err == nil && len(nodes) == 0
}

func noNodes(view verb.Lab, s syntax.NodeSet) bool { return none(view, s.All, len(s.Refs())) }

func noTargets(view verb.Lab, s syntax.TargetSet) bool { return none(view, s.All, len(s.Targets())) }

func noPlaces(view verb.Lab, words []syntax.Target) bool {
	if slices.ContainsFunc(words, func(w syntax.Target) bool { return w.Value != "*" }) {
		return false
	}
	return len(words) == 0 || none(view, &syntax.Star{}, 0)
}

func (pg *pingProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, pg.From) || noTargets(view, pg.To)
}

func (pa *pathProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, pa.From) || noTargets(view, pa.To)
}

func (r *rateProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, r.From) || noTargets(view, r.To)
}

func (e *neighProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, e.From) || noTargets(view, e.To)
}

func (t *tcpProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, t.From) || noPlaces(view, targetsIn(t.To))
}

func (u *udpProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, u.From) || noPlaces(view, targetsIn(u.To))
}

func (h *httpProbe) asksNothing(view verb.Lab) bool {
	return noNodes(view, h.From) || noPlaces(view, h.hosts())
}

func (e *dnsProbe) asksNothing(view verb.Lab) bool { return noNodes(view, e.From) }

func (e *routeProbe) asksNothing(view verb.Lab) bool { return noNodes(view, e.From) }

func (l *listenProbe) asksNothing(view verb.Lab) bool {
	nodes, err := view.Nodes()
	return l.Place.Node().Value == "*" && err == nil && len(nodes) == 0
}

func (m *matrixProbe) asksNothing(view verb.Lab) bool {
	nodes, err := view.Nodes()
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(m.rows, func(row matrixRow) bool {
		return slices.ContainsFunc(m.asking(row, nodes), func(from string) bool {
			return len(row.targets(view, from, nodes)) > 0
		})
	})
}
