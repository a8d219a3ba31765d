package lab

import (
	"net/netip"
	"slices"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Peer is one side of a filter rule; the zero value is everybody.
type Peer struct {
	// Text is the word, and At its place.
	Text string
	At   source.Span
	// Node is the node that is named, or that has the address that is; or "".
	Node string
	// Whole says that the node itself is named, not one of its addresses.
	Whole bool
	// Addrs are what is matched where the node itself does not filter.
	Addrs []netip.Prefix
}

func (e Peer) everybody() bool { return e.Text == "" }

// PeersOf are the sides that a set names; everybody where it names none.
func PeersOf(p *verb.Plan, s *syntax.PeerSet) []Peer {
	var list []Peer
	for _, w := range s.Peers() {
		if e, ok := PeerOf(p, w); ok {
			list = append(list, e)
		}
	}
	if len(s.Peers()) == 0 {
		return []Peer{{}}
	}
	return list
}

// PeerOf is the side that a word names: a node, an address or a subnet.
func PeerOf(p *verb.Plan, w syntax.Peer) (Peer, bool) {
	e := Peer{Text: w.Value, At: w.Span}
	if a := w.Prefix(); a.IsValid() {
		e.Addrs = []netip.Prefix{a}
		book, err := p.Book()
		p.Err(w.Span, err)
		if err == nil && a.IsSingleIP() && len(book.At(a.Addr())) == 1 {
			e.Node = book.At(a.Addr())[0].Node
		}
		return e, err == nil
	}
	name, ok := p.Node(syntax.NodeRef(w))
	if !ok {
		return e, false
	}
	e.Node, e.Whole = name, true
	own, err := GlobalAddrs(p, name, "")
	p.Err(w.Span, err)
	for _, a := range own {
		e.Addrs = append(e.Addrs, netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
	}
	return e, err == nil
}

// MayBe reports whether a side that is not named as a node can be one with
// these addresses.
func (e Peer) MayBe(own []netip.Prefix) bool {
	if e.everybody() {
		return true
	}
	return e.Node == "" && slices.ContainsFunc(own, func(a netip.Prefix) bool { return e.Addrs[0].Contains(a.Addr()) })
}

// Unless are the addresses to match, none where the node itself is meant and
// does the filtering.
func (e Peer) Unless(self bool) []netip.Prefix {
	if self && e.Whole {
		return nil
	}
	return e.Addrs
}
