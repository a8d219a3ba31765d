package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// ZoneFor is the interface on which from asks for the target: the zone that the
// script gives or, for an IPv6 link-local address, the interface whose segment has
// it (RFC 4007, section 6). It is "" for other addresses. Where several interfaces
// would do there is an answer instead.
func (t Target) ZoneFor(view verb.Lab, from string) (zone string, answer *verb.Answer) {
	if t.Zone != "" || !t.Addr.Is6() || !t.Addr.IsLinkLocalUnicast() {
		return t.Zone, nil
	}
	links, err := view.Links(from)
	if err != nil {
		return "", &verb.Answer{Definite: true, Seen: NoMore(from)}
	}
	var all, owners []string
	for _, l := range links {
		if l.Name == plan.Loopback {
			continue
		}
		all = append(all, l.Name)
		if segmentHas(view, l.Ref(), t.Addr) {
			owners = append(owners, l.Name)
		}
	}
	if len(owners) == 0 {
		owners = all
	}
	if len(owners) == 1 {
		return owners[0], nil
	}
	return "", t.manyZones(from, owners)
}

func (t Target) manyZones(from string, names []string) *verb.Answer {
	a := &verb.Answer{Definite: true, Seen: fmt.Sprintf("%s is a link-local address, and %s has no interface to ask on", t.Addr, from)}
	if len(names) > 0 {
		a.Seen = fmt.Sprintf("%s is a link-local address, and %s has several interfaces: %s", t.Addr, from, strings.Join(names, ", "))
		a.Fix = fmt.Sprintf("name the one to ask on: %s%%%s", t.Addr, names[0])
	}
	return a
}

// segmentHas reports whether an interface that frames from one reach has an address.
func segmentHas(view verb.Lab, from plan.Ref, a netip.Addr) bool {
	for r := range path.Segment(view, from) {
		l, err := view.Link(r.Node, r.Link)
		if err == nil && slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == a }) {
			return true
		}
	}
	return false
}
