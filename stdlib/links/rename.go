package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// rename is the statement rename.
type rename struct {
	Iface syntax.Endpoint `parser:"'rename' @@ '->'"`
	To    syntax.IfName   `parser:"@@"`
}

// Rename is the verb rename.
func Rename() *verb.Verb {
	return verb.Define[rename](verb.Spec{
		Name:    "rename",
		Also:    []string{"mv"},
		Summary: "give an interface another name",
		Usage:   []string{"rename IFACE -> NAME", "rename NODE:IFACE -> NAME"},
		Doc: `What ` + "`ip link set IFACE name NAME`" + ` does; addresses, routes and its bridge stay. An
interface that is up is set down for a moment, because kernels before Linux 6.2
rename only what is down, and then has its routes again.

Firewall and policy rules refer to interfaces by name, and are not changed.`,
		Examples: []verb.Example{
			{Note: "The name that the textbook has.", Code: "ns red blue\nlink red <-> blue\nrename red:veth-red -> eth0\nexpect link red:eth0 up\nexpect ping blue -> red\n"},
		},
	})
}

// Plan renames it while it is down.
func (r *rename) Plan(p *verb.Plan) {
	l, ok := p.Iface(r.Iface)
	if !ok {
		return
	}
	if l.Name == plan.Loopback {
		p.Fail(diag.Errorf(diag.FixedLink, r.Iface.Span, "the loopback keeps its name: programs look for it as lo"))
		return
	}
	if !reserve(p, r.To.Span, plan.Ref{Node: l.Node, Link: r.To.Value}) {
		return
	}
	r.warn(p, l)
	rename := plan.RenameLink{Node: l.Node, Name: l.Name, To: r.To.Value}
	if !l.Up {
		p.Do(p.At, rename)
		return
	}
	s, err := lab.NewSideEffects(p, l)
	if err != nil {
		p.Err(p.At, err)
		return
	}
	p.Do(p.At, s.Down(p), rename)
	s.Rename(rename.To)
	p.Do(p.At, s.Down(p).Inverse()...)
}

// warn names the rules that will not match the interface any more.
func (r *rename) warn(p *verb.Plan, l plan.Link) {
	table, err := p.Nft(l.Node)
	if err != nil {
		p.Err(p.At, err)
		return
	}
	rules := table.Rules()
	i := slices.IndexFunc(rules, func(n plan.NftRule) bool { return n.IIf == l.Name || n.OIf == l.Name })
	if i >= 0 {
		p.Fail(diag.New(diag.NameInRules, diag.Warning, r.Iface.Span, "a rule of %s refers to %s by name, and is not changed: %s", l.Node, l.Name, rules[i]).
			WithHelp("rename the interface before the statement that made the rule"))
	}
}
