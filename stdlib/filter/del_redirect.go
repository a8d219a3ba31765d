package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// delRedirect is the statement del redirect.
type delRedirect struct {
	Ports []syntax.Redirected `parser:"'del' 'redirect' ( '<' @@+ '>' | @@ )"`
	To    *syntax.RedirectTo  `parser:"('->' @@)?"`
	Opts  []publishOption     `parser:"@@*"`
}

// DelRedirect is the form del redirect.
func DelRedirect() verb.Form {
	return verb.Form{
		Grammar: (*delRedirect)(nil),
		Usage:   "del redirect [ADDRESS:]PORT [-> PORT] [tcp|udp] [from SUBNET] [on NODE]",
	}
}

// Check finds options that are given twice.
func (d *delRedirect) Check() diag.List { return lab.GivenTwice("del redirect", d.Opts) }

// Plan deletes the rules that redirect the port.
func (d *delRedirect) Plan(p *verb.Plan) {
	delOpened(p, "redirect", syntax.Opened(d.Ports), d.Opts)
}

// delOpened deletes the rules of the statements of a verb about some ports.
func delOpened(p *verb.Plan, verbName string, ports []syntax.Published, opts []publishOption) {
	list, ok := publicationsOf(p, ports, opts)
	if !ok {
		return
	}
	node, at := list[0].node, ports[0].Span
	state := verb.Ask(p, at, p.Nft, node)
	comments := map[string]bool{}
	for _, pub := range list {
		missing := diag.Errorf(diag.NotThere, p.At, "%s is not %s", pub.text(), openedWord(verbName))
		for _, r := range state.In(plan.Prerouting) {
			if pub.overlaps(r) && r.Dst == pub.dnat(r.Chain).Dst && r.Ports == pub.ports && verbOf(r) == verbName {
				comments[r.Comment], missing = true, nil
			}
		}
		if missing != nil && !p.Uncertain() {
			p.Fail(missing.WithHelp("%s", lab.Listed("there is:", statementsOf(state, verbName), node+" has no "+verbName+" at all")))
		}
	}
	delRules(p, at, node, verbName, nil, func(r plan.NftRule) bool {
		return comments[r.Comment] && (r.Verdict == "dnat" || r.Verdict == "redirect" || r.Translated)
	})
}
