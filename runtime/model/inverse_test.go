package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// TestInverse does random ops. Each one that can undo itself is first done
// and undone, after which the lab must be as it was.
func TestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model.New()
		for _, s := range allKinds().drawSteps(t) {
			if op := reversible(t, m, s.op); op != nil {
				thereAndBack(t, m, op)
			}
			err := m.Apply(s.op)
			if err == nil && s.commit {
				err = m.Commit()
			}
			t.Logf("%T %s: %v", s.op, text(s.op), err)
		}
	})
}

func thereAndBack(t *rapid.T, m *model.Model, op plan.Op) {
	before := dump(t, m)
	if m.Apply(op) != nil {
		return
	}
	for _, back := range op.Inverse() {
		if err := m.Apply(back); err != nil {
			t.Fatalf("%T %s, undone with %s: %v", op, text(op), text(back), err)
		}
	}
	if after := dump(t, m); after != before {
		t.Fatalf("%T %s and back: before (-), after (+):\n%s", op, text(op), cmp.Diff(lines(before), lines(after)))
	}
}

func dump(t *rapid.T, m *model.Model) string {
	text, err := labtest.Dump(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// reversible is the op with what its inverse needs to know, or nil where the
// planner would have to add ops of its own.
func reversible(t *rapid.T, m *model.Model, op plan.Op) plan.Op {
	switch o := op.(type) {
	case plan.AddNS, plan.DelNS, plan.RestoreNS, plan.AddBridge, plan.AddLink, plan.RenameLink, plan.AddRoute,
		plan.AddNftTable, plan.AddNftChain, plan.AddNftRule:
		return op
	case plan.AddVeth:
		if o.A.Master == "" || o.A.MTU == 0 && plainMTU(m, o.A.Node, o.A.Master) {
			return o
		}
	case plan.SetMaster:
		l, err := m.Link(o.Node, o.Name)
		if err == nil && l.MTU == 1500 && plainMTU(m, o.Node, o.Master) && plainMTU(m, o.Node, l.Master) {
			o.Was = l.Master
			return o
		}
	case plan.SetMTU:
		l, err := m.Link(o.Node, o.Name)
		if err == nil && l.Kind == "veth" && l.Master == "" && min(l.MTU, o.MTU) >= 1280 {
			o.Was = l.MTU
			return o
		}
	case plan.SetOption:
		return optionWas(m, o)
	case plan.SetSysctl:
		o.Was, _ = m.Sysctl(o.Node, o.Key)
		if o.Was != "" && !strings.Contains(o.Key, "forward") && !strings.Contains(o.Key, "disable") {
			return o
		}
	case plan.AddAddr:
		if !preferred(m, o) && (o.Addr.Addr().Is6() || addressed(m, o)) {
			return o
		}
	case plan.DelRoute:
		return known(t, m, o)
	case plan.AddRule:
		rules, _ := m.Rules(o.Node)
		same := func(r plan.Rule) bool { return r.Priority == o.Rule.Priority }
		if o.Rule.Priority != 0 && !slices.ContainsFunc(rules, same) {
			return o
		}
	default: // its inverse is the planner's
	}
	return nil
}

// optionWas is the op with the value that is there; STP raises the forward delay.
func optionWas(m *model.Model, o plan.SetOption) plan.Op {
	l, err := m.Link(o.Node, o.Name)
	option, _ := plan.IfOptionNamed(o.Option)
	if err != nil || o.Option == "stp" {
		return nil
	}
	o.Was = option.Get(l.IfOptions)
	return o
}

// plainMTU tells a bridge that its ports cannot have changed, or none.
func plainMTU(m *model.Model, node, bridge string) bool {
	l, err := m.Link(node, bridge)
	return bridge == "" || err == nil && l.MTU == 1500
}

// preferred reports that a route wants the address as its source: it would go, or
// forget that, with the address.
func preferred(m *model.Model, o plan.AddAddr) bool {
	routes, _ := m.Routes(o.Node)
	return slices.ContainsFunc(routes, func(r plan.Route) bool { return r.Src == o.Addr.Addr() && r.Proto != "kernel" })
}

// addressed tells an interface that keeps an IPv4 address: with its last one
// the kernel drops its routes.
func addressed(m *model.Model, o plan.AddAddr) bool {
	l, err := m.Link(o.Node, o.Link)
	return err == nil && len(l.Addrs) > 0 && l.Addrs[0].Addr().Is4()
}

// known makes of a deletion one of a route that is there and can be added again.
func known(t *rapid.T, m *model.Model, o plan.DelRoute) plan.Op {
	routes, err := m.Routes(o.Node)
	routes = slices.DeleteFunc(routes, func(r plan.Route) bool { return r.Proto == "kernel" || len(r.Hops) > 1 })
	if err != nil || len(routes) == 0 {
		return nil
	}
	o.Route = draw(t, "known route", routes...)
	for _, h := range o.Route.Hops {
		l, err := m.Link(o.Node, h.Dev)
		if err != nil || !l.Up || h.Via.IsValid() {
			return nil // its gateway may be out of reach by now
		}
	}
	return o
}
