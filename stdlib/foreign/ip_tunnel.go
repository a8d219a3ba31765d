package foreign

import "strings"

// tunnelOptions are those of gre, ipip and sit besides their ends: the key of gre, and what is
// so by itself.
func (s *ipState) tunnelOptions(a *added) []option {
	list := []option{nothing("pmtudisc"), {"tos", func(o word) { a.other = s.value(o) != "inherit" || a.other }}}
	if a.kind == "gre" {
		list = append(list, option{"key", func(o word) { a.set["key"] = s.value(o) }})
	}
	return append(list, only("dev", "nopmtudisc", "ikey", "okey", "seq", "iseq", "oseq", "csum", "icsum", "ocsum", "ignore-df", "fwmark", "external",
		"isatap", "6rd-prefix", "6rd-relay_prefix", "encap", "noencap", "encap-sport", "encap-dport", "encap-csum", "encap-remcsum", "prl-default", "prl-nodefault")...)
}

// makeTunnel is the statement of the kind; false for one with no remote end.
func (s *ipState) makeTunnel(a *added, options string) bool {
	remote := a.set["remote"]
	if remote == "" || remote == "any" {
		return false
	}
	text := ""
	if a.kind == "geneve" {
		text = " id " + a.set["id"] + a.set["vni"]
	}
	text += " remote " + remote
	for _, o := range []struct{ word, none string }{{"local", "any"}, {"dstport", "6081"}, {"key", ""}, {"ttl", "inherit"}} {
		if v := a.set[o.word]; v != "" && v != o.none && v != "0" && v != "auto" {
			text += " " + o.word + " " + v
		}
	}
	return s.say("%s %s%s%s", a.kind, s.place(a.end), text, options)
}

// ipTunnel is ip tunnel, which tutorials use for the same kinds.
func ipTunnel(s *ipState) bool {
	list := []string{"add", "change", "delete", "show", "list", "lst", "prl", "6rd", "help"}
	c, ok := s.command(list...)
	if !ok {
		c = s.mistypedCommand(list)
	}
	if isShow(c) {
		return s.read("links")
	}
	a := &added{kind: "gre", end: end{node: s.node}, set: map[string]string{}} // with the options of all, until its mode is read
	keep := func(name string) option { return option{name, func(o word) { a.set[name] = s.value(o) }} }
	options := append([]option{s.text("name", &a.name), keep("mode"), keep("remote"), keep("local"), keep("ttl")}, s.tunnelOptions(a)...)
	known := s.options(options, func(w word) bool {
		if a.name == "" && !near(w.text, "name") {
			a.name = w.text
			return true
		}
		return false
	})
	modes := map[string]string{"gre": "gre", "ipip": "ipip", "sit": "sit", "gre/ip": "gre", "ip/ip": "ipip", "ipv6/ip": "sit"}
	switch a.kind = modes[strings.ToLower(a.set["mode"])]; {
	case !known:
		return false
	case c == "delete":
		return s.remove(a.name)
	case c != "add" || a.kind == "" || a.name == "" || a.other:
		return false
	}
	return s.make(a)
}
