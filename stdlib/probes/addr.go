package probes

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// addrProbe is the probe addr.
type addrProbe struct {
	At   syntax.Endpoint `parser:"'addr' @@"`
	Addr syntax.HostAddr `parser:"@@"`
	Have []addrOption    `parser:"@@*"`
	once
}

// addrOption is what the address has besides.
type addrOption struct {
	Peer       *syntax.Address `parser:"  'peer' @@"`
	Label      *syntax.Label   `parser:"| 'label' @@"`
	Scope      *syntax.Keyword `parser:"| 'scope' (?= 'host' | 'link' | 'site' | 'global') @@"`
	Deprecated *syntax.Keyword `parser:"| (?= 'deprecated') @@"`
	Temporary  *syntax.Keyword `parser:"| (?= 'dynamic') @@"`
}

// in reports whether an address of an interface has it.
func (w addrOption) in(l plan.Link, a netip.Prefix) bool {
	o := l.AddrOptions(a)
	switch {
	case w.Peer != nil:
		return o.Peer == w.Peer.Addr()
	case w.Label != nil:
		return cmp.Or(o.Label, l.Name) == w.Label.Value
	case w.Scope != nil:
		return o.ScopeOf(a.Addr()) == w.Scope.Value
	case w.Deprecated != nil:
		return o.Deprecated
	}
	return o.Valid != 0 || o.SLAAC
}

// Addr is the probe addr.
func Addr() *verb.Verb {
	return verb.Define[addrProbe](verb.Spec{
		Name:    "addr",
		Summary: "an interface has an address",
		Usage:   []string{"addr NODE[:IFACE] ADDR[/LEN] [peer ADDR] [label NAME] [scope host|link|site|global] [deprecated] [dynamic]", "addr IFACE ADDR[/LEN]"},
		Doc: `Without an interface, any interface of the node may have it. Without a prefix length,
any length matches. ` + "`deprecated`" + ` is an address whose preferred lifetime has ended, ` + "`dynamic`" + ` one that
is valid for a time, as those of ` + "`valid_lft`" + ` and of router advertisements are.`,
		Examples: []verb.Example{
			{Note: "The addresses that link chose.", Code: "ns red blue\nlink red <-> blue\nexpect addr red 192.168.15.1\nexpect addr blue:veth-blue 192.168.15.2/24\nexpect not addr red 192.168.15.2\n"},
			{Note: "What an address has besides.", Code: "ns red blue\nlink red:eth0 <-> blue:eth0 noaddr\naddr red 10.9.0.1/32 peer 10.9.0.2 label eth0:1 fd00::1/64 valid_lft 1h preferred_lft 0\nexpect addr red 10.9.0.1 peer 10.9.0.2 label eth0:1 scope global\nexpect addr red fd00::1 deprecated dynamic\nexpect not addr red 10.9.0.1 dynamic\n"},
		},
	})
}

// Names reports a node or interface that never was.
func (e *addrProbe) Names(view verb.Lab) diag.List {
	return neverWas(view, e.At.Text, lab.PlaceOf(view, e.At))
}

// Probe looks once.
func (e *addrProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	at := lab.PlaceOf(env, e.At)
	a := verb.Answer{Subject: "addr " + e.At.Value, Definite: true}
	links, gone, err := lab.LinksAt(env, at)
	switch {
	case err != nil:
		return nil, err
	case gone != "":
		a.Seen = gone
		return []verb.Answer{a}, nil
	}
	for _, l := range links {
		if i := slices.IndexFunc(l.Addrs, e.Addr.Is); i >= 0 {
			a.Holds = !slices.ContainsFunc(e.Have, func(w addrOption) bool { return !w.in(l, l.Addrs[i]) })
			a.Seen = strings.TrimSpace(fmt.Sprintf("%s has %s %s", l.Ref(), l.Addrs[i], l.AddrOptions(l.Addrs[i]).Describe()))
			return []verb.Answer{a}, nil
		}
	}
	e.missing(env, &a, at.String(), links)
	return []verb.Answer{a}, nil
}

// missing says what there is instead, and who has the address.
func (e *addrProbe) missing(view verb.Lab, a *verb.Answer, place string, links []plan.Link) {
	var have []netip.Prefix
	for _, l := range links {
		if len(links) == 1 || l.Name != plan.Loopback {
			have = append(have, notFromMAC(l)...)
		}
	}
	a.Seen = lab.Listed(place+" has", lab.Texts(have), place+" has no address") + ", not " + e.Addr.Value
	if len(have) == 0 {
		a.Seen = place + " has no address"
	}
	if book, err := view.Book(); err == nil {
		if owners := book.At(e.Addr.Addr()); len(owners) > 0 && owners[0].String() != place {
			a.Why = fmt.Sprintf("%s is an address of %s", e.Addr.Addr(), owners[0])
			return
		}
	}
	a.Fix = fmt.Sprintf("give it the address: addr %s %s", e.At.Value, withLength(e.Addr))
}

// notFromMAC leaves out the link-local addresses that the kernel makes.
func notFromMAC(l plan.Link) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(l.Addrs), func(a netip.Prefix) bool { return lab.MadeFromMAC(l, a) })
}

// withLength is an address with the prefix length that it has, or the usual one.
func withLength(h syntax.HostAddr) string {
	switch {
	case strings.Contains(h.Value, "/"):
		return h.Value
	case h.Addr().Is6():
		return h.Value + "/64"
	}
	return h.Value + "/24"
}
