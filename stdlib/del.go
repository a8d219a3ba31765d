package stdlib

import (
	"nsl/lang/verb"
	"nsl/stdlib/addrs"
	"nsl/stdlib/filter"
	"nsl/stdlib/routes"
)

func del() *verb.Verb {
	return verb.DefineForms(verb.Spec{
		Name:    "del",
		Summary: "remove an address, a neighbour, a route, a rule, NAT, a published port or a filter rule",
		Doc: `What is written has to be there. To delete nodes, interfaces and bridges, see
` + "`delete`" + `.`,
	},
		addrs.DelAddr(),
		addrs.DelNeigh(),
		routes.DelRoute(),
		routes.DelRule(),
		filter.DelNAT(),
		filter.DelPublish(),
		filter.DelFilter(),
	)
}
