package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// cannotBond refuses what cannot be a member of a bond.
func cannotBond(p *verb.Plan, at syntax.Text, l, bond plan.Link) {
	switch {
	case l.Name == plan.Loopback || plan.KindOf(l.Kind).Bare:
		p.Fail(diag.Errorf(diag.NotEthernet, at.Span, "%s carries no Ethernet frames, and cannot be a member of a bond", l.Ref()))
	case l.Kind == plan.VRF || l.Kind == plan.Bond || l.Kind == plan.OfBridge:
		p.Fail(diag.Errorf(diag.NotThere, at.Span, "%s is a %s itself, and cannot be a member of a bond", l.Ref(), l.Kind))
	case p.Uncertain() || grouped(p, at, l):
	case l.Lower == bond.Ref() && l.Lower.Link != "":
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is an upper device of %s itself: its frames would loop", l.Ref(), bond.Name))
	default:
		framesTaken(p, at, l)
	}
}

// grouped refuses what is in a bridge, VRF or bond already.
func grouped(p *verb.Plan, at syntax.Text, l plan.Link) bool {
	switch {
	case l.Master != "":
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is a port of %s: its frames go to the bridge", l.Ref(), l.Master).
			WithHelp("take it off first: detach %s", l.Ref()))
	case l.Upper() != "":
		p.Fail(diag.Errorf(diag.NameTaken, at.Span, "%s is a member of %s already", l.Ref(), l.Upper()).
			WithHelp("take it off first: detach %s", l.Ref()))
	}
	return l.Upper() != ""
}

// framesTaken refuses an interface whose frames go to macvlans or ipvlans on it.
func framesTaken(p *verb.Plan, at syntax.Text, l plan.Link) {
	for _, u := range verb.Ask(p, at.Span, p.Uppers, l.Ref()) {
		if u.Kind == plan.MACVLAN || u.Kind == plan.IPVLAN {
			p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "the %s %s already takes the frames of %s", u.Kind, u.Ref(), l.Ref()).
				WithHelp("delete it first, and make it again on the bond"))
			return
		}
	}
}

// joinBond makes an interface a member of a bond, which takes it only while it is down.
func joinBond(view verb.Lab, l, bond plan.Link) (ops []plan.Op) {
	if l.Up {
		s, err := lab.NewSideEffects(view, l)
		if err != nil {
			return nil
		}
		ops = append(ops, s.Down(view))
	}
	return append(ops, plan.SetMaster{Node: l.Node, Name: l.Name, Master: bond.Name})
}

// leaveBond takes an interface out of its bond, up or down as it was. The kernel sets it down
// then, and up when it enters again, so that one that is down is set up before. A bond that
// loses its last member gets another hardware address, and that of its first one when that
// enters again.
func leaveBond(view verb.Lab, l plan.Link) (ops []plan.Op) {
	if !l.Up {
		ops = append(ops, plan.SetUp{Node: l.Node, Name: l.Name})
	}
	links, _ := view.Links(l.Node)
	for _, b := range links {
		if b.Name == l.Bond && b.MAC != l.OwnMAC && l.OwnMAC != "" && len(membersIn(links, b)) == 1 {
			ops = append(ops, plan.SetMAC{Node: b.Node, Name: b.Name, MAC: l.OwnMAC, Was: b.MAC})
		}
	}
	ops = append(ops, plan.SetMaster{Node: l.Node, Name: l.Name, Was: l.Bond})
	if l.Up {
		ops = append(ops, plan.SetUp{Node: l.Node, Name: l.Name})
	}
	return ops
}
