package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// direction is what a cable does to the packets of one of its ends.
type direction struct {
	like []*syntax.Preset
	opts []shapeOption
}

// directions are those of both ends. Options before the first side are both's.
func (l *link) directions() [2]direction {
	var ends [2]direction
	on := []int{0, 1}
	for _, o := range l.Opts {
		if o.Side != nil {
			on = l.endsNamed(*o.Side)
		}
		for _, i := range on {
			if o.Like != nil {
				ends[i].like = append(ends[i].like, o.Like)
			}
			if o.Shape != nil {
				ends[i].opts = append(ends[i].opts, *o.Shape)
			}
		}
	}
	return ends
}

// endsNamed are the ends that a side names, by their node or as they are written.
func (l *link) endsNamed(s syntax.Side) []int {
	var ends []int
	for i, e := range []linkEnd{l.A, l.B} {
		if node, _ := e.At.Split(); s.End() == node || s.End() == e.At.Value {
			ends = append(ends, i)
		}
	}
	return ends
}

// shapeProblems are those of the options of both directions, each reported once.
func (l *link) shapeProblems() diag.List {
	var list diag.List
	for _, o := range l.Opts {
		if o.Side == nil || l.A.At.Dynamic || l.B.At.Dynamic {
			continue
		}
		if n := len(l.endsNamed(*o.Side)); n != 1 {
			list.Add(diag.Errorf(diag.BadWord, o.Side.Span, "%s is not one end of the cable", o.Side.End()).
				WithHelp("the ends are %s: and %s:", l.A.At.Value, l.B.At.Value))
		}
	}
	for _, d := range l.directions() {
		list.Add(d.problems()...)
	}
	return list.Unique()
}

// problems are options that exclude or need each other in one direction.
func (d direction) problems() diag.List {
	list := append(lab.Repeated("link", d.opts), shapeProblems(d.start(), d.opts)...)
	if len(d.like) > 1 {
		list.Add(diag.GivenTwice(d.like[1].Span, "link", "like"))
	}
	return list
}

func (d direction) start() plan.Shape {
	if len(d.like) == 0 {
		return plan.Shape{}
	}
	return presetShape(d.like[0].Value)
}

// shapes are the ops that give the two ends their shapes.
func (l *link) shapes(refs ...plan.Ref) []plan.Op {
	var ops []plan.Op
	for i, d := range l.directions() {
		if s := applied(d.start(), d.opts); s != (plan.Shape{}) {
			ops = append(ops, plan.SetShape{Node: refs[i].Node, Name: refs[i].Link, Shape: s})
		}
	}
	return ops
}
