package state

import (
	"reflect"

	"nsl/runtime/plan"
)

// Kinds are the words for what may differ, in the order in which they are compared.
func Kinds() []string {
	return []string{"ns", "link", "addr", "sysctl", "route", "rule", "neigh", "filter", "name", "service"}
}

// KindOf is the kind of what an op changes, and the object: a node, or an interface with
// its node.
func KindOf(op plan.Op) (kind, object string) {
	switch o := op.(type) {
	case plan.AddNS:
		return "ns", o.Name
	case plan.DelNS:
		return "ns", o.Name
	case plan.Baseline:
		return "ns", o.Node
	case plan.AddVeth:
		return "link", plan.Place(o.A.Node, o.A.Name)
	case plan.AddAddr:
		return "addr", plan.Place(o.Node, o.Link)
	case plan.DelAddr:
		return "addr", plan.Place(o.Node, o.Link)
	case plan.SetSysctl:
		return "sysctl", o.Node
	case plan.AddRoute, plan.DelRoute:
		return "route", nodeOf(op)
	case plan.AddRule, plan.DelRule:
		return "rule", nodeOf(op)
	case plan.SetNeighbour, plan.DelNeighbour, plan.AddProxy, plan.DelProxy:
		return "neigh", plan.Place(nodeOf(op), field(op, "Dev"))
	case plan.AddForward, plan.DelForward:
		return "fdb", plan.Place(nodeOf(op), field(op, "Dev"))
	case plan.AddNftTable, plan.DelNftTable, plan.AddNftChain, plan.DelNftChain, plan.AddNftRule, plan.DelNftRule:
		return "filter", nodeOf(op)
	case plan.AddName, plan.DelName, plan.SetResolver:
		return "name", nodeOf(op)
	case plan.Start, plan.Stop:
		return "service", nodeOf(op)
	default:
		return "link", plan.Place(nodeOf(op), field(op, "Name"))
	}
}

// nodeOf is the node that an op names.
func nodeOf(op plan.Op) string { return field(op, "Node") }

func field(op plan.Op, name string) string {
	if f := reflect.ValueOf(op).FieldByName(name); f.IsValid() {
		return f.String()
	}
	return ""
}
