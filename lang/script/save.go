package script

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/verb"
	"nsl/lang/write"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/runtime/state"
)

// Save is a script that makes a lab, whoever made it: short statements such as link, bridge and
// nat where all that they do is there, and what is left after them one by one. Comments
// say what no statement does.
func (l Language) Save(lab *state.Lab) (string, error) {
	s, err := l.newSaver(lab)
	if err != nil {
		return "", err
	}
	// The stand-in for the outside makes its node and cable itself: as the first, or after the
	// other cables of the host, which have other names then.
	for _, step := range []func(){s.internet, s.nodes, s.bridges, s.cables, s.internet, s.outside, s.cables} {
		step()
	}
	s.rest(func(op plan.Op) bool { return structure(op) && !s.lent(op) })
	s.leases()
	s.rest(structure)
	s.forwarding()
	s.filters()
	s.services()
	notes := s.rest(func(plan.Op) bool { return true })
	text := strings.Join(s.folded(s.more()), "\n") + "\n"
	for _, n := range notes {
		text += "# " + n.Object + ": " + n.Text + "\n"
	}
	return text, s.err
}

// saver writes a lab, and makes it on a model along with that.
type saver struct {
	language Language
	lab      *state.Lab
	model    *model.Model
	pristine state.Pristine
	state    *verb.LabState
	lines    []string
	keys     []string
	err      error
}

func (l Language) newSaver(lab *state.Lab) (*saver, error) {
	s := &saver{language: l, lab: lab, model: model.New(), keys: lab.Keys(nil)}
	var err error
	s.pristine, err = Empty(s.model)
	s.state = verb.NewLabState(s.model)
	return s, err
}

// try writes the first of some statements of which the lab has all that it makes.
func (s *saver) try(statements ...string) {
	for _, text := range statements {
		ops, ok := s.language.Table.Ops(s.state, text)
		if !ok || slices.ContainsFunc(ops, func(op plan.Op) bool { return !s.lab.Has(op) }) {
			continue
		}
		for _, op := range ops {
			if s.err == nil {
				s.err = s.model.Apply(op)
			}
			s.state.Note(op)
		}
		s.lines = append(s.lines, text)
		return
	}
}

// structure reports an op about nodes, interfaces and their addresses.
func structure(op plan.Op) bool {
	kind, _ := state.KindOf(op)
	return slices.Contains([]string{"ns", "link", "addr", "neigh"}, kind)
}

// rest writes the ops that are missing of some.
func (s *saver) rest(which func(plan.Op) bool) []state.Note {
	ops, notes, err := state.ConvergeIn(s.model, s.pristine, s.lab, s.keys, which)
	if s.err == nil {
		s.err = err
	}
	s.state.Changed()
	for _, line := range write.Statements(ops) {
		s.lines = append(s.lines, line.Text)
	}
	return notes
}

// more are the lines with what is missing after the statements, which may do more than was
// asked of them, and the lab that they make; nil where that is not known.
func (s *saver) more() (lines []string, made *state.Lab) {
	want, list := s.wanted(s.lines)
	if list.HasErrors() {
		return append(s.lines, comments(list)...), nil
	}
	m, pristine, err := Load(want.Lab, s.keys)
	if err != nil {
		s.err = err
		return s.lines, nil
	}
	ops, _, _ := state.Converge(m, pristine, s.lab, s.keys)
	lines, made = s.lines, want.Lab
	for _, line := range write.Statements(ops) {
		if !line.Note() {
			lines, made = append(lines, line.Text), nil
		}
	}
	return lines, made
}

// nodes makes those that are not there yet, but for the outside.
func (s *saver) nodes() { s.make(func(n *state.Node) bool { return bare(n) == nil }) }

// outside makes the rest.
func (s *saver) outside() { s.make(func(*state.Node) bool { return true }) }

func (s *saver) make(which func(*state.Node) bool) {
	var ops []plan.Op
	for i := range s.lab.Nodes {
		n := &s.lab.Nodes[i]
		if has, _ := s.model.HasNode(n.Name); !has && which(n) { // a model has no errors
			ops = append(ops, plan.NewNode(n.Name)...)
		}
	}
	for _, line := range write.Statements(ops) {
		s.try(line.Text)
	}
}

// internet is the stand-in for the outside.
func (s *saver) internet() {
	for i := range s.lab.Nodes {
		n := &s.lab.Nodes[i]
		server := bare(n)
		if has, _ := s.model.HasNode(n.Name); server == nil || has {
			continue
		}
		as := ""
		if n.Name != "internet" {
			as = " as " + write.Word(n.Name)
		}
		forms := []string{"internet" + as}
		for _, l := range s.lab.Nodes[0].Links {
			if l.Peer.Node == n.Name {
				forms = append(forms, "internet "+write.Word(l.Name)+as)
			}
		}
		for _, plain := range forms {
			if has, _ := s.model.HasNode(n.Name); !has {
				s.try(plain, plain+" "+write.Records(server.Records), plain+" "+write.Records(s.named(plain, server.Records)))
			}
		}
	}
}

// bare is the name server of the stand-in for the outside, or nil.
func bare(n *state.Node) *plan.DNS {
	for _, r := range n.Services {
		if server, ok := r.Service.(plan.DNS); ok && server.Bare {
			return &server
		}
	}
	return nil
}

// named are the records that an internet statement does not make beside those of its block.
func (s *saver) named(statement string, records []string) []string {
	const other = "nsl.invalid. 60 IN A 192.0.2.1"
	ops, _ := s.language.Table.Ops(s.state, statement+" "+write.Records([]string{other}))
	for _, op := range ops {
		start, ok := op.(plan.Start)
		if server, isDNS := start.Service.(plan.DNS); ok && isDNS {
			return slices.DeleteFunc(slices.Clone(records), func(r string) bool { return slices.Contains(server.Records, r) })
		}
	}
	return records
}

// forwarding turns it on where both families forward.
func (s *saver) forwarding() {
	for _, n := range s.lab.Nodes {
		if n.Settings["net/ipv4/conf/all/forwarding"] == "1" && n.Settings["net/ipv6/conf/all/forwarding"] == "1" {
			s.try("forward " + write.Word(n.Name))
		}
	}
}

// server is a DHCP server of a node.
type server struct {
	node string
	plan.Start
	plan.DHCP
}

func (s *saver) servers() []server {
	var list []server
	for _, n := range s.lab.Nodes {
		for _, r := range n.Services {
			if d, ok := r.Service.(plan.DHCP); ok {
				list = append(list, server{n.Name, plan.Start{Node: n.Name, ID: r.ID, Service: r.Service}, d})
			}
		}
	}
	return list
}

// lent reports an address that a DHCP server of the lab may have lent.
func (s *saver) lent(op plan.Op) bool {
	add, ok := op.(plan.AddAddr)
	return ok && slices.ContainsFunc(s.servers(), func(d server) bool {
		return d.Lends(add.Addr.Addr()) && (d.node != add.Node || d.Link != add.Link)
	})
}

// leases starts the DHCP servers, and has them lend again what they have lent.
func (s *saver) leases() {
	servers := s.servers()
	for _, d := range servers {
		for _, line := range write.Statements([]plan.Op{d.Start}) {
			s.try(line.Text)
		}
	}
	clients := s.links(func(l *state.Link) bool {
		return slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool {
			return s.lent(plan.AddAddr{Node: l.Node, Link: l.Name, Addr: a})
		})
	})
	slices.SortStableFunc(clients, byAddress)
	for _, l := range clients {
		s.try("dhcp "+nodeName(l), "dhcp "+wholeName(l))
	}
}

func (s *saver) filters() {
	for _, n := range s.lab.Nodes {
		for _, text := range write.Filter(n.Name, state.FilterRules(n.Nft)) {
			s.try(text)
		}
	}
}

func (s *saver) services() {
	for _, n := range s.lab.Nodes {
		for _, name := range n.Names {
			s.try("name " + write.Word(n.Name) + " " + write.Word(name))
		}
	}
	for _, n := range s.lab.Nodes {
		for _, r := range n.Services {
			for _, line := range write.Statements([]plan.Op{plan.Start{Node: n.Name, ID: r.ID, Service: r.Service}}) {
				s.try(line.Text)
			}
		}
	}
}

// subnets are those of an interface's addresses, in which the other members may be numbered.
func subnets(addrs []netip.Prefix) string {
	var words []string
	for _, a := range addrs {
		if p := a.Masked().String(); !slices.Contains(words, p) {
			words = append(words, p)
		}
	}
	return strings.Join(words, " ")
}

// byAddress orders interfaces by their first addresses, those without one last.
func byAddress(a, b *state.Link) int {
	first := func(l *state.Link) netip.Addr {
		if len(l.Addrs) == 0 {
			return netip.IPv6LinkLocalAllNodes()
		}
		return l.Addrs[0].Addr()
	}
	return cmp.Or(first(a).Compare(first(b)), plan.CompareNames(a.Node, b.Node))
}
