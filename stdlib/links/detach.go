package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// detach is the statement detach.
type detach struct {
	Port syntax.Endpoint `parser:"'detach' @@"`
}

// Detach is the verb detach.
func Detach() *verb.Verb {
	return verb.Define[detach](verb.Spec{
		Name:    "detach",
		Summary: "take an interface off its bridge or out of its VRF or bond",
		Usage:   []string{"detach IFACE", "detach NODE:IFACE"},
		Doc: `What ` + "`ip link set IFACE nomaster`" + ` does: frames that arrive at the interface are its
node's own again. It stays up, and its cable stays. See ` + "`attach`" + `.`,
		Examples: []verb.Example{
			{Note: "A cable pulled out of the switch, and put back.", Code: "ns red blue\nbridge v-net-0 <red blue>\ndetach veth-red-br\nexpect not ping blue -> red\nattach veth-red-br -> v-net-0\nexpect ping blue -> red\n"},
		},
	})
}

// Plan takes the master away.
func (d *detach) Plan(p *verb.Plan) {
	l, ok := p.Iface(d.Port)
	switch {
	case !ok:
	case l.VRF != "" || l.Bond != "":
		p.Do(p.At, leaveGroup(p, l)...)
	case l.Master == "" && !p.Uncertain():
		p.Fail(diag.Errorf(diag.NotThere, d.Port.Span, "%s is a port of no bridge", l.Ref()).
			WithHelp("show draws which interface is on which bridge"))
	default:
		p.Do(p.At, leavePort(l)...)
		p.Do(p.At, plan.SetMaster{Node: l.Node, Name: l.Name, Was: l.Master})
	}
}
