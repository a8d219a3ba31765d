package probes

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// trail is what a pair's requests brought.
type trail struct {
	pair
	// hops are the routers that answered, by their distance; one that said nothing
	// is the zero value.
	hops []hopSeen
	// reached: the target answered, and last is the reply of the
	// request that went farthest.
	reached bool
	// ended: nothing comes after the last hop: the target answered,
	// or a node refused, or none said anything. A path that has not ended is longer
	// than what was asked for.
	ended bool
	last  plan.PingReply
}

type hopSeen struct {
	addr, node string
}

// anyHop is what traceroute prints for a router that says nothing, and what means any router
// after via.
const anyHop = "*"

// String is the node's name, or the address of one that the lab does not know.
func (h hopSeen) String() string {
	switch {
	case h.node != "":
		return h.node
	case h.addr != "":
		return h.addr
	}
	return anyHop
}

// follow asks with the hop limits from … to those trails that have not ended.
func follow(ctx context.Context, env *verb.Env, trails []*trail, from, to int) error {
	var open []*trail
	var requests []plan.Ping
	for _, t := range trails {
		if t.answer != nil || t.ended || t.circle() > 0 {
			continue
		}
		open = append(open, t)
		for ttl := from; ttl <= to; ttl++ {
			r := t.request
			r.TTL = ttl
			requests = append(requests, r)
		}
	}
	replies, err := env.Ping(ctx, requests)
	if err != nil {
		return err
	}
	for _, t := range open {
		t.take(env, replies[:to-from+1])
		replies = replies[to-from+1:]
	}
	return nil
}

// take reads the replies, nearest first, up to the one that ends the path.
func (t *trail) take(view verb.Lab, replies []plan.PingReply) {
	for _, r := range replies {
		t.last = r
		switch {
		case r.Received > 0:
			t.reached, t.ended = true, true
			return
		case !expiredOnTheWay(r.Err):
			if r.Err.What != "" {
				t.ended = true // a router refuses, or the node's own kernel
				return
			}
			t.hops = append(t.hops, hopSeen{})
		default:
			t.hops = append(t.hops, hopSeen{addr: r.Err.From.String(), node: t.nodeWith(view, r.Err.From)})
		}
	}
	t.ended = len(replies) > 0 && t.last.Err.What == ""
	for len(t.hops) > 0 && t.hops[len(t.hops)-1] == (hopSeen{}) {
		t.hops = t.hops[:len(t.hops)-1]
	}
}

// expiredOnTheWay tells the error of a router at which the hop limit ran out
// (RFC 792, type 11; RFC 4443, type 3).
func expiredOnTheWay(e plan.PingError) bool {
	return e.From.IsValid() && (e.From.Is4() && e.Type == 11 || e.From.Is6() && e.Type == 3) && e.Code == 0
}

// nodeWith is the node that has the address of the next router, or "": of several the
// one on a segment of the router before it.
func (t *trail) nodeWith(view verb.Lab, a netip.Addr) string {
	book, err := view.Book()
	if err != nil || len(book.At(a)) == 0 {
		return ""
	}
	before := t.from
	if n := len(t.hops); n > 0 {
		before = t.hops[n-1].node
	}
	owners := book.At(a)
	if i := slices.IndexFunc(owners, func(r plan.Ref) bool { return areNeighbours(view, before, r.Node) }); i >= 0 && len(owners) > 1 {
		return owners[i].Node
	}
	return owners[0].Node
}

// areNeighbours reports whether two nodes have interfaces on one segment.
func areNeighbours(view verb.Lab, a, b string) bool {
	snap := path.Of(view)
	ours, _ := snap.Links(a)
	theirs, _ := snap.Links(b)
	return a != b && slices.ContainsFunc(ours, func(x plan.Link) bool {
		return x.Name != plan.Loopback && slices.ContainsFunc(theirs, func(y plan.Link) bool {
			return y.Name != plan.Loopback && path.MayShare(snap, x.Ref(), y.Ref())
		})
	})
}

// circle is the place where a router comes for the second time; 0 is none.
func (t *trail) circle() int {
	for i, h := range t.hops {
		if h != (hopSeen{}) && slices.Contains(t.hops[:i], h) {
			return i
		}
	}
	return 0
}

// loop is the way round: "r1 -> r2 -> r1".
func (t *trail) loop() string {
	last := t.circle()
	first := slices.Index(t.hops, t.hops[last])
	var names []string
	for _, h := range t.hops[first : last+1] {
		names = append(names, h.String())
	}
	return strings.Join(names, " -> ")
}

// goes reports whether the path is the one that the words say.
func (t *trail) goes(words []syntax.Target) bool {
	return len(words) == len(t.hops) && t.firstOther(words) == len(words)
}

// firstOther is the first place at which the path is not as the words say.
func (t *trail) firstOther(words []syntax.Target) int {
	for i, w := range words {
		if i >= len(t.hops) || !t.hops[i].is(w) {
			return i
		}
	}
	return len(words)
}

// is reports whether a router is the one that a word names; an address is the one
// that it answered from.
func (h hopSeen) is(w syntax.Target) bool {
	if w.Value == anyHop {
		return true
	}
	if addr, _, ok := w.Addr(); ok {
		return h.addr == addr.String()
	}
	return h.node == w.Value
}

// differs says where the path leaves the one that was asked for.
func (t *trail) differs(words []syntax.Target) string {
	i := t.firstOther(words)
	before := t.from
	if i > 0 {
		before = t.hops[i-1].String()
	}
	next := t.to
	if i < len(t.hops) {
		next = t.hops[i].String()
	}
	if i < min(len(words), len(t.hops)) && t.hops[i].node != "" {
		if _, _, ok := words[i].Addr(); ok { // the node alone would not say why
			next = fmt.Sprintf("%s, which answers from %s", next, t.hops[i].addr)
		}
	}
	if i == len(words) {
		return fmt.Sprintf("%s comes after %s, where the target was expected", next, before)
	}
	return fmt.Sprintf("from %s it goes to %s, not to %s", before, next, words[i].Value)
}

// String is the path: "red -> r1 -> blue".
func (t *trail) String() string {
	words := []string{t.from}
	hops, end := t.hops, t.to
	if i := t.circle(); i > 0 {
		hops, end = hops[:i+1], "…"
	}
	for _, h := range hops {
		words = append(words, h.String())
	}
	switch {
	case t.reached, end == "…":
	case !t.ended:
		end = fmt.Sprintf("no end after %d routers", len(t.hops))
	case t.last.Err.What != "" && t.last.Err.From.IsValid():
		end = t.last.Err.What + ", says " + t.last.Err.From.String()
	case t.last.Err.What != "":
		end = t.last.Err.What
	default:
		end = "no answer"
	}
	return strings.Join(append(words, end), " -> ")
}
