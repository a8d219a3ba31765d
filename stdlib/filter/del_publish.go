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
	Port syntax.Published `parser:"'del' 'publish' @@"`
	To   []syntax.Service `parser:"('->' ( '<' @@+ '>' | @@ ))?"`
	Opts []publishOption  `parser:"@@*"`
}

// DelPublish is the form del publish.
func DelPublish() verb.Form {
	return verb.Form{
		Grammar: (*delPublish)(nil),
		Usage:   "del publish [ADDRESS:]PORT [-> TARGET:PORT] [tcp|udp] [on NODE]",
	}
}

// Check finds options that are given twice.
func (d *delPublish) Check() diag.List { return lab.GivenTwice("del publish", d.Opts) }

// Plan deletes the rules that publish the port.
func (d *delPublish) Plan(p *verb.Plan) {
	pub, ok := publicationOf(p, d.Port, d.Opts)
	if !ok {
		return
	}
	state := verb.Ask(p, d.Port.Span, p.Nft, pub.node)
	comments := map[string]bool{}
	for _, r := range state.Rules {
		if r.Chain == plan.Prerouting && pub.overlaps(r) && r.Dst == pub.dnat(r.Chain).Dst {
			comments[r.Comment] = true
		}
	}
	missing := diag.Errorf(diag.NotThere, p.At, "%s port %d of %s is not published", pub.proto, pub.port, pub.node)
	delRules(p, d.Port.Span, pub.node, "publish", missing, func(r plan.NftRule) bool {
		return comments[r.Comment] && (r.Verdict == "dnat" || r.Translated)
	})
}
