package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// cannotJoin refuses what cannot be a member of a VRF.
func cannotJoin(p *verb.Plan, at syntax.Text, l, _ plan.Link) {
	switch {
	case l.Name == plan.Loopback:
		p.Fail(diag.Errorf(diag.NotThere, at.Span, "the loopback cannot be a member of a VRF").
			WithHelp("a VRF is a loopback itself: give it the address"))
	case l.Kind == plan.VRF:
		p.Fail(diag.Errorf(diag.NotThere, at.Span, "%s is a VRF itself", l.Ref()))
	case p.Uncertain():
	case l.VRF != "" || l.Bond != "":
		p.Fail(diag.Errorf(diag.NameTaken, at.Span, "%s is a member of %s already", l.Ref(), l.Upper()).
			WithHelp("take it off first: detach %s", l.Ref()))
	case l.Master != "":
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is a port of %s: its frames go to the bridge", l.Ref(), l.Master).
			WithHelp("make the bridge a member: attach %s -> …", plan.Place(l.Node, l.Master)))
	}
}

// moveToVRF makes an interface a member of a VRF, or of none where that is the zero Link. The
// kernel takes its IPv6 addresses and the routes over it: they are deleted before and added
// after, so that each op has its inverse; the routes move into the table.
func moveToVRF(view verb.Lab, l, vrf plan.Link) []plan.Op {
	s, err := lab.NewSideEffects(view, l)
	if err != nil {
		return nil
	}
	from, to := 0, vrf.Table
	if was, err := view.Link(l.Node, l.VRF); l.VRF != "" && err == nil {
		from = was.Table
	}
	var before, after []plan.Op
	for _, r := range routesOver(s) {
		before = append(before, plan.DelRoute{Node: l.Node, Route: r})
		if r.Table == from {
			r.Table = to
		}
		after = append(after, plan.AddRoute{Node: l.Node, Route: r})
	}
	back := s.LostOnDown()
	before = append(before, plan.InverseOf(back)...)
	before = append(before, plan.SetMaster{Node: l.Node, Name: l.Name, Master: vrf.Name, Was: l.VRF})
	return slices.Concat(before, back, after)
}

// routesOver are the routes that go over an interface alone and that the kernel did not make,
// those that need a gateway last.
func routesOver(s *lab.SideEffects) (list []plan.Route) {
	other := func(h plan.NextHop) bool { return h.Dev != s.Link.Name }
	for _, r := range s.Routes {
		if r.Proto != plan.ProtoKernel && len(r.Hops) > 0 && !slices.ContainsFunc(r.Hops, other) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b plan.Route) int { return through(a) - through(b) })
	return list
}

func through(r plan.Route) int {
	if r.HasGateway() {
		return 1
	}
	return 0
}

// membersIn are those of the interfaces of a node that are members of a VRF or bond.
func membersIn(links []plan.Link, group plan.Link) []plan.Link {
	return slices.DeleteFunc(slices.Clone(links), func(l plan.Link) bool { return l.VRF != group.Name && l.Bond != group.Name })
}

// leaveGroup takes an interface out of its VRF or bond.
func leaveGroup(view verb.Lab, l plan.Link) []plan.Op {
	if l.Bond != "" {
		return leaveBond(view, l)
	}
	return moveToVRF(view, l, plan.Link{})
}

// namedTwice are the members of a new VRF or bond that are named twice.
func namedTwice(members []syntax.IfName) (list diag.List) {
	for i, m := range members {
		if !m.Dynamic && slices.ContainsFunc(members[:i], func(o syntax.IfName) bool { return o.Value == m.Value }) {
			list.Add(diag.Errorf(diag.NameTaken, m.Span, "%s is named twice", m.Value))
		}
	}
	return list
}

// newMembers are the members of a new VRF or bond.
func newMembers(p *verb.Plan, group plan.Link, names []syntax.IfName, cannot func(p *verb.Plan, at syntax.Text, l, group plan.Link)) (members []plan.Link) {
	for _, m := range names {
		t := m.Text
		t.Value = plan.Ref{Node: group.Node, Link: m.Value}.String()
		if l, ok := p.Iface(syntax.Endpoint{Text: t}); ok {
			cannot(p, m.Text, l, group)
			members = append(members, l)
		}
	}
	return members
}
