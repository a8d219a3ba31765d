package routes

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// routeWords is what the words say; findings are about the words alone.
type routeWords struct {
	plan.Route
	// at are the places of the ways, in their order.
	at    []wayAt
	list  diag.List
	given map[string]bool
	// src is the place of the source, weighed that of a weight.
	src, weighed source.Span
}

// read puts the words together.
func (w *routeWay) read() *routeWords {
	r := &routeWords{given: map[string]bool{}}
	r.Dst = w.Dest.Prefix()
	if w.Kind != nil {
		r.kind(*w.Kind)
	}
	for _, word := range w.Words {
		switch {
		case word.Kind != nil:
			r.kind(*word.Kind)
		case len(word.Via) > 0:
			for _, gateway := range word.Via {
				r.via(gateway)
			}
		case word.Dev != nil:
			r.dev(*word.Dev)
		case word.Metric != nil && r.once("metric", word.Metric.Span):
			r.Metric = word.Metric.Int()
		case word.Table != nil && r.once("table", word.Table.Span):
			r.Table = word.Table.Number()
		case word.Src != nil && r.once("src", word.Src.Span):
			r.Src, r.src = word.Src.Addr(), word.Src.Span
		case word.MTU != nil && r.once("mtu", word.MTU.Size.Span):
			r.MTU, r.MTULock = word.MTU.Size.Int.Int(), word.MTU.Lock != nil
		case word.Proto != nil && r.once("proto", word.Proto.Span):
			r.Proto = strings.TrimPrefix(word.Proto.Value, "boot")
		case word.OnLink != nil:
			r.onLink(*word.OnLink)
		case word.Weight != nil:
			r.weight(*word.Weight)
		}
	}
	if w.Dest.IsDefault() {
		v6 := r.Src.Is6() || slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return h.Via.Is6() })
		r.Dst = lab.Anywhere(v6)
	}
	return r
}

func (r *routeWords) once(word string, at source.Span) bool {
	if r.given[word] {
		r.list.Add(diag.GivenTwice(at, "route", word))
		return false
	}
	r.given[word] = true
	return true
}

func (r *routeWords) kind(k syntax.Keyword) {
	if r.once("blackhole, unreachable or prohibit", k.Span) {
		r.Kind = k.Value
	}
}

// via starts a way, or completes one that has only its dev.
func (r *routeWords) via(a syntax.Gateway) {
	if n := len(r.Hops); n == 1 && !r.Hops[0].Via.IsValid() && r.at[0].via.IsZero() {
		r.Hops[0].Via, r.at[0].via = a.Addr(), a.Span
		return
	}
	r.Hops = append(r.Hops, plan.NextHop{Via: a.Addr()})
	r.at = append(r.at, wayAt{via: a.Span})
}

func (r *routeWords) dev(d syntax.IfName) {
	n := len(r.Hops)
	switch {
	case n == 0:
		r.Hops, r.at = []plan.NextHop{{Dev: d.Value}}, []wayAt{{dev: d.Span}}
	case r.at[n-1].dev.IsZero():
		r.Hops[n-1].Dev, r.at[n-1].dev = d.Value, d.Span
	default:
		r.list.Add(diag.Errorf(diag.OptionClash, d.Span, "route: this next hop already has a dev"))
	}
}

// onLink is about the way before it.
func (r *routeWords) onLink(k syntax.Keyword) {
	n := len(r.Hops)
	if n == 0 || !r.Hops[n-1].Via.IsValid() || r.Hops[n-1].Dev == "" {
		r.list.Add(diag.Errorf(diag.OptionClash, k.Span, "onlink is about a gateway and its interface, and one of them is missing before it").
			WithHelp("write both: via ADDRESS dev INTERFACE onlink"))
		return
	}
	r.Hops[n-1].OnLink = true
}

// weight is that of the way before it (rtnh_hops, rtnetlink(7)).
func (r *routeWords) weight(w syntax.Int) {
	n := len(r.Hops)
	switch {
	case n == 0 || !r.Hops[n-1].Via.IsValid():
		r.list.Add(diag.Errorf(diag.OptionClash, w.Span, "a weight is that of the gateway before it").
			WithHelp("for example: via 10.0.1.2 weight 3 via 10.0.2.2 weight 1"))
	case !w.Dynamic && w.Problem() == nil && (w.Int() < 1 || w.Int() > 256):
		r.list.Add(diag.Errorf(diag.BadNumber, w.Span, "a weight is 1 to 256, not %s", w.Value))
	default:
		r.Hops[n-1].Weight = w.Int()
		if w.Int() == 1 {
			r.Hops[n-1].Weight = 0
		}
		r.weighed = w.Span
	}
}
