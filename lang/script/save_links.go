package script

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/write"
	"nsl/runtime/plan"
	"nsl/runtime/state"
)

// links are the interfaces of the lab, by node.
func (s *saver) links(is func(*state.Link) bool) []*state.Link {
	var list []*state.Link
	for i := range s.lab.Nodes {
		for j := range s.lab.Nodes[i].Links {
			if l := &s.lab.Nodes[i].Links[j]; is(l) {
				list = append(list, l)
			}
		}
	}
	return list
}

// made reports whether the model has an interface already.
func (s *saver) made(r plan.Ref) bool {
	_, err := s.model.Link(r.Node, r.Link)
	return err == nil
}

// bridges makes those that are up, with a cable for each port that leads to an interface
// elsewhere.
func (s *saver) bridges() {
	list := s.links(func(l *state.Link) bool { return l.Kind == "bridge" && l.Up && !s.made(l.Ref()) })
	slices.SortStableFunc(list, byAddress)
	for _, b := range list {
		members := s.links(func(l *state.Link) bool {
			port := s.lab.Link(l.Peer)
			return l.Kind == "veth" && l.Up && l.Master == "" && port != nil && port.Up && port.Node == b.Node && port.Master == b.Name && !s.made(l.Ref())
		})
		slices.SortStableFunc(members, byAddress)
		s.bridge(b, members)
	}
}

func (s *saver) bridge(b *state.Link, members []*state.Link) {
	head := "bridge " + write.Word(b.Ref().String())
	tail := ""
	if b.STP {
		tail += " stp on"
	}
	if b.VLANFiltering {
		tail += " vlan-filtering on"
	}
	tail += mtu(b.MTU)
	var forms []string
	for _, names := range []func(*state.Link) string{nodeName, wholeName} {
		for _, addrs := range []bool{false, true} {
			list := " <" + strings.Join(s.each(members, names, addrs), " ") + ">"
			if len(members) == 0 {
				list = ""
			}
			forms = append(forms, head+list+tail, head+list+" "+subnets(b.Addrs)+tail)
			if len(members) > 0 {
				forms = append(forms, head+list+" "+subnets(members[0].Addrs)+tail)
			}
			if !addrs {
				forms = append(forms, head+list+tail+" noaddr")
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return cmp.Compare(noaddr(a), noaddr(b)) })
	s.try(forms...)
}

// noaddr orders statements: those that number nothing last.
func noaddr(text string) int {
	if strings.HasSuffix(text, " noaddr") {
		return 1
	}
	return 0
}

func nodeName(l *state.Link) string  { return write.Word(l.Node) }
func wholeName(l *state.Link) string { return write.Word(l.Node + ":" + l.Name) }

func (s *saver) each(members []*state.Link, name func(*state.Link) string, addrs bool) []string {
	var words []string
	for _, m := range members {
		words = append(words, s.end(m, name, addrs)+s.vlans(s.lab.Link(m.Peer)))
	}
	return words
}

// vlans are those of a port, where they are not those of a new one.
func (s *saver) vlans(port *state.Link) string {
	text, ok := plan.DescribeVLANs(port.VLANs)
	if !ok || slices.Equal(port.VLANs, plan.NewPortVLANs()) {
		return ""
	}
	return " " + text
}

// end is an interface as an end of a cable.
func (s *saver) end(l *state.Link, name func(*state.Link) string, addrs bool) string {
	text := name(l)
	for _, a := range l.Addrs {
		if addrs && !s.lent(plan.AddAddr{Node: l.Node, Link: l.Name, Addr: a}) {
			text += " " + a.String()
		}
	}
	return text
}

// mtu is the option where it is needed.
func mtu(n int) string {
	if n == 1500 {
		return ""
	}
	return " mtu " + strconv.Itoa(n)
}

// cables makes those with both ends up that are no ports.
func (s *saver) cables() {
	list := s.links(func(l *state.Link) bool {
		other := s.lab.Link(l.Peer)
		return l.Kind == "veth" && l.Up && other != nil && other.Up && l.Master == "" && other.Master == "" && !s.made(l.Ref())
	})
	slices.SortStableFunc(list, byAddress)
	for _, a := range list {
		if !s.made(a.Ref()) {
			s.cable(a, s.lab.Link(a.Peer))
		}
	}
}

func (s *saver) cable(a, b *state.Link) {
	var forms []string
	for _, addrs := range []bool{false, true} {
		for _, first := range []func(*state.Link) string{nodeName, wholeName} {
			for _, second := range []func(*state.Link) string{nodeName, wholeName} {
				text := "link " + s.end(a, first, addrs) + " <-> " + s.end(b, second, addrs)
				if !addrs {
					forms = append(forms, text+mtu(a.MTU), text+" "+subnets(a.Addrs)+mtu(a.MTU), text+mtu(a.MTU)+" noaddr")
					continue
				}
				forms = append(forms, text+mtu(a.MTU))
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return cmp.Compare(noaddr(a), noaddr(b)) })
	s.try(forms...)
}
