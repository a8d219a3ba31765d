package complete

import (
	"strings"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// ownAddresses are those of the interface that the statement names, or of the node, as
// the statements that remove them take them.
func (c *completer) ownAddresses(before []syntax.Token) {
	node, link := c.node(before), ""
	for _, t := range before {
		if rest, found := strings.CutPrefix(t.Text, node+":"); found {
			link = rest
		}
	}
	for _, l := range c.links(node) {
		for _, a := range l.Addrs {
			if (link == "" || l.Name == link) && !linkLocal(a) && !a.Addr().IsLoopback() {
				c.add(a.String())
			}
		}
	}
}

// bridges are those of a node; of the host they need no colon.
func (c *completer) bridges(node string) {
	for _, l := range c.links(node) {
		switch {
		case l.Kind != "bridge":
		case node == plan.Host:
			c.add(l.Name)
		default:
			c.add(node + ":" + l.Name)
		}
	}
}

// services are the nodes and, after one, what nsl started in it.
func (c *completer) services(before []syntax.Token) {
	if len(before) == 1 || c.View == nil {
		c.nodes()
		return
	}
	running, _ := c.View.Services(c.node(before))
	for _, r := range running {
		if !used(before, r.ID) {
			c.add(r.ID)
		}
	}
}
