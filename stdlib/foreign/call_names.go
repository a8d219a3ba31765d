package foreign

import (
	"slices"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// nodeName is the node that a word names, or is near to.
func (k *call) nodeName(w word) string {
	if has, err := k.lab.HasNode(w.text); err != nil || has || k.lab.MayExist(plan.Ref{Node: w.text}) {
		return w.text
	}
	nodes, _ := k.lab.Nodes()
	if near := diag.Nearest(w.text, nodes); near != "" {
		k.fix(w, near)
		return near
	}
	return w.text
}

// hasLink reports whether an interface is there, or may be.
func (k *call) hasLink(node, name string) bool {
	_, err := k.lab.Link(node, name)
	return err == nil || k.lab.MayExist(plan.Ref{Node: node, Link: name})
}

// linkName is the interface of a node that a word names, or is near to.
func (k *call) linkName(node string, w word) string {
	if k.hasLink(node, w.text) {
		return w.text
	}
	var names []string
	links, _ := k.lab.Links(node)
	for _, l := range links {
		if l.Name != plan.Loopback {
			names = append(names, l.Name)
		}
	}
	if near := diag.Nearest(w.text, names); near != "" && !k.hasElsewhere(w.text) {
		k.fix(w, near)
		return near
	}
	return w.text
}

// hasElsewhere reports whether another node has an interface of that name: then it is the
// node that is wrong.
func (k *call) hasElsewhere(name string) bool {
	nodes, _ := k.lab.Nodes()
	return slices.ContainsFunc(append(nodes, plan.Host), func(n string) bool {
		_, err := k.lab.Link(n, name)
		return err == nil
	})
}

// place is an interface of the command's node, as nsl writes it.
func (k *call) place(link string) string { return k.placeIn(k.node, link) }

func (k *call) placeIn(node, link string) string {
	if is, _ := k.lab.HasNode(link); is && node == plan.Host {
		return node + ":" + link
	}
	return plan.Place(node, link)
}
