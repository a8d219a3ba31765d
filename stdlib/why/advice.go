package why

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// advise proposes statements if they help: done one after the other, they would let
// the packet arrive, or get further. It is "" if they do not.
func (q *inquiry) advise(intro string, statements ...string) string {
	if !q.helps(statements) {
		return ""
	}
	return intro + ": " + strings.Join(statements, then)
}

// helps reports whether statements would let the packet get further.
func (q *inquiry) helps(statements []string) bool {
	if q.table == nil {
		return true
	}
	x, ok := q.after(statements)
	return ok && q.further(x)
}

// after follows the packet again in the lab as it would be after statements; ok is
// false where they would be refused, or change nothing.
func (q *inquiry) after(statements []string) (x path.Exchange, ok bool) {
	var ops []plan.Op
	snap := q.snap
	for _, s := range statements {
		more, ok := q.table.Ops(trial{snap, q.Lab}, s)
		if !ok || len(more) == 0 {
			return x, false
		}
		ops = append(ops, more...)
		if snap, ok = path.Suppose(q.snap, ops...); !ok {
			return x, false
		}
	}
	x, _ = path.AskTurn(snap, q.asked.node, q.asked.packet, q.asked.dev, q.turn)
	return x, true
}

// trial is a lab after statements that were not done.
type trial struct {
	plan.View
	memory
}

// Absent says nothing: what a trial has is in its view.
func (trial) Absent(plan.Ref) bool { return false }

// Book has the addresses of the trial, those that were automatic as such.
func (t trial) Book() (*plan.Book, error) {
	before, err := t.memory.Book()
	if err != nil {
		return nil, err
	}
	auto := map[plan.AddrUse]bool{}
	for _, u := range before.All() {
		auto[plan.AddrUse{Ref: u.Ref, Addr: u.Addr}] = u.Auto
	}
	nodes, err := plan.AllNodes(t.View)
	book := plan.NewBook()
	for _, node := range nodes {
		links, err := t.Links(node)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			for _, a := range l.Addrs {
				u := plan.AddrUse{Ref: l.Ref(), Addr: a}
				u.Auto = auto[u]
				book.Add(u)
			}
		}
	}
	return book, err
}

// memory is what a [verb.Lab] has besides its state.
type memory interface {
	Book() (*plan.Book, error)
	Uppers(r plan.Ref) ([]plan.Link, error)
	Auto() verb.Auto
	Known(r plan.Ref) bool
	Undoable() bool
	Keeps(file string) bool
	HasBackground() bool
	Uncertain() bool
	MayExist(r plan.Ref) bool
	Assume(r plan.Ref)
}

// further reports whether an exchange gets further than the one that was made: of
// two rules that stop it, the second is further.
func (q *inquiry) further(x path.Exchange) bool {
	before, now := q.reach(q.Exchange), q.reach(x)
	if before != now {
		return now > before
	}
	_, filtered := lastEnd(x).(path.Filtered)
	return filtered && !reflect.DeepEqual(lastEnd(x), lastEnd(q.Exchange))
}

func lastEnd(x path.Exchange) path.End {
	if x.Request.Arrived() && x.Reply != nil {
		return x.Reply.End
	}
	return x.Request.End
}

// reach is how far an exchange got; more is further.
func (q *inquiry) reach(x path.Exchange) int {
	const arrived, answered = 10_000, 20_000
	switch {
	case x.Answered():
		return answered
	case x.Request.Arrived():
		if x.Reply == nil {
			return arrived
		}
		return arrived + q.progress(*x.Reply)
	}
	return q.progress(x.Request)
}

// progress is how far a packet got: how many nodes had it, and where in the last
// one it ended. One that went round, or to a node that is no router, got nowhere.
func (q *inquiry) progress(f path.Fate) int {
	const hop = 10
	at := hop * len(f.Hops)
	switch e := f.End.(type) {
	case path.Expired:
		return 0
	case path.NotForwarding:
		if q.deadEnd(e.Node, e.In) {
			return 0
		}
		return at
	case path.NoRoute, path.Refused, path.BadSource:
		return at + 1
	case path.Filtered:
		return at + 2
	case path.Down, path.NoNeighbour, path.TooBig:
		return at + 3
	}
	return at + 4
}

// routeBack proposes a route to the source of a packet, by the neighbour with which
// the exchange gets furthest.
func (q *inquiry) routeBack(e path.BadSource) string {
	book, err := q.Book()
	if err != nil || q.table == nil {
		return ""
	}
	best, statement := q.reach(q.Exchange), ""
	near, err := lab.Neighbours(q, e.Node, e.Src.Is6())
	if err != nil {
		return ""
	}
	for _, n := range near {
		s := fmt.Sprintf("route %s %s via %s", e.Node, subnetOf(book, e.Src), n.Addr.Addr())
		if x, ok := q.after([]string{s}); ok && q.reach(x) > best {
			best, statement = q.reach(x), s
		}
	}
	if statement == "" {
		return ""
	}
	return "give it one: " + statement
}

// enable turns IPv6 on again on a node of the segment, and gives it back the
// address that was asked for.
func (q *inquiry) enable(e path.NoNeighbour, node string) string {
	on := fmt.Sprintf("sysctl %s net.ipv6.conf.all.disable_ipv6=0", node)
	at, err := q.snap.Link(e.At.Node, e.At.Link)
	if err != nil {
		return ""
	}
	for r := range path.Segment(q.snap, e.At) {
		l, err := q.snap.Link(r.Node, r.Link)
		if err != nil || r.Node != node || l.Taker() != "" {
			continue
		}
		for _, own := range at.Addrs {
			if own.Contains(e.Addr) {
				return q.advise("turn it on, and give it its address again", on,
					fmt.Sprintf("addr %s %s", r, netip.PrefixFrom(e.Addr, own.Bits())))
			}
		}
	}
	return ""
}

// toBridge gives the address of a port to its bridge.
func (q *inquiry) toBridge(e path.NoNeighbour, bridge plan.Ref) string {
	l, err := q.snap.Link(e.At.Node, e.At.Link)
	if err != nil {
		return ""
	}
	for _, a := range l.Addrs {
		if a.Contains(e.Addr) {
			return q.advise("give the address to the bridge", fmt.Sprintf("del addr %s %s", e.At, a), fmt.Sprintf("addr %s %s", bridge, a))
		}
	}
	return ""
}

// cable connects a node that has no interface with the one that it is to reach.
func (q *inquiry) cable(e path.NoRoute, back bool) string {
	other := q.other(back)
	if has, err := q.HasNode(other); err != nil || !has {
		other = lab.OwnerOf(q.Lab, e.Node, e.Dst)
	}
	switch book, err := q.Book(); {
	case other == "" && err == nil && e.Node == plan.Host:
		return outside(book, e.Dst)
	case other == "" || other == e.Node:
		return ""
	}
	return fmt.Sprintf("connect it: link %s <-> %s", e.Node, other)
}

// number proposes an address for a node that has none: a free one of a subnet that
// another interface of its segment has.
func (q *inquiry) number(node string) string {
	links, err := q.snap.Links(node)
	book, err2 := q.Book()
	if err != nil || err2 != nil {
		return ""
	}
	for _, l := range links {
		if l.Name == plan.Loopback || l.Taker() != "" {
			continue
		}
		if a, ok := freeBeside(q, book, l.Ref()); ok {
			return q.advise("give it one", fmt.Sprintf("addr %s %s", l.Ref(), a))
		}
	}
	return ""
}

// freeBeside is a free address of a subnet of the segment.
func freeBeside(q *inquiry, book *plan.Book, at plan.Ref) (netip.Prefix, bool) {
	six := q.asked.packet.Dst.Is6()
	for r := range path.Segment(q.snap, at) {
		for _, u := range book.On(r) {
			if u.Addr.Addr().Is6() == six && !u.Addr.IsSingleIP() {
				return lab.FreeIn(book, u.Addr.Masked())
			}
		}
	}
	return netip.Prefix{}, false
}

// tooBig names the interface that takes no packets of this size, and gives it the
// MTU of the one that sent it.
func (q *inquiry) tooBig(f path.Fate, e path.TooBig) {
	fix := ""
	h := f.Hops[len(f.Hops)-1]
	if l, err := q.snap.Link(h.Node, h.Out); err == nil {
		fix = q.advise("all interfaces of a segment need one MTU", fmt.Sprintf("mtu %s %d", e.At, l.MTU))
	}
	q.stop(fmt.Sprintf("%s takes packets of at most %d bytes, and this one has %d", e.At, e.MTU, e.Size), fix)
}
