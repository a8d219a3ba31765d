package addrs

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// delNeigh is the statement del neigh.
type delNeigh struct {
	At    syntax.Endpoint `parser:"'del' 'neigh' @@"`
	IP    syntax.Address  `parser:"@@"`
	Proxy *syntax.Keyword `parser:"((?= 'proxy') @@)?"`
}

// DelNeigh is the form del neigh.
func DelNeigh() verb.Form {
	return verb.Form{
		Grammar: (*delNeigh)(nil),
		Usage:   "del neigh NODE[:IFACE] ADDR [proxy]",
		Doc: `A neighbour that was learned goes as well as one that was entered by hand, and is asked
for again; none is no error. A ` + "`proxy`" + ` entry has to be there.`,
		Examples: []verb.Example{
			{Note: "A wrong entry goes, and the node asks.", Code: "ns red blue\nlink red <-> blue 10.0.0.0/24\nneigh red 10.0.0.2 mac 02:00:00:00:00:99\nexpect not ping red -> blue\ndel neigh red 10.0.0.2\nexpect ping red -> blue\n"},
			{Note: "No answer for another any more.", Code: "ns red r1\nlink red <-> r1:eth0 10.0.0.0/24\nneigh r1:eth0 10.0.0.9 proxy\nexpect neigh r1 -> 10.0.0.9 proxy\ndel neigh r1:eth0 10.0.0.9 proxy\nexpect not neigh r1 -> 10.0.0.9 proxy\n"},
		},
	}
}

// Plan deletes it.
func (d *delNeigh) Plan(p *verb.Plan) {
	l, ok := neighbourLink(p, d.At, d.IP.Addr())
	if !ok {
		return
	}
	state := plan.Permanent
	if d.Proxy != nil {
		state = plan.Proxy
	}
	e, there := entryOf(p, d.At, l, d.IP.Addr(), state)
	switch {
	case d.Proxy == nil:
		p.Do(p.At, plan.DelNeighbour{Node: l.Node, Dev: l.Name, IP: d.IP.Addr(), MAC: e.MAC})
	case there:
		p.Do(p.At, plan.DelProxy{Node: l.Node, Dev: l.Name, IP: d.IP.Addr()})
	case !p.Uncertain():
		p.Fail(diag.Errorf(diag.NotThere, d.IP.Span, "%s does not answer for %s", l.Ref(), d.IP.Value))
	}
}
