package state

import (
	"cmp"
	"slices"

	"nsl/runtime/plan"
)

// same reports whether an interface can become what is wanted without being made again.
func same(now, want *Link) bool {
	return now != nil && want != nil && now.Kind == want.Kind && now.Peer == want.Peer &&
		now.LinkOptions == want.LinkOptions && now.VLANFiltering == want.VLANFiltering &&
		now.WG.Key == want.WG.Key && now.WG.Port == want.WG.Port
}

// delLinks deletes the interfaces that are not wanted, or of another kind; of a cable
// one end. Those of a node that goes are deleted first: the kernel ends a namespace in
// its own time.
func (d *differ) delLinks() {
	gone := map[plan.Ref]bool{}
	for i := range d.now.Nodes {
		n := &d.now.Nodes[i]
		for j := range n.Links {
			l := &n.Links[j]
			want := d.want.Link(l.Ref())
			if gone[l.Ref()] || l.Kind == "" || same(l, want) {
				continue
			}
			if want == nil && l.Kind == veth && l.Peer == (plan.Ref{}) && d.want.Node(n.Name) == nil {
				continue // its other end is outside, and goes with the node
			}
			gone[l.Peer] = true
			d.do(plan.DelLink{Node: n.Name, Name: l.Name})
		}
	}
}

// missing are the wanted interfaces that are to be made, bridges first and those on others
// last.
func (d *differ) missing() []*Link {
	var list []*Link
	for i := range d.want.Nodes {
		n := &d.want.Nodes[i]
		for j := range n.Links {
			if l := &n.Links[j]; l.Kind != "" && !same(d.now.Link(l.Ref()), l) {
				list = append(list, l)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *Link) int { return cmp.Compare(d.depth(a), d.depth(b)) })
	return list
}

// depth orders interfaces: 0 is a bridge, 1 a cable, 2 what is on one of these, and so on.
func (d *differ) depth(l *Link) int {
	n := 2
	if l.Kind == bridge {
		n = 0
	} else if l.Kind == veth {
		n = 1
	}
	for lower := l; lower != nil && lower.Lower.Link != "" && n < 100; n++ {
		lower = d.want.Link(lower.Lower)
	}
	return n
}

// Makes reports whether there is an op that makes an interface of that kind.
func Makes(kind string) bool {
	return kind == veth || kind == bridge || plan.KindOf(kind).Name != ""
}

func (d *differ) addLinks() {
	made := map[plan.Ref]bool{}
	for _, l := range d.missing() {
		switch {
		case made[l.Ref()]:
		case l.Kind == bridge:
			d.do(plan.AddBridge{Node: l.Node, Name: l.Name, MAC: l.MAC, MTU: ownMTU(l.MTU), STP: l.STP, VLANFiltering: l.VLANFiltering})
		case l.Kind == veth && l.Peer != (plan.Ref{}):
			made[l.Peer] = true
			d.do(d.cable(l))
		case l.Kind != veth && Makes(l.Kind):
			d.do(plan.AddLink{Node: l.Node, Name: l.Name, Kind: l.Kind, MAC: ownMAC(l), MTU: kindMTU(l), LinkOptions: l.LinkOptions})
		case l.Kind == veth:
			d.note("link", l.Ref().String(), "the other end of this cable is not in the lab")
		default:
			d.note("link", l.Ref().String(), "an interface of the kind "+l.Kind+", which nsl does not make")
		}
	}
}

// kindMTU is 0 for what the kind begins with; all VRFs have the kernel's largest.
func kindMTU(l *Link) int {
	if l.Kind == plan.VRF {
		return 0
	}
	return ownMTU(l.MTU)
}

// ownMAC is the hardware address that it has while it is a member of no bond.
func ownMAC(l *Link) string { return cmp.Or(l.OwnMAC, l.MAC) }

// ownMTU is 0 for what most kinds begin with.
func ownMTU(mtu int) int {
	if mtu == 1500 {
		return 0
	}
	return mtu
}

func (d *differ) cable(l *Link) plan.Op {
	end := func(l *Link) plan.LinkEnd {
		return plan.LinkEnd{Node: l.Node, Name: l.Name, MAC: ownMAC(l), MTU: ownMTU(l.MTU)}
	}
	other := d.want.Link(l.Peer)
	if other == nil {
		other = &Link{Link: plan.Link{Node: l.Peer.Node, Name: l.Peer.Link}}
	}
	return plan.AddVeth{A: end(l), B: end(other)}
}

// made are what an interface has that was just created.
func (d *differ) made(want *Link) *Link {
	l := *want
	l.Up, l.Master, l.VRF, l.Bond, l.Addrs, l.Shape, l.WG = false, "", "", "", nil, plan.Shape{}, plan.WG{}
	l.IfOptions = plan.DefaultOptions(l.Kind, l.STP)
	return &l
}

// before is an interface as it is when its own settings are compared; nil for none
// that can be made.
func (d *differ) before(want *Link) *Link {
	if now := d.now.Link(want.Ref()); same(now, want) || now != nil && want.Kind == "" {
		return now
	}
	switch {
	case want.Kind == "":
		return &Link{Link: plan.Link{Node: want.Node, Name: want.Name, Up: true, MTU: want.MTU, IfOptions: plan.DefaultOptions("", false)}}
	case want.leadsOut():
		return nil
	}
	return d.made(want)
}

// links sets what interfaces have beside their addresses.
func (d *differ) links(_, want *Node) {
	for i := range want.Links {
		w := &want.Links[i]
		now := d.before(w)
		if now == nil {
			continue
		}
		d.master(now, w)
		if now.Master == w.Master && !slices.Equal(now.VLANs, w.VLANs) && len(now.VLANs) > 0 {
			d.do(plan.SetVLANs{Node: w.Node, Name: w.Name, Bridge: cmp.Or(w.Master, w.Name), VLANs: w.VLANs, Was: now.VLANs})
		}
		if w.MAC != "" && now.MAC != w.MAC && w.Bond == "" {
			d.do(plan.SetMAC{Node: w.Node, Name: w.Name, MAC: w.MAC, Was: now.MAC})
		}
		if now.MTU != w.MTU {
			d.do(plan.SetMTU{Node: w.Node, Name: w.Name, MTU: w.MTU, Was: now.MTU})
		}
		if now.Shape != w.Shape {
			d.do(plan.SetShape{Node: w.Node, Name: w.Name, Shape: w.Shape, Was: now.Shape})
		}
		d.options(now, w)
		switch {
		case w.Up && !now.Up:
			d.do(plan.SetUp{Node: w.Node, Name: w.Name})
		case now.Up && !w.Up:
			d.do(plan.SetDown{Node: w.Node, Name: w.Name})
		}
	}
}

// master sets what an interface is in; a bond takes it only while it is down.
func (d *differ) master(now, w *Link) {
	if now.Upper() == w.Upper() {
		return
	}
	if now.Up && w.Bond != "" {
		d.do(plan.SetDown{Node: w.Node, Name: w.Name})
	}
	d.do(plan.SetMaster{Node: w.Node, Name: w.Name, Master: w.Upper(), Was: now.Upper()})
}

// options sets those of an interface, and what a wireguard is configured with, as a port beginning with those of a new one where it
// becomes one.
func (d *differ) options(now, want *Link) {
	if !now.WG.Equal(want.WG) {
		d.do(plan.SetWG{Node: want.Node, Name: want.Name, WG: want.WG, Was: now.WG})
	}
	from := now.IfOptions
	if now.Master != want.Master {
		from.PortOptions = plan.DefaultPort(want.Kind)
	}
	for _, op := range plan.OptionOps(want.Ref(), want.Kind, want.Master != "", from, want.IfOptions) {
		d.do(op)
	}
}

// addrs gives interfaces their addresses, those of a family in their order: the kernel
// sends from the first of a subnet.
func (d *differ) addrs(_, want *Node) {
	for i := range want.Links {
		w := &want.Links[i]
		now := d.before(w)
		if now == nil {
			continue
		}
		for _, six := range []bool{false, true} {
			d.inOrder(w, family(now.Link, six), family(w.Link, six))
		}
	}
}

// family are the addresses of a family, oldest first: the kernel lists those of IPv6
// newest first (ipv6_link_dev_addr, net/ipv6/addrconf.c).
func family(l plan.Link, six bool) (list []plan.AddrWith) {
	for _, p := range l.Addrs {
		if p.Addr().Is6() == six {
			list = append(list, plan.AddrWith{Addr: p, AddrOptions: l.AddrOptions(p)})
		}
	}
	if six {
		slices.Reverse(list)
	}
	return list
}

func (d *differ) inOrder(l *Link, now, want []plan.AddrWith) {
	equal := func(a, b plan.AddrWith) bool { return a.Addr == b.Addr && a.Like(b.AddrOptions) }
	within := func(list []plan.AddrWith, p plan.AddrWith) bool {
		return slices.ContainsFunc(list, func(o plan.AddrWith) bool { return equal(o, p) })
	}
	kept := slices.DeleteFunc(slices.Clone(now), func(p plan.AddrWith) bool { return !within(want, p) })
	same := common(kept, want, equal)
	for _, p := range slices.Backward(now) {
		if !within(want[:same], p) {
			d.do(plan.DelAddr{Node: l.Node, Link: l.Name, Addr: p.Addr, AddrOptions: p.AddrOptions})
		}
	}
	for _, p := range want[same:] {
		d.do(plan.AddAddr{Node: l.Node, Link: l.Name, Addr: p.Addr, AddrOptions: p.AddrOptions,
			Duplicate: d.duplicates[plan.AddrUse{Ref: l.Ref(), Addr: p.Addr}]})
	}
}

// common is the number of items that two lists have in common at their beginning.
func common[T any](a, b []T, equal func(a, b T) bool) int {
	i := 0
	for i < len(a) && i < len(b) && equal(a[i], b[i]) {
		i++
	}
	return i
}
