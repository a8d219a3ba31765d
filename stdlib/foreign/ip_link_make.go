package foreign

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// make says what the new interfaces are in nsl.
func (s *ipState) make(a *added) bool {
	if a.name == "" {
		a.name = s.free(a.node, a.kind, "")
	}
	options := ""
	if a.mtu != "" && a.kind != "veth" {
		options += " mtu " + a.mtu
	}
	if a.mac != "" && a.kind != "veth" {
		options += " mac " + a.mac
	}
	if slices.Contains([]string{"vlan", "vxlan", "geneve"}, a.kind) && a.set["id"]+a.set["vni"] == "" {
		return s.fail(s.last(), "link add type %s: the number is missing, as in: id 10", a.kind)
	}
	switch a.kind {
	case "veth":
		return s.makeVeth(a)
	case "bridge":
		return s.makeBridge(a, options)
	case "dummy":
		s.say("dummy %s%s", s.place(a.end), options)
	case "vrf":
		if number(a.set["table"]) == 0 || a.mtu != "" {
			return false
		}
		s.say("vrf %s table %s%s", s.place(a.end), a.set["table"], options)
	case plan.Bond:
		s.say("bond %s%s%s", s.place(a.end), bonded(a.set), options)
	case "vxlan":
		s.say("vxlan %s%s%s", s.place(a.end), s.vxlanOptions(a), options)
	case "geneve", "gre", "ipip", "sit":
		if !s.makeTunnel(a, options) {
			return false
		}
	default:
		if a.parent == "" {
			return s.fail(s.last(), "link add type %s: the lower device is missing: link NAME", a.kind)
		}
		return s.makeUpper(a, options)
	}
	s.sayOptions(s.place(a.end), a.opts)
	if !a.up {
		s.say("down %s", s.place(a.end))
	}
	return true
}

// makeUpper makes an interface on another. The statement sets it up, which a VLAN can be
// only while that is: where it is down, it is so again after it.
func (s *ipState) makeUpper(a *added, options string) bool {
	lower := s.placeIn(a.node, a.parent)
	l, err := s.lab.Link(a.node, a.parent)
	lifts := a.kind == "vlan" && !a.up && err == nil && !l.Up
	if lifts && slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		return false // it would lose them
	}
	if lifts {
		s.say("up %s", lower)
	}
	s.say("%s %s on %s%s%s", a.kind, s.place(a.end), lower, stacked(a), options)
	s.sayOptions(s.place(a.end), a.opts)
	if !a.up {
		s.say("down %s", s.place(a.end))
	}
	if lifts {
		s.say("down %s", lower)
	}
	return true
}

// free is the first name of a kind that no interface has: veth0, veth1, ….
func (s *ipState) free(node, kind, but string) string {
	for i := 0; ; i++ {
		name := fmt.Sprint(kind, i)
		if _, err := s.lab.Link(node, name); err != nil && name != but {
			return name
		}
	}
}

func (s *ipState) makeVeth(a *added) bool {
	if a.peer.name == "" {
		but := ""
		if a.peer.node == a.node {
			but = a.name
		}
		a.peer.name = s.free(a.peer.node, "veth", but)
	}
	text := fmt.Sprintf("veth %s <-> %s", s.place(a.end), s.place(a.peer))
	if a.mtu != "" && a.mtu == a.peer.mtu {
		text += " mtu " + a.mtu
	}
	if a.mac != "" {
		text += strings.TrimRight(" mac "+a.mac+" "+a.peer.mac, " ")
	}
	s.say("%s", text)
	for _, e := range []end{a.end, a.peer} {
		if e.mtu != "" && a.mtu != a.peer.mtu {
			s.say("mtu %s %s", s.place(e), e.mtu)
		}
	}
	if a.mac == "" && a.peer.mac != "" {
		s.say("mac %s %s", s.place(a.peer), a.peer.mac)
	}
	for _, e := range []end{a.end, a.peer} {
		s.sayOptions(s.place(e), e.opts)
		if e.up {
			s.say("up %s", s.place(e))
		}
	}
	return true
}

func (s *ipState) makeBridge(a *added, options string) bool {
	if a.set["stp_state"] == "1" {
		options = " stp on" + options
	}
	if a.set["vlan_filtering"] == "1" {
		options = " vlan-filtering on" + options
	}
	s.say("bridge %s%s noaddr", s.place(a.end), options)
	s.sayOptions(s.place(a.end), a.opts)
	if !a.up {
		s.say("down %s", s.place(a.end))
	}
	return true
}

// bonded are the options of a bond, with what ip begins with.
func bonded(set map[string]string) string {
	mode := cmp.Or(set["mode"], plan.BondModes()[0])
	if n, err := strconv.Atoi(mode); err == nil && n >= 0 && n < len(plan.BondModes()) {
		mode = plan.BondModes()[n]
	}
	text := " mode " + mode
	if ms := cmp.Or(set["miimon"], "0"); ms != "0" || !plan.Monitored(mode) {
		text += " miimon " + ms + "ms"
	}
	if policy := set["xmit_hash_policy"]; policy != "" {
		text += " xmit-hash-policy " + policy
	}
	if rate := set["lacp_rate"]; rate != "" {
		text += " lacp-rate " + rate
	}
	return text
}

// vxlanOptions has the port that ip takes where none is named: the kernel's own, 8472.
func (s *ipState) vxlanOptions(a *added) string {
	id := a.set["id"] + a.set["vni"]
	text := " id " + id
	for _, o := range []string{"remote", "group", "local"} {
		if v := a.set[o]; v != "" {
			text += " " + o + " " + v
		}
	}
	if d := a.set["dev"]; d != "" {
		text += " dev " + s.placeIn(a.node, d)
	}
	switch port := a.set["dstport"]; port {
	case "4789":
	case "", "0":
		text += " dstport 8472"
	default:
		text += " dstport " + port
	}
	return text
}

// tags are the protocol of a vlan's tags where it is not the usual one.
func tags(protocol string) string {
	if strings.EqualFold(protocol, "802.1ad") {
		return " protocol 802.1ad"
	}
	return ""
}

// stacked are the options of an interface on another, with the modes that ip begins with.
func stacked(a *added) string {
	mode := a.set["mode"]
	switch {
	case a.kind == "vlan":
		return " id " + a.set["id"] + tags(a.set["protocol"])
	case mode != "":
	case a.kind == "macvlan":
		mode = "vepa"
	default:
		mode = "l3"
	}
	return " mode " + mode
}
