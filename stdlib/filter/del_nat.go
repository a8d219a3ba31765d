package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// delNAT is the statement del nat.
type delNAT struct {
	Pair   *natPair       `parser:"'del' 'nat' ( @@"`
	Subnet *syntax.Subnet `parser:"| @@ )"`
	Opts   []natOption    `parser:"@@*"`
}

// DelNAT is the form del nat.
func DelNAT() verb.Form {
	return verb.Form{
		Grammar: (*delNAT)(nil),
		Usage:   "del nat SUBNET|ADDRESS <-> ADDRESS [to ADDRESS] [on NODE] [out IFACE]",
		Doc: "`del nat` and `del publish`" + ` remove their rules, and the table ` + "`nsl`" + ` with the last of them;
forwarding and default routes stay.`,
		Examples: []verb.Example{
			{Note: "No more masquerade: lan has no route back to red.", Code: "ns red lan\nbridge v-net-0 <red> 192.168.15.0/24\nlink host <-> lan 192.168.1.0/24\nnat 192.168.15.0/24\nexpect ping red -> lan\ndel nat 192.168.15.0/24\nexpect not ping red -> lan\n"},
		},
	}
}

// Check finds options that are given twice.
func (d *delNAT) Check() diag.List { return (*nat)(d).Check() }

// Plan deletes the rule.
func (d *delNAT) Plan(p *verb.Plan) {
	if d.Pair != nil {
		(*nat)(d).delPair(p)
		return
	}
	node, rule, ok := (*nat)(d).rule(p)
	if !ok {
		return
	}
	missing := diag.Errorf(diag.NotThere, p.At, "%s has no NAT on %s", rule.Src, node)
	delRules(p, d.Subnet.Span, node, "nat", missing, func(r plan.NftRule) bool {
		// Without out, the one rule for the subnet is meant, wherever it leads.
		if rule.OIf == "" {
			r.OIf = ""
		}
		return r == rule
	})
}
