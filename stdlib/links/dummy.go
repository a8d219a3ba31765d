package links

import (
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// dummy is the statement dummy.
type dummy struct {
	At   syntax.Endpoint `parser:"'dummy' @@"`
	Opts []newLinkOption `parser:"@@*"`
}

// Dummy is the verb dummy.
func Dummy() *verb.Verb {
	return verb.Define[dummy](verb.Spec{
		Name:    "dummy",
		Summary: "make an interface with no cable: what is sent over it is discarded",
		Usage:   []string{"dummy IFACE [ADDR/LEN…] [mtu N] [mac M]", "dummy NODE:IFACE …"},
		Doc: `It is up, and has the addresses that are written; none are chosen for it. It holds an
address that must stay up, such as a router's, or is the only interface of an
isolated node.

The kernel needs its module ` + "`dummy`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "An isolated container: it has an address, and no way out.", Needs: "dummy", Code: `ns A
dummy dummy0
move dummy0 -> A
addr A:dummy0 192.168.222.10/24
up A:dummy0
expect addr A 192.168.222.10/24
expect not ping host -> A
`},
			{Note: "An address that stays when a cable is pulled.", Needs: "dummy", Code: "ns red r1\nlink red <-> r1 10.0.0.0/30\ndummy r1:id 10.255.0.1/32\nroute red 10.255.0.1/32 via 10.0.0.2\nexpect ping red -> 10.255.0.1\n"},
		},
	})
}

// Plan makes it.
func (d *dummy) Plan(p *verb.Plan) {
	m, ok := newLink(p, d.At, plan.Dummy)
	if !ok {
		return
	}
	m.apply(d.Opts...)
	m.emit()
}
