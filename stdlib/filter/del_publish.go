package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// delPublish is the statement del publish.
type delPublish struct {
	Ports []syntax.Published `parser:"'del' 'publish' ( '<' @@+ '>' | @@ )"`
	To    []syntax.PublishTo `parser:"('->' ( '<' @@+ '>' | @@ ))?"`
	Opts  []publishOption    `parser:"@@*"`
}

// DelPublish is the form del publish.
func DelPublish() verb.Form {
	return verb.Form{
		Grammar: (*delPublish)(nil),
		Usage:   "del publish [ADDRESS:]PORT [-> TARGET:PORT] [tcp|udp] [from SUBNET] [on NODE]",
	}
}

// Check finds options that are given twice.
func (d *delPublish) Check() diag.List { return lab.GivenTwice("del publish", d.Opts) }

// Plan deletes the rules that publish the port.
func (d *delPublish) Plan(p *verb.Plan) {
	list, ok := publicationsOf(p, d.Ports, d.Opts)
	if !ok {
		return
	}
	node, at := list[0].node, d.Ports[0].Span
	state := verb.Ask(p, at, p.Nft, node)
	comments := map[string]bool{}
	for _, pub := range list {
		missing := diag.Errorf(diag.NotThere, p.At, "%s is not published", pub.text())
		for _, r := range state.In(plan.Prerouting) {
			if pub.overlaps(r) && r.Dst == pub.dnat(r.Chain).Dst && r.Ports == pub.ports {
				comments[r.Comment], missing = true, nil
			}
		}
		if missing != nil && !p.Uncertain() {
			p.Fail(missing.WithHelp("%s", lab.Listed("there is:", statementsOf(state, "publish"), node+" has no publish at all")))
		}
	}
	delRules(p, at, node, "publish", nil, func(r plan.NftRule) bool {
		return comments[r.Comment] && (r.Verdict == "dnat" || r.Translated)
	})
}
