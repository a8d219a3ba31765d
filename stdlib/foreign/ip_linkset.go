package foreign

import "nsl/runtime/plan"

// setting is what ip link set does to an interface.
type setting struct {
	dev, to                 word
	name, mtu, mac, master  string
	up, down, free, another bool
	opts                    ifOptions
}

func (s *ipState) linkSet() bool {
	x := &setting{}
	options := []option{
		{"dev", func(word) { x.dev, _ = s.next() }},
		flag("up", &x.up), flag("down", &x.down),
		s.text("name", &x.name), s.text("mtu", &x.mtu), s.text("address", &x.mac),
		{"master", func(o word) {
			if w, ok := s.next(); ok {
				x.master = s.linkName(s.node, w)
			} else {
				s.fail(o, "link set: the bridge is missing after master")
			}
		}},
		flag("nomaster", &x.free),
		{"netns", func(o word) {
			if w, ok := s.next(); ok {
				x.to = w
			} else {
				s.fail(o, "link set: the node is missing after netns")
			}
		}},
		{"type", func(word) { x.another, s.args = !x.opts.ofKind(s.call), nil }},
	}
	plain := true
	options = append(options, x.opts.words(s.call, &plain)...)
	options = append(options, only("group",
		"broadcast", "dynamic", "trailers", "vf", "link-netnsid", "protodown", "xdp", "xdpgeneric", "addrgenmode", "vrf", "nocarrier",
		"gso_max_size", "gso_max_segs", "altname", "carrier")...)
	known := s.options(options, func(w word) bool {
		if x.dev.text != "" || near(w.text, "dev") && !s.hasLink(s.node, w.text) && len(s.args) > 0 {
			return false
		}
		x.dev = w
		return true
	})
	switch {
	case !known || x.another || !plain:
		return false
	case x.dev.text == "":
		return s.fail(s.last(), "link set: the interface is missing")
	}
	return s.set(x)
}

// set says what is set, in an order in which the kernel takes it.
func (s *ipState) set(x *setting) bool {
	node, link := s.node, s.linkName(s.node, x.dev)
	place := func() string { return s.placeIn(node, link) }
	rename := func() {
		if x.name != "" && x.name != link {
			s.say("rename %s -> %s", place(), x.name)
			link = x.name
		}
	}
	if x.down {
		s.say("down %s", place())
	}
	if x.to.text != "" {
		to := s.target(x.to)
		if _, err := s.lab.Link(to, link); err == nil {
			rename()
		}
		s.say("move %s -> %s", place(), to)
		node = to
	}
	rename()
	s.sayIf(x.mtu != "", "mtu %s %s", place(), x.mtu)
	s.sayIf(x.mac != "", "mac %s %s", place(), x.mac)
	s.sayIf(x.free && s.hasMaster(x.dev.text), "detach %s", place())
	member, _ := s.lab.Link(s.node, x.dev.text)
	s.sayIf(x.free && member.Bond != "" && member.Up && !x.up, "down %s", place())
	already := x.master != "" && s.master(x.dev.text) == x.master
	if group, err := s.lab.Link(node, x.master); err == nil && group.Kind == plan.Bond && member.Up && !x.down && x.to.text == "" && !already {
		return s.fail(s.last(), "link set: %s is up, and a bond takes an interface only while it is down", x.dev.text)
	}
	s.sayIf(x.master != "" && !already, "attach %s -> %s", place(), s.placeIn(node, x.master))
	s.sayOptions(place(), x.opts)
	s.sayIf(x.up, "up %s", place())
	if len(s.out.Statements) == 0 && !x.free && !already && x.name == "" {
		return s.fail(s.last(), "link set: what is to be set is missing, as in: up")
	}
	return true
}

// master is the bridge or VRF that an interface of the command's node is in, or "".
func (s *ipState) master(link string) string {
	l, _ := s.lab.Link(s.node, link)
	return l.Upper()
}

// hasMaster reports whether an interface is in a bridge or VRF.
func (s *ipState) hasMaster(link string) bool {
	l, err := s.lab.Link(s.node, link)
	return err != nil || l.Upper() != ""
}

func (k *call) sayIf(when bool, format string, args ...any) {
	if when {
		k.say(format, args...)
	}
}
