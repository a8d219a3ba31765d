package foreign

func ipTuntap(s *ipState) bool {
	list := []string{"add", "delete", "show", "list", "lst", "help"}
	c, ok := s.command(list...)
	if !ok {
		c = s.mistypedCommand(list)
	}
	name, mode := "", ""
	if isShow(c) {
		return s.read("links")
	}
	known := s.options(append([]option{
		s.text("dev", &name), s.text("name", &name), s.text("mode", &mode), s.ignored("user"), s.ignored("group"),
	}, only("one_queue", "pi", "vnet_hdr", "multi_queue")...), func(w word) bool {
		if name == "" && !near(w.text, "dev") {
			name = w.text
			return true
		}
		return false
	})
	switch {
	case !known || c != "add" && c != "delete" || mode != "tap" && mode != "tun":
		return false
	case c == "delete":
		return s.remove(name)
	case name == "":
		name = s.free(s.node, mode, "")
	}
	s.say("%s %s", mode, s.placeIn(s.node, name))
	return s.say("down %s", s.placeIn(s.node, name))
}
