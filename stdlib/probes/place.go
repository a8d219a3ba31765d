package probes

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
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
			list = append(list, place{Target: lab.Target{Text: n, Ref: plan.Ref{Node: n}}, port: port})
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
	if d == nil && (t.Addr.IsValid() || view.Known(t.Ref)) {
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
	nodes, _ := plan.AllNodes(view)
	for _, n := range nodes {
		if names, err := view.Names(n); err == nil && slices.Contains(names, word) {
			return true
		}
	}
	return false
}

func bracketed(host string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		return "[" + host + "]"
	}
	return host
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

// namesOfPlaces collects what is unknown in the words of a probe that connects.
func namesOfPlaces(view verb.Lab, from syntax.NodeSet, words []syntax.Target) diag.List {
	list := lab.UnknownIn(view, from, syntax.TargetSet{})
	for _, w := range words {
		if !w.Dynamic && w.Value != "*" {
			_, d := servedPlace(view, w, 0)
			list.Add(d)
		}
	}
	return slices.Clip(list)
}
