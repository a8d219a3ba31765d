package links

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// fdb is the statement fdb.
type fdb struct {
	Entry fdbEntry `parser:"'fdb' @@"`
}

// delFDB is the statement del fdb.
type delFDB struct {
	Entry fdbEntry `parser:"'del' 'fdb' @@"`
}

// fdbEntry are entries of a vxlan's forwarding database.
type fdbEntry struct {
	At  syntax.Endpoint `parser:"@@"`
	All *syntax.Keyword `parser:"( (?= 'all') @@"`
	MAC *syntax.MAC     `parser:"| @@ ) 'dst'"`
	Dst []syntax.Target `parser:"( '<' @@* '>' | @@ )"`
}

// FDB is the verb fdb.
func FDB() *verb.Verb {
	return verb.Define[fdb](verb.Spec{
		Name:    "fdb",
		Summary: "enter by hand where a vxlan sends the frames for a hardware address",
		Usage:   []string{"fdb NODE:VXLAN MAC dst B", "fdb NODE:VXLAN all dst <B C …>"},
		Doc: `Frames for MAC go to the vxlan of B, an address or a node. ` + "`all`" + ` are broadcasts, multicasts
and the hardware addresses that are not known: each of these frames is sent to all of its
nodes, and what comes back teaches the vxlan where each hardware address is. So a vxlan
with no ` + "`remote`" + ` reaches several other ends without multicast (head-end replication).

` + "`delete`" + ` and ` + "`del fdb`" + ` remove entries.`,
		Examples: []verb.Example{
			{Note: "Three ends, each with the two others in its table.", Code: `ns a b c
bridge sw <a b c> 10.0.0.0/24
vxlan a:vx0 id 7 192.168.50.1/24
vxlan b:vx0 id 7 192.168.50.2/24
vxlan c:vx0 id 7 192.168.50.3/24
expect not ping a -> 192.168.50.2
fdb a:vx0 all dst <b c>
fdb b:vx0 all dst <a c>
fdb c:vx0 all dst <a b>
expect ping <a b c> -> <192.168.50.1 192.168.50.2 192.168.50.3>
`},
			{Note: "Both directions by hand: broadcasts go nowhere, so the neighbours are entered, too.", Code: `ns a b
link a <-> b 10.0.0.0/24
vxlan a:vx0 id 7 192.168.50.1/24 mac 02:00:00:00:00:01
vxlan b:vx0 id 7 192.168.50.2/24 mac 02:00:00:00:00:02
fdb a:vx0 02:00:00:00:00:02 dst b
fdb b:vx0 02:00:00:00:00:01 dst a
neigh a:vx0 192.168.50.2 mac 02:00:00:00:00:02
neigh b:vx0 192.168.50.1 mac 02:00:00:00:00:01
expect ping a -> 192.168.50.2
`},
		},
	})
}

// DelFDB is the form del fdb.
func DelFDB() verb.Form {
	return verb.Form{
		Grammar: (*delFDB)(nil),
		Usage:   "del fdb NODE:VXLAN MAC|all dst B",
		Doc:     "An entry of the forwarding database of a vxlan that `fdb` made.",
		Examples: []verb.Example{
			{Note: "One of two other ends is left out.", Code: `ns a b
link a <-> b 10.0.0.0/24
vxlan a:vx0 id 7 192.168.50.1/24
vxlan b:vx0 id 7 remote a 192.168.50.2/24
fdb a:vx0 all dst <b 10.0.0.9>
del fdb a:vx0 all dst 10.0.0.9
expect ping a -> 192.168.50.2
`},
		},
	}
}

// Plan enters what is not there yet.
func (f *fdb) Plan(p *verb.Plan) {
	l, ok := f.Entry.vxlan(p)
	if !ok {
		return
	}
	for _, dst := range f.Entry.addrs(p, l) {
		was := f.Entry.there(p, l)
		switch {
		case slices.Contains(was, dst):
		case f.Entry.All == nil && len(was) > 0:
			p.Do(p.At, plan.DelForward{Node: l.Node, Dev: l.Name, MAC: f.Entry.mac(), Dst: was[0]},
				plan.AddForward{Node: l.Node, Dev: l.Name, MAC: f.Entry.mac(), Dst: dst})
		default:
			p.Do(p.At, plan.AddForward{Node: l.Node, Dev: l.Name, MAC: f.Entry.mac(), Dst: dst})
		}
	}
}

// Plan deletes what is there.
func (d *delFDB) Plan(p *verb.Plan) {
	l, ok := d.Entry.vxlan(p)
	if !ok {
		return
	}
	was := d.Entry.there(p, l)
	for i, dst := range d.Entry.addrs(p, l) {
		if !slices.Contains(was, dst) && !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NotThere, d.Entry.Dst[i].Span, "%s has no entry for that which sends to %s", l.Ref(), dst))
			return
		}
		p.Do(p.At, plan.DelForward{Node: l.Node, Dev: l.Name, MAC: d.Entry.mac(), Dst: dst})
	}
}

// Check finds more nodes than one for a hardware address.
func (f *fdb) Check() diag.List {
	if e := f.Entry; e.MAC != nil && len(e.Dst) > 1 {
		return diag.List{diag.Errorf(diag.OptionClash, e.Dst[1].Span, "a hardware address is at one node, and this is a second one").
			WithHelp("only all may have several: fdb %s all dst <…>", e.At.Value)}
	}
	return nil
}

func (e fdbEntry) mac() string {
	if e.All != nil {
		return plan.NoMAC
	}
	return e.MAC.Canonical()
}

// vxlan is the interface that is named.
func (e fdbEntry) vxlan(p *verb.Plan) (plan.Link, bool) {
	l, ok := p.Iface(e.At)
	if ok && l.Kind != plan.VXLAN && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.WantsLink, e.At.Span, "%s is no vxlan", l.Ref()).
			WithHelp("a bridge learns by which port it reaches a hardware address; only a vxlan has to find a node"))
	}
	return l, ok && !p.Failed()
}

// addrs are those of the nodes, which the vxlan can send to.
func (e fdbEntry) addrs(p *verb.Plan, l plan.Link) []netip.Addr {
	home := l.Node
	if l.Lower.Node != "" {
		home = l.Lower.Node
	}
	var list []netip.Addr
	for _, word := range e.Dst {
		a := remoteOf(p, home, word)
		if bound := l.Remote.IsValid() || l.Local.IsValid(); bound && a.IsValid() && a.Is6() != l.Six() {
			p.Fail(diag.Errorf(diag.FamilyMismatch, word.Span, "%s and the addresses of %s are of two families", a, l.Ref()).
				WithHelp("the ends of a tunnel need addresses of one family"))
		}
		list = append(list, a)
	}
	if p.Failed() {
		return nil
	}
	return list
}

// there are the nodes that the table has now, but the one for the remote end of the vxlan.
func (e fdbEntry) there(p *verb.Plan, l plan.Link) []netip.Addr {
	var list []netip.Addr
	for _, f := range verb.Ask(p, e.At.Span, p.Forwarding, l.Node) {
		if f.Dev == l.Name && f.MAC == e.mac() && f.Static {
			list = append(list, f.Dst)
		}
	}
	return list
}
