package probes

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/lab"
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

func noNodes(view verb.Lab, s syntax.NodeSet) bool {
	nodes, err := lab.Nodes(view, s)
	return err == nil && len(nodes) == 0
}

func noTargets(view verb.Lab, s syntax.TargetSet) bool {
	targets, err := lab.Targets(view, s)
	return err == nil && len(targets) == 0
}

func noPlaces(view verb.Lab, words []syntax.Target) bool {
	for _, w := range words {
		if places, err := placesOf(view, w, 0); err != nil || len(places) > 0 {
			return false
		}
	}
	return true
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
	pairs, err := m.pairs(view, 0)
	return err == nil && len(pairs) == 0
}
