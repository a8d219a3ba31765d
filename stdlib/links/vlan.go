package links

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// vlan is the statement vlan.
type vlan struct {
	At     syntax.Endpoint `parser:"'vlan' @@ 'on'"`
	Parent syntax.Endpoint `parser:"@@ 'id'"`
	ID     syntax.VLAN     `parser:"@@"`
	Tags   *syntax.Keyword `parser:"('protocol' (?= '802.1q' | '802.1Q' | '802.1ad') @@)?"`
	Opts   []newLinkOption `parser:"@@*"`
}

// VLAN is the verb vlan.
func VLAN() *verb.Verb {
	return verb.Define[vlan](verb.Spec{
		Name:     "vlan",
		Spelling: vlanSpelling,
		Summary:  "make an interface for the frames of one VLAN on another interface",
		Usage:    []string{"vlan IFACE on PARENT id N [protocol 802.1ad] [ADDR/LEN…] [mtu N] [mac M]", "vlan NODE:IFACE on NODE:PARENT id N …"},
		Doc: `Frames that leave by it are tagged with the number, 1 to 4094, on the parent's cable
(IEEE 802.1Q), and frames that arrive there with this tag arrive at it. Frames of
different VLANs on one cable stay apart. The interface is up, has the addresses
given, and the parent's hardware address unless ` + "`mac`" + ` gives another. A bridge that
filters VLANs becomes a member of the VLAN itself.

With ` + "`protocol 802.1ad`" + ` the tags are those of a provider (QinQ): a vlan on such a vlan sends
frames with two tags, and so a customer's VLANs pass through one of the provider's. Tags
of the two protocols are never the same VLAN, and a bridge that filters VLANs (802.1Q) takes
frames with a provider's tag as frames without one.

The kernel needs its module ` + "`8021q`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "Two networks on one cable.", Needs: "8021q", Code: `ns red blue
link red:eth0 <-> blue:eth0 noaddr
vlan red:eth0.10 on red:eth0 id 10 10.0.10.1/24
vlan blue:eth0.10 on blue:eth0 id 10 10.0.10.2/24
vlan red:eth0.20 on red:eth0 id 20 10.0.20.1/24
vlan blue:eth0.20 on blue:eth0 id 20 10.0.20.2/24
expect ping red -> <10.0.10.2 10.0.20.2>
test "ids that differ do not meet" {
  delete blue:eth0.20
  vlan blue:eth0.20 on blue:eth0 id 21 10.0.20.2/24
  expect not ping red -> 10.0.20.2
}
`},
			{Note: "Two tags: the VLANs of a customer in one of a provider.", Needs: "8021q", Code: `ns red blue
link red:eth0 <-> blue:eth0 noaddr
vlan red:s100 on red:eth0 id 100 protocol 802.1ad
vlan blue:s100 on blue:eth0 id 100 protocol 802.1ad
vlan red:c10 on red:s100 id 10 10.0.10.1/24
vlan blue:c10 on blue:s100 id 10 10.0.10.2/24
vlan red:q100 on red:eth0 id 100 10.0.20.1/24
expect ping red -> 10.0.10.2
expect not ping blue -> 10.0.20.1
`},
		},
	})
}

// vlanSpelling answers an interface and a number alone.
func vlanSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if len(tokens) != 3 || tokens[1].Dynamic || strings.Trim(tokens[2].Text, "0123456789") != "" {
		return nil
	}
	parent, id := tokens[1].Text, tokens[2].Text
	d := diag.UnexpectedWord(tokens[2].Span, "vlan", id)
	if !strings.Contains(parent, ":") {
		return d.WithHelp("the new interface and the one that it is on are named: vlan %s:NAME on %s:INTERFACE id %s", parent, parent, id)
	}
	meant := "vlan " + parent + "." + id + " on " + parent + " id " + id
	return d.WithHelp("did you mean: %s", meant).WithFix(tokens[0].Span.To(tokens[2].Span), "", meant)
}

// Plan makes it.
func (v *vlan) Plan(p *verb.Plan) {
	m, ok := newLink(p, v.At, plan.VLAN)
	parent, okToo := p.Iface(v.Parent)
	if !ok || !okToo {
		return
	}
	r := parent.Ref()
	m.op.Lower, m.op.ID = r, v.ID.Int.Int()
	m.op.Service = v.Tags != nil && v.Tags.Value == plan.ServiceTags
	if plan.KindOf(parent.Kind).Bare || parent.Name == plan.Loopback {
		p.Fail(diag.Errorf(diag.NotEthernet, v.Parent.Span, "%s carries no Ethernet frames, which a VLAN tags", r))
	}
	if !parent.Up && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.LinkDown, v.Parent.Span, "%s is down, and a VLAN can be up only while its parent is", r).
			WithHelp("first: up %s", r))
	}
	uppers := verb.Ask(p, v.Parent.Span, p.Uppers, r)
	for _, u := range uppers {
		if u.Kind == plan.VLAN && u.ID == m.op.ID && u.Service == m.op.Service {
			p.Fail(diag.Errorf(diag.FramesTaken, v.ID.Span, "%s already takes the frames of VLAN %d on %s", u.Ref(), u.ID, r))
		}
	}
	m.apply(v.Opts...)
	if !p.Failed() && !m.op.Service {
		enterVLAN(p, parent, m.op.ID)
	}
	m.emit()
}
