package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// deletion is the statement delete.
type deletion struct {
	Names []syntax.Endpoint `parser:"'delete' (@@ | '<' @@* '>')+"`
}

// Delete is the verb delete.
func Delete() *verb.Verb {
	return verb.Define[deletion](verb.Spec{
		Name:    "delete",
		Also:    []string{"remove", "rm", "destroy", "erase"},
		Summary: "delete a node, an interface or a bridge, and what depends on it",
		Usage:   []string{"delete NAME…", "delete NODE:IFACE…"},
		Doc: `Deleting a node also deletes its interfaces, and so the other ends of its cables,
and ends what runs in it. Deleting one end of a cable deletes the other; deleting a
bridge deletes the cables of its ports.

To remove a single address or route, see ` + "`del`" + `.`,
		Examples: []verb.Example{
			{Note: "Deleting one end removes both.", Code: "ns red blue\nlink red <-> blue\ndelete red:veth-red\nexpect not link blue:veth-blue up\n"},
			{Note: "A node and its cables.", Code: "ns red blue\nbridge v-net-0 <red blue>\ndelete red\nexpect not ping blue -> red\n"},
		},
	})
}

// Plan deletes the names in their order.
func (d *deletion) Plan(p *verb.Plan) {
	gone := map[plan.Ref]bool{}
	if d.namesKind(p) {
		return
	}
	for _, name := range d.Names {
		node, _ := name.Split()
		isNode := verb.Ask(p, name.Span, p.HasNode, node)
		switch {
		case name.HasLink() || !isNode:
			d.link(p, name, gone)
		case node == plan.Host:
			p.Fail(diag.Errorf(diag.HostFixed, name.Span, "host cannot be deleted: it is the lab's own root namespace"))
		case gone[plan.Ref{Node: node}]:
			p.Fail(twice(name))
		default:
			gone[plan.Ref{Node: node}] = true
			stopAll(p, name, node)
			if p.Undoable() {
				deleteContents(p, name, gone)
			}
			p.Do(name.Span, plan.DelNS{Name: node})
		}
	}
}

// namesKind refuses the kind of what is deleted before its name: delete node red.
func (d *deletion) namesKind(p *verb.Plan) bool {
	if len(d.Names) < 2 {
		return false
	}
	first := d.Names[0]
	if !slices.Contains([]string{"node", "ns", "namespace", "link", "interface", "bridge"}, first.Value) ||
		verb.Ask(p, first.Span, p.HasNode, first.Value) {
		return false
	}
	if _, err := p.Link(plan.Host, first.Value); err == nil {
		return false
	}
	p.Fail(diag.UnexpectedWord(first.Span, "delete", first.Value).WithHelp("names alone follow: delete %s", d.Names[1].Value))
	return true
}

func twice(name syntax.Endpoint) *diag.Diagnostic {
	return diag.Errorf(diag.NotThere, name.Span, "%s is deleted twice in this statement", name.Value)
}

// link deletes one interface, or a bridge with the cables of its ports.
func (d *deletion) link(p *verb.Plan, name syntax.Endpoint, gone map[plan.Ref]bool) {
	l, ok := p.Iface(name)
	if !ok {
		return
	}
	if l.Name == plan.Loopback {
		p.Fail(diag.Errorf(diag.NotThere, name.Span, "the loopback of %s cannot be deleted", l.Node).
			WithHelp("to turn it off: down %s:lo", l.Node))
		return
	}
	for _, m := range membersIn(verb.Ask(p, name.Span, p.Links, l.Node), l) {
		p.Do(name.Span, leaveGroup(p, m)...)
	}
	doomed := []plan.Link{l}
	if l.Kind == "bridge" {
		links := verb.Ask(p, name.Span, p.Links, l.Node)
		for _, port := range links {
			if port.Master == l.Name && port.Kind == "veth" {
				doomed = append([]plan.Link{port}, doomed...)
			}
		}
	}
	for _, l := range doomed {
		d.one(p, name, l, gone)
	}
}

func (d *deletion) one(p *verb.Plan, name syntax.Endpoint, l plan.Link, gone map[plan.Ref]bool) {
	if gone[l.Ref()] {
		p.Fail(twice(name))
		return
	}
	p.Do(name.Span, delLink(p, l, gone))
}

// delLink deletes an interface, and the other end of a cable with it.
func delLink(p *verb.Plan, l plan.Link, gone map[plan.Ref]bool) plan.DelLink {
	if peer, err := p.Peer(l.Node, l.Name); err == nil {
		gone[peer] = true
	}
	return plan.DelLink{Node: l.Node, Name: l.Name, Was: recreateOps(p, l, gone)}
}

// stopAll ends what runs in a node that is deleted.
func stopAll(p *verb.Plan, name syntax.Endpoint, node string) {
	running := verb.Ask(p, name.Span, p.Services, node)
	for _, r := range slices.Backward(running) {
		p.Do(name.Span, plan.Stop{Node: node, ID: r.ID, Service: r.Service})
	}
}
