package stdlib

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/addrs"
	"nsl/stdlib/filter"
	"nsl/stdlib/links"
	"nsl/stdlib/routes"
)

// delSpelling answers the name of a node or an interface alone, which delete takes, and
// other words for a cable.
func delSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if len(tokens) > 2 && slices.Contains([]string{"link", "cable", "interface", "iface"}, tokens[1].Text) {
		return diag.UnexpectedWord(tokens[1].Span, "del", tokens[1].Text).
			WithHelp("in nsl a cable goes with one of its ends: delete NODE:IFACE; for a while: down NODE:IFACE")
	}
	if len(tokens) != 2 || tokens[1].Kind != syntax.Word || tokens[1].Dynamic || tokens[1].Text[0] == '-' {
		return nil
	}
	return diag.UnexpectedWord(tokens[1].Span, "del", tokens[1].Text).
		WithHelp("did you mean: delete %s", tokens[1].Text).WithFix(tokens[0].Span, "", "delete")
}

func del() *verb.Verb {
	return verb.DefineForms(verb.Spec{
		Name:    "del",
		Also:    []string{"delete addr", "delete address", "delete route", "delete rule", "remove addr", "remove address", "remove route", "remove rule", "no route", "no address"},
		Summary: "remove an address, a neighbour, a route, a rule, NAT, a published port or a filter rule",
		Doc: `What is written has to be there. To delete nodes, interfaces and bridges, see
` + "`delete`" + `.`,
		Spelling: delSpelling,
	},
		addrs.DelAddr(),
		addrs.DelNeigh(),
		links.DelFDB(),
		routes.DelRoute(),
		routes.DelRule(),
		filter.DelNAT(),
		filter.DelPublish(),
		filter.DelRedirect(),
		filter.DelFilter(),
		filter.DelMark(),
	)
}
