package links

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// ipvlan is the statement ipvlan.
type ipvlan struct {
	At     syntax.Endpoint `parser:"'ipvlan' @@ 'on'"`
	Parent syntax.Endpoint `parser:"@@"`
	Opts   []ipvlanOption  `parser:"@@*"`
}

// ipvlanOption is one option of ipvlan.
type ipvlanOption struct {
	Mode *syntax.Free   `parser:"  'mode' @@"`
	MTU  *syntax.MTU    `parser:"| 'mtu' @@"`
	Addr *syntax.IfAddr `parser:"| @@"`
}

func ipvlanModes() []string { return []string{"l2", "l3", "l3s"} }

// Ipvlan is the verb ipvlan.
func Ipvlan() *verb.Verb {
	return verb.Define[ipvlan](verb.Spec{
		Name:    "ipvlan",
		Summary: "make an interface that shares another one's cable and hardware address",
		Usage:   []string{"ipvlan IFACE on PARENT [mode l2|l3|l3s] [ADDR/LEN…] [mtu N]", "ipvlan NODE:IFACE on NODE:PARENT …"},
		Doc: `As ` + "`macvlan`" + `, but all on one parent share its hardware address, and are distinguished by
their IP addresses. In mode l2, the default, they answer ARP and
send broadcasts; in mode l3 the parent's node routes between them, and l3s has its packet
filter look at them as well. All on one parent have one mode.

The kernel needs its module ` + "`ipvlan`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "Two containers with one hardware address.", Needs: "ipvlan", Code: `ns lan c1 c2
link host:eth0 <-> lan:eth0 noaddr
addr lan 192.168.1.1/24
ipvlan c1:eth0 on eth0 192.168.1.11/24
ipvlan c2:eth0 on eth0 192.168.1.12/24
expect ping <c1 c2> -> lan
expect ping c1 -> c2
`},
		},
	})
}

// Check finds modes that there are none of.
func (v *ipvlan) Check() diag.List {
	var list diag.List
	for _, o := range v.Opts {
		list.Add(badMode(o.Mode, plan.IPVLAN, ipvlanModes()))
	}
	return list
}

// badMode refuses a mode that a kind does not have.
func badMode(mode *syntax.Free, kind string, modes []string) *diag.Diagnostic {
	if mode == nil || mode.Dynamic || slices.Contains(modes, mode.Value) {
		return nil
	}
	d := diag.Errorf(diag.BadWord, mode.Span, "there is no %s mode %q", kind, mode.Value)
	return d.WithNearest(mode.Value, modes, "one of %s", strings.Join(modes, ", "))
}

// Plan makes it.
func (v *ipvlan) Plan(p *verb.Plan) {
	m, ok := newLink(p, v.At, plan.IPVLAN)
	parent, okToo := p.Iface(v.Parent)
	if !ok || !okToo {
		return
	}
	m.op.Lower, m.op.Mode = parent.Ref(), "l2"
	if parent.Kind == plan.IPVLAN {
		m.op.Lower = parent.Lower // as the kernel does: they do not stand on each other
	}
	for _, o := range v.Opts {
		m.apply(newLinkOption{MTU: o.MTU, Addr: o.Addr})
		if o.Mode != nil {
			m.op.Mode = o.Mode.Value
		}
	}
	if !p.Uncertain() {
		carries(p, parent, v.Parent, m)
		v.checkMode(p, m)
		v.checkAddrs(p, m)
	}
	m.emit()
}

// checkMode refuses two modes on one parent: the kernel would change the first.
func (v *ipvlan) checkMode(p *verb.Plan, m *linkPlan) {
	uppers := verb.Ask(p, v.Parent.Span, p.Uppers, m.op.Lower)
	for _, u := range uppers {
		if u.Kind == plan.IPVLAN && u.Mode != m.op.Mode {
			p.Fail(diag.Errorf(diag.OptionClash, v.Parent.Span, "%s carries %s in mode %s, and all on it have one mode", m.op.Lower, u.Ref(), u.Mode).
				WithHelp("write mode %s", u.Mode))
			return
		}
	}
}

// checkAddrs refuses addresses that another ipvlan on the parent has.
func (v *ipvlan) checkAddrs(p *verb.Plan, m *linkPlan) {
	book, err := p.Book()
	p.Err(v.Parent.Span, err)
	if err != nil {
		return
	}
	l := plan.Link{Kind: plan.IPVLAN, LinkOptions: m.op.LinkOptions}
	for _, o := range v.Opts {
		if o.Addr == nil {
			continue
		}
		for _, other := range book.At(o.Addr.Prefix().Addr()) {
			if lab.ShareAddrs(p, l, other) {
				p.Fail(lab.DuplicateAddr(book, *o.Addr, m.port.Ref, other))
				break
			}
		}
	}
}
