package addrs

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// given is an address and its options.
type given struct {
	Addr    syntax.IfAddr `parser:"@@"`
	Options []option      `parser:"@@*"`
}

// option is one of the words after an address (ip-address(8)).
type option struct {
	Peer      *syntax.Address  `parser:"  'peer' @@"`
	Broadcast *syntax.Keyword  `parser:"| (?= 'brd' | 'broadcast') @@"`
	Label     *syntax.Label    `parser:"| 'label' @@"`
	Scope     *syntax.Keyword  `parser:"| 'scope' (?= 'host' | 'link' | 'site' | 'global') @@"`
	NoRoute   *syntax.Keyword  `parser:"| (?= 'noprefixroute') @@"`
	Valid     *syntax.Lifetime `parser:"| 'valid_lft' @@"`
	Preferred *syntax.Lifetime `parser:"| 'preferred_lft' @@"`
	DAD       *syntax.Keyword  `parser:"| (?= 'dad' | 'nodad') @@"`
	Duplicate *syntax.Keyword  `parser:"| (?= 'duplicate') @@"`
}

// options are what the words after an address say; findings are about the words alone.
type options struct {
	plan.AddrOptions
	dad, duplicate bool
	list           diag.List
	label          *syntax.Label
	addr           syntax.IfAddr
	given          map[string]bool
}

func (g given) read() *options {
	o := &options{addr: g.Addr, given: map[string]bool{}}
	for _, word := range g.Options {
		o.add(word)
	}
	if o.Valid != 0 && o.Preferred > o.Valid {
		o.list.Add(diag.Errorf(diag.OptionClash, g.Addr.Span, "%s would be preferred for longer than it is valid", g.Addr.Value).
			WithHelp("preferred_lft is at most valid_lft (RFC 4862)"))
	}
	return o
}

func (o *options) add(w option) {
	p := o.addr.Prefix()
	known := !o.addr.Dynamic && o.addr.Problem() == nil
	switch {
	case w.Peer != nil && o.once("peer", w.Peer.Span):
		o.Peer = w.Peer.Addr()
		o.refuse(known && !w.Peer.Dynamic && o.Peer.IsValid() && o.Peer.Is4() != p.Addr().Is4(), w.Peer.Span, "an address and its peer are of the same family")
	case w.Broadcast != nil && o.once("brd", w.Broadcast.Span):
		o.Broadcast = true
		if _, ok := plan.BroadcastOf(p); known && !ok {
			o.list.Add(diag.Errorf(diag.OptionClash, w.Broadcast.Span, "the subnet of %s has no broadcast address", o.addr.Value).
				WithHelp("IPv4 subnets of four addresses and more have one; leave brd out"))
		}
	case w.Label != nil && o.once("label", w.Label.Span):
		o.Label, o.label = w.Label.Value, w.Label
		o.refuse(known && p.Addr().Is6(), w.Label.Span, "only IPv4 addresses have a label")
	case w.Scope != nil && o.once("scope", w.Scope.Span):
		o.scope(w.Scope.Value)
		o.refuse(known && p.Addr().Is6(), w.Scope.Span, "an IPv6 address has the scope of its prefix")
	case w.NoRoute != nil && o.once("noprefixroute", w.NoRoute.Span):
		o.NoPrefixRoute = true
	case w.Valid != nil && o.once("valid_lft", w.Valid.Span):
		n, ends := w.Valid.Seconds()
		o.Valid = n
		o.refuse(ends && n == 0, w.Valid.Span, "an address that is valid for no time cannot be added")
	case w.Preferred != nil && o.once("preferred_lft", w.Preferred.Span):
		n, ends := w.Preferred.Seconds()
		o.Preferred, o.Deprecated = n, ends && n == 0
	case w.DAD != nil && o.once("dad", w.DAD.Span):
		o.dad = w.DAD.Value == "dad"
		o.refuse(known && o.dad && p.Addr().Is4(), w.DAD.Span, "Linux looks for duplicates of IPv6 addresses only")
	case w.Duplicate != nil && o.once("duplicate", w.Duplicate.Span):
		o.duplicate = true
	}
}

// scope notes one that is not the usual one of the address.
func (o *options) scope(name string) {
	usual := "global"
	if o.addr.Prefix().Addr().IsLoopback() {
		usual = "host"
	}
	o.Scope = strings.TrimPrefix(name, usual)
}

func (o *options) refuse(when bool, at source.Span, text string) {
	if when {
		o.list.Add(diag.Errorf(diag.OptionClash, at, "%s", text))
	}
}

func (o *options) once(word string, at source.Span) bool {
	if o.given[word] {
		o.list.Add(diag.GivenTwice(at, o.addr.Value, word))
		return false
	}
	o.given[word] = true
	return true
}

// badLabel reports a label that ifconfig(8) would not find with the interface, which
// ip-address(8) refuses.
func (o *options) badLabel(link string) *diag.Diagnostic {
	if o.label == nil || strings.HasPrefix(o.Label, link) {
		return nil
	}
	return diag.Errorf(diag.OptionClash, o.label.Span, "the label of an address of %s begins with %s", link, link).
		WithHelp("label %s:1", link)
}
