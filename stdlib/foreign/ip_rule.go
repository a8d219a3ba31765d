package foreign

import (
	"slices"
	"strings"
)

func ipRule(s *ipState) bool {
	list := []string{"list", "lst", "show", "save", "restore", "add", "delete", "flush", "help"}
	c, ok := s.command(list...)
	if !ok {
		c = s.mistypedCommand(list)
	}
	switch {
	case isShow(c):
		return s.read("rules")
	case c == "":
		return true
	case c != "add" && c != "delete":
		return false
	}
	return s.rule(c)
}

func (s *ipState) rule(c string) bool {
	set, not := map[string]string{}, false
	keep := func(name, as string) option {
		return option{name, func(o word) { set[as] = s.value(o) }}
	}
	known := s.options(append([]option{keep("from", "from"), keep("to", "to"), keep("iif", "iif"), keep("dev", "iif"), keep("fwmark", "fwmark"),
		keep("table", "table"), keep("lookup", "table"), keep("suppress_prefixlength", "suppress_prefixlength"), keep("priority", "priority"), keep("preference", "priority"), keep("pref", "priority"),
		keep("order", "priority"), keep("oif", "oif"), keep("ipproto", "ipproto"), keep("sport", "sport"), keep("dport", "dport"),
		flag("not", &not)}, only("tos", "dsfield", "blackhole", "prohibit", "unreachable", "goto", "nop", "nat",
		"uidrange", "l3mdev", "realms", "protocol")...), func(word) bool { return false })
	switch proto := set["ipproto"]; {
	case !known || strings.Contains(set["fwmark"], "/") || proto != "" && proto != "tcp" && proto != "udp" ||
		proto == "" && set["sport"]+set["dport"] != "" || set["table"] == "local" || set["table"] == "255" ||
		c == "delete" && ofKernel(set):
		return false
	case s.failed != nil:
		return true
	}
	text, selects := "", false
	for _, n := range []string{"from", "to"} {
		p, ok := destination(set[n], s.v6)
		if set[n] == "all" || !ok {
			continue
		}
		if p == "default" {
			p = "0.0.0.0/0"
		}
		text, selects = text+" "+n+" "+p, true
	}
	if !selects {
		text = map[bool]string{false: " from 0.0.0.0/0", true: " from ::/0"}[s.v6]
	}
	if not {
		text = " not" + text
	}
	return s.say("%s %s%s%s", map[string]string{"add": "rule", "delete": "del rule"}[c], s.node, text, ruleRest(set, c))
}

// ofKernel reports that a rule is named which may be one that each node begins with.
func ofKernel(set map[string]string) bool {
	return slices.Contains([]string{"0", "32766", "32767"}, set["priority"])
}

// ruleRest are the other conditions of a rule; to delete one, its table may be left out.
func ruleRest(set map[string]string, c string) string {
	text := ""
	for _, n := range []string{"iif", "oif", "fwmark", "ipproto", "sport", "dport", "table", "suppress_prefixlength", "priority"} {
		v := set[n]
		switch {
		case n == "table" && v == "main":
			v = "254"
		case n == "table" && v == "" && c == "add":
			v = "254"
		case n == "table" && v != "":
			v = tableNumber(v)
		}
		if v != "" {
			text += " " + n + " " + v
		}
	}
	return text
}
