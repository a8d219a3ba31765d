package labtest

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// Detail is something that [Dump] leaves out unless it is asked for, because
// it differs between two labs that are otherwise alike.
type Detail int

// The details.
const (
	// MACs are the hardware addresses, but not of a bridge without ports: it takes
	// that of a port as soon as it has one, and what it has before, or when the
	// last one is gone, no one set (br_stp_recalculate_bridge_id,
	// net/bridge/br_stp_if.c).
	MACs Detail = iota
	// Indexes are the interfaces' numbers.
	Indexes
	// Carrier reports whether frames can pass now; the kernel brings it up in its
	// own time.
	Carrier
	// LinkLocal are the addresses of fe80::/10 and the routes to them.
	LinkLocal
	// GivenLinkLocal are those of them that the kernel did not make from the
	// interface's hardware address, which it does in its own time.
	GivenLinkLocal
	// Order is that of addresses and of routes to one destination, which decides
	// what the kernel sends from and over.
	Order
	// Settings are all that interfaces have.
	Settings
)

// Dump tells the whole state of a lab as text: nodes, interfaces, addresses,
// neighbours that were entered by hand, routes, policy rules, the lab's packet filter and the settings of
// plan.BaselineSettings, and the services that run. Two labs that are alike give the same text, whoever
// answers for them. An error is the view's.
func Dump(v plan.View, with ...Detail) (string, error) {
	nodes, err := plan.AllNodes(v)
	if err != nil {
		return "", err
	}
	d := dumper{view: v, with: with}
	for _, n := range nodes {
		if err := d.node(n); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	return d.text.String(), nil
}

type dumper struct {
	view plan.View
	with []Detail
	text strings.Builder
}

func (d *dumper) has(what Detail) bool { return slices.Contains(d.with, what) }

func (d *dumper) line(indent int, words ...string) {
	d.text.WriteString(strings.Repeat("  ", indent) + strings.Join(words, " ") + "\n")
}

func (d *dumper) node(n string) error {
	d.line(0, "node", n)
	for _, part := range []func(string) error{d.links, d.neighbours, d.forward, d.routes, d.rules, d.nft, d.sysctls, d.services} {
		if err := part(n); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) links(n string) error {
	links, err := d.view.Links(n)
	if err != nil {
		return err
	}
	slices.SortFunc(links, func(a, b plan.Link) int { return strings.Compare(a.Name, b.Name) })
	hasPorts := map[string]bool{}
	for _, l := range links {
		hasPorts[l.Master] = true
	}
	for _, l := range links {
		if l.Kind == "bridge" && !hasPorts[l.Name] {
			l.MAC = "of no port"
		}
		d.line(1, d.linkWords(l)...)
		var addrs []string
		for _, a := range l.Addrs {
			if d.has(LinkLocal) || !linkLocal(a) || d.has(GivenLinkLocal) && !madeFrom(l.MAC, a.Addr()) {
				addrs = append(addrs, strings.TrimSpace(a.String()+" "+options(l, a)))
			}
		}
		if !d.has(Order) {
			slices.Sort(addrs)
		}
		for _, a := range addrs {
			d.line(2, "addr", a)
		}
	}
	return nil
}

// options are those of an address, but for the time that is left, and labels that the
// kernel makes itself (inetdev_changename, net/ipv4/devinet.c).
func options(l plan.Link, a netip.Prefix) string {
	o := l.AddrOptions(a)
	o.Valid, o.Preferred = min(o.Valid, 1), 0
	if _, number, _ := strings.Cut(o.Label, ":"); strings.Trim(number, "0123456789") == "" {
		o.Label = ""
	}
	return o.Describe()
}

// madeFrom reports the address that the kernel makes from a hardware address (RFC
// 4291, appendix A).
func madeFrom(mac string, a netip.Addr) bool {
	m, err := net.ParseMAC(mac)
	if err != nil || len(m) != 6 {
		return false
	}
	b := a.As16()
	return slices.Equal(b[8:], []byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]})
}

func linkLocal(p netip.Prefix) bool { return p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() }

func (d *dumper) linkWords(l plan.Link) []string {
	w := []string{"link", l.Name, "mtu", fmt.Sprint(l.MTU)}
	add := func(when bool, words ...string) {
		if when {
			w = append(w, words...)
		}
	}
	add(l.Kind != "", "kind", l.Kind)
	add(l.Up, "up")
	add(l.Upper() != "", "master", l.Upper())
	d.options(l, add)
	add(l.VLANFiltering, "vlan-filtering")
	add(len(l.VLANs) > 0, "vlans", plan.VLANWords(l.VLANs))
	add(l.Shape != plan.Shape{}, l.Shape.String())
	add(l.LinkOptions != plan.LinkOptions{}, l.Describe(l.Kind, ""))
	add(l.Kind == plan.WireGuard, l.WG.Key.String(), l.WG.Describe())
	for _, p := range l.WG.Peers {
		add(true, p.Key.String(), "keepalive", fmt.Sprint(p.Keepalive))
	}
	if l.Kind == "veth" {
		if peer, err := d.view.Peer(l.Node, l.Name); err == nil {
			add(true, "peer", peer.String())
		}
	}
	add(d.has(Carrier) && l.Carrier, "carrier")
	add(d.has(MACs), "mac", l.MAC)
	add(d.has(Indexes), "index", fmt.Sprint(l.Index))
	return w
}

// options are those that a new interface does not have. Of a port the cost is left out
// unless it was set: the kernel finds it from the speed of the device.
func (d *dumper) options(l plan.Link, add func(bool, ...string)) {
	normal := plan.DefaultOptions(l.Kind, false)
	normal.PortOptions = plan.DefaultPort(l.Kind)
	if l.Cost == costUnknown {
		l.Cost = normal.Cost
	}
	for _, o := range plan.OptionsOf(l.Kind, l.Master != "") {
		is := o.Get(l.IfOptions)
		add(is != o.Get(normal), o.Name, is)
	}
}

// costUnknown is the cost of a port whose device reports no speed.
const costUnknown = 100

// neighbours are those that were made by hand.
func (d *dumper) neighbours(n string) error {
	list, err := plan.ByHand(d.view, n)
	var lines []string
	for _, e := range list {
		lines = append(lines, strings.Join([]string{e.IP.String(), "dev", e.Dev, e.MAC, e.State}, " "))
	}
	slices.Sort(lines)
	for _, l := range lines {
		d.line(1, "neighbour", l)
	}
	return err
}

// forward are the entries of vxlans that were made by hand.
func (d *dumper) forward(n string) error {
	list, err := plan.ForwardByHand(d.view, n)
	var lines []string
	for _, e := range list {
		lines = append(lines, strings.Join([]string{e.MAC, "dev", e.Dev, "dst", e.Dst.String()}, " "))
	}
	slices.Sort(lines)
	for _, l := range lines {
		d.line(1, "fdb", l)
	}
	return err
}

func (d *dumper) routes(n string) error {
	routes, err := d.view.Routes(n)
	if err != nil {
		return err
	}
	var lines []string
	for _, r := range routes {
		if !d.has(LinkLocal) && linkLocal(r.Dst) {
			continue
		}
		line := r.String()
		if r.Proto != "" {
			line += " proto " + r.Proto
		}
		lines = append(lines, line)
	}
	if !d.has(Order) {
		slices.Sort(lines)
	}
	for _, l := range lines {
		d.line(1, "route", l)
	}
	return nil
}

func (d *dumper) rules(n string) error {
	rules, err := d.view.Rules(n)
	if err != nil {
		return err
	}
	for _, r := range rules {
		family := "-4"
		if r.Is6() {
			family = "-6"
		}
		d.line(1, "rule", family, r.String())
	}
	return nil
}
