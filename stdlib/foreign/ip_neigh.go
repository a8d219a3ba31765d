package foreign

import (
	"net"
	"net/netip"

	"nsl/runtime/plan"
)

func ipNeigh(s *ipState) bool {
	list := []string{"add", "change", "chg", "replace", "delete", "get", "show", "lst", "list", "flush", "help"}
	c, ok := s.command(list...)
	if !ok {
		c = s.mistypedCommand(list)
	}
	switch {
	case isShow(c):
		return s.read("neigh")
	case c == "":
		return true
	case c == "add" || c == "replace" || c == "delete":
		return s.neighbour(c)
	}
	return false
}

// neighbour enters or deletes a permanent entry, or one of an address that is answered
// for; entries of other states are the program's.
func (s *ipState) neighbour(c string) bool {
	var ip, dev, mac, nud, proxy string
	known := s.options(append([]option{
		s.text("dev", &dev), s.text("lladdr", &mac), s.text("nud", &nud), s.text("proxy", &proxy), s.text("to", &ip),
	}, only("router", "use", "managed", "extern_learn", "protocol", "vlan", "vni", "via", "nomaster")...), func(w word) bool {
		if a, err := netip.ParseAddr(w.text); err == nil && ip == "" {
			ip = a.String()
			return true
		}
		return false
	})
	if s.failed != nil {
		return true
	}
	if !known || dev == "" || nud != "" && nud != "permanent" || !s.hasLink(s.node, dev) {
		return false
	}
	verb, tail := map[bool]string{false: "neigh", true: "del neigh"}[c == "delete"], ""
	switch _, err := net.ParseMAC(mac); {
	case proxy != "":
		ip, tail = proxy, " proxy"
	case c != "delete" && err != nil:
		return false
	case c != "delete":
		tail = " mac " + mac
	}
	if _, err := netip.ParseAddr(ip); err != nil {
		return false
	}
	return s.say("%s %s %s%s", verb, plan.Place(s.node, dev), ip, tail)
}
