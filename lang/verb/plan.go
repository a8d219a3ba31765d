package verb

import (
	"errors"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Auto says for which families nsl chooses addresses where none are given.
type Auto struct{ V4, V6 bool }

// Lab is what a statement may ask: the state, and what nsl remembers of it.
type Lab interface {
	plan.View
	// Book says where each address of the lab is. It must not be changed.
	Book() (*plan.Book, error)
	// Uppers are the upper devices of an interface, in whatever node.
	Uppers(r plan.Ref) ([]plan.Link, error)
	// Auto is the mode that the auto statement sets.
	Auto() Auto
	// Known reports whether a node (Link "") or an interface is there, or was
	// there before: a probe may ask about what is gone.
	Known(r plan.Ref) bool
	// Absent reports that an interface cannot be there, which needs no question to the
	// kernel; false is no answer.
	Absent(r plan.Ref) bool
	// Undoable reports that a later statement may undo this one: a node that is
	// deleted is then to be taken apart by ops that can be undone.
	Undoable() bool
	// Keeps reports whether a file of that absolute name outlives the lab, as far as the
	// person who runs it has said: others in the lab's own directories do not.
	Keeps(file string) bool
	// HasBackground reports that programs were spawned that may change the lab while
	// other statements run.
	HasBackground() bool
	// Uncertain reports that the lab may be another than it shows: a checker says so
	// once a program has been run, or something done that only some runs do.
	Uncertain() bool
	// MayExist reports that a node (Link "") or interface may then be there although
	// the lab does not show it.
	MayExist(r plan.Ref) bool
	// Assume takes a node (Link "") or interface for one that a program made;
	// it does nothing unless Uncertain.
	Assume(r plan.Ref)
}

// Plan collects what a statement does to the lab. What a statement has planned
// so far is seen by its later questions about names.
type Plan struct {
	Lab
	// At is the place of the statement.
	At    source.Span
	steps []plan.Step
	diags diag.List
	taken map[plan.Ref]bool
	nodes map[string]bool
}

// NewPlan starts the plan of one statement.
func NewPlan(lab Lab, at source.Span) *Plan {
	return &Plan{Lab: lab, At: at, taken: map[plan.Ref]bool{}, nodes: map[string]bool{}}
}

// Do appends ops; at is the word that asks for them.
func (p *Plan) Do(at source.Span, ops ...plan.Op) {
	for _, op := range ops {
		p.steps = append(p.steps, plan.Step{Op: op, Span: at})
	}
}

// Fail notes findings; nil ones are left out.
func (p *Plan) Fail(ds ...*diag.Diagnostic) { p.diags.Add(ds...) }

// Failed reports whether the statement cannot be done.
func (p *Plan) Failed() bool { return p.diags.HasErrors() }

// Result is the plan, or the findings.
func (p *Plan) Result() ([]plan.Step, diag.List) { return p.steps, p.diags }

// Err notes that a question could not be answered.
func (p *Plan) Err(at source.Span, err error) {
	if err == nil {
		return
	}
	if list, ok := diag.FromError(err); ok {
		p.Fail(list...)
		return
	}
	p.Fail(unanswered(at, err))
}

// unanswered is about a question that the lab did not answer.
func unanswered(at source.Span, err error) *diag.Diagnostic {
	severity := diag.Machine
	if errors.Is(err, plan.ErrNoNode) || errors.Is(err, plan.ErrNoLink) {
		severity = diag.Error
	}
	return diag.New(diag.KernelRefused, severity, at, "cannot read the state of the lab: %v", err)
}

// Ask asks one question of the lab about x. Without an answer it notes that, as
// [Plan.Err] does, and the answer is empty.
func Ask[X, A any](p *Plan, at source.Span, question func(X) (A, error), x X) A {
	answer, err := question(x)
	p.Err(at, err)
	return answer
}

// Node checks that a node is there. An unknown one is reported with its near
// misses; ok is false then.
func (p *Plan) Node(ref syntax.NodeRef) (name string, ok bool) {
	if p.HasNodeNow(ref.Value) {
		return ref.Value, true
	}
	p.Fail(UnknownNode(p.Lab, ref.Text))
	return ref.Value, false
}

// HasNodeNow reports whether a node is there or planned.
func (p *Plan) HasNodeNow(name string) bool {
	if p.nodes[name] {
		return true
	}
	has, err := p.HasNode(name)
	if err == nil && !has && p.MayExist(plan.Ref{Node: name}) {
		p.Assume(plan.Ref{Node: name})
		return true
	}
	return err == nil && has
}

// NewNode reserves a node's name within the statement; false when it was reserved.
func (p *Plan) NewNode(name string) bool {
	if p.nodes[name] {
		return false
	}
	p.nodes[name] = true
	return true
}

// UnknownNode is the finding that no node has that name.
func UnknownNode(view plan.View, t syntax.Text) *diag.Diagnostic {
	nodes, _ := view.Nodes()
	d := diag.Errorf(diag.UnknownNode, t.Span, "there is no node %q", t.Value).WithAbsent(t.Value)
	if meant := apart(view, t.Value); meant != "" {
		return d.WithHelp("did you mean %q?", meant).WithFix(t.Span, "", meant)
	}
	return d.WithNearest(t.Value, append(nodes, plan.Host), "make it first: ns %s", t.Value)
}

// HasLinkNow reports whether an interface name is in use or planned.
func (p *Plan) HasLinkNow(r plan.Ref) bool {
	if p.taken[r] {
		return true
	}
	if p.nodes[r.Node] {
		return r.Link == plan.Loopback
	}
	if p.Absent(r) {
		return false
	}
	_, err := p.Link(r.Node, r.Link)
	return err == nil
}

// Reserve marks an interface name as planned.
func (p *Plan) Reserve(r plan.Ref) { p.taken[r] = true }

// UnknownLink is the finding that a node has no interface of that name.
func UnknownLink(view plan.View, at source.Span, r plan.Ref) *diag.Diagnostic {
	d := diag.Errorf(diag.UnknownLink, at, "%s has no interface %q", r.Node, r.Link).WithAbsent(r.String())
	if offer := OfferUplink(view, r); offer != "" {
		return d.WithHelp("%s", offer)
	}
	links, _ := view.Links(r.Node)
	var names []string
	for _, l := range links {
		names = append(names, l.Name)
	}
	if near := diag.Nearest(r.Link, names); near != "" {
		return d.WithHelp("did you mean %q?", plan.Place(r.Node, near)).WithFix(at, r.Link, near)
	}
	if others := without(names, plan.Loopback); len(others) > 0 {
		return d.WithHelp("it has %s", join(others))
	}
	return d.WithHelp("it has only lo: give it a link first")
}

func without(list []string, word string) []string {
	var out []string
	for _, w := range list {
		if w != word {
			out = append(out, w)
		}
	}
	return out
}

// join lists a few names, and the number of the others.
func join(list []string) string {
	const most = 6
	text := ""
	for i, w := range list {
		if i == most {
			return text + ", …"
		}
		if i > 0 {
			text += ", "
		}
		text += w
	}
	return text
}
