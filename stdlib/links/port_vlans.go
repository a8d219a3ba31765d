package links

import (
	"cmp"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// portVLANs are the VLANs of a port of a bridge.
type portVLANs struct {
	Access *syntax.VLAN  `parser:"  'vlan' @@"`
	Trunk  []syntax.VLAN `parser:"| 'trunk' @@ (',' @@)*"`
	Native *syntax.VLAN  `parser:"  ('native' @@)?"`
}

// span is the first of their numbers.
func (v *portVLANs) span() source.Span {
	if v.Access != nil {
		return v.Access.Span
	}
	return v.Trunk[0].Span
}

func (v *portVLANs) list() []plan.PortVLAN {
	if v.Access != nil {
		return plan.AccessVLAN(v.Access.Int.Int())
	}
	ids := make([]int, len(v.Trunk))
	for i, t := range v.Trunk {
		ids[i] = t.Int.Int()
	}
	native := 0
	if v.Native != nil {
		native = v.Native.Int.Int()
	}
	return plan.TrunkVLANs(ids, native)
}

// set are the ops that give a new port its VLANs.
func (v *portVLANs) set(node, name, bridge string) []plan.Op {
	if v == nil {
		return nil
	}
	return setVLANs(plan.Link{Node: node, Name: name, Master: bridge, VLANs: plan.NewPortVLANs()}, v.list())
}

// setVLANs are the ops that change the VLANs of an interface, none where it has them.
func setVLANs(l plan.Link, list []plan.PortVLAN) []plan.Op {
	if slices.Equal(l.VLANs, list) {
		return nil
	}
	return []plan.Op{plan.SetVLANs{Node: l.Node, Name: l.Name, Bridge: cmp.Or(l.Master, l.Name), VLANs: list, Was: l.VLANs}}
}

// joinBridge are the ops that make a new interface the port that it was.
func joinBridge(l plan.Link) []plan.Op {
	ops := []plan.Op{plan.SetMaster{Node: l.Node, Name: l.Name, Master: l.Master}}
	if len(l.VLANs) == 0 {
		return ops
	}
	was := l
	was.VLANs = plan.NewPortVLANs()
	return append(ops, setVLANs(was, l.VLANs)...)
}

// enterVLAN takes a bridge that filters VLANs into the one that an interface on it is for.
func enterVLAN(p *verb.Plan, bridge plan.Link, id int) {
	if _, member := plan.FindVLAN(bridge.VLANs, id); member || !bridge.VLANFiltering {
		return
	}
	list := slices.SortedFunc(slices.Values(append(slices.Clone(bridge.VLANs), plan.PortVLAN{ID: id})),
		func(a, b plan.PortVLAN) int { return a.ID - b.ID })
	p.Do(p.At, setVLANs(bridge, list)...)
}

// mustFilter refuses VLANs of ports of a bridge that does not filter them.
func mustFilter(p *verb.Plan, v *portVLANs, bridge plan.Link) {
	if v != nil && !bridge.VLANFiltering && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.OptionClash, v.span(), "%s does not filter VLANs, so that its ports have none", bridge.Ref()).
			WithHelp("make it with: bridge %s vlan-filtering on", bridge.Ref()))
	}
}
