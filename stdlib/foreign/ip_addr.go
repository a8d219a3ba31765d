package foreign

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

func ipAddr(s *ipState) bool {
	list := []string{"add", "change", "chg", "replace", "delete", "show", "lst", "list", "flush", "save", "showdump", "restore", "help"}
	c, ok := s.command(list...)
	if !ok {
		if _, ok := prefixOf(s.peek()); ok {
			s.insert(s.args[0], "add")
			c = "add"
		} else {
			c = s.mistypedCommand(list)
		}
	}
	switch c {
	case "add", "replace", "change", "chg", "delete":
		return s.address(c)
	case "flush":
		return s.addrFlush()
	case "show", "lst", "list":
		return s.linkShow("addrs")
	case "":
		return true
	}
	return false
}

// prefixOf reads an address, whose length is that of one address where there is none.
func prefixOf(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if a, mask, _ := strings.Cut(text, "/"); err != nil {
		bits, isMask := maskBits(mask)
		addr, addrErr := netip.ParseAddr(a)
		return netip.PrefixFrom(addr, bits), isMask && addrErr == nil && addr.Is4()
	}
	return p, err == nil
}

// addressed is what ip addr add and delete name.
type addressed struct {
	addr, dev, peer word
	label, scope    string
	broadcast       string
	valid, prefers  string
	noRoute         bool
}

func (s *ipState) address(c string) bool {
	x := &addressed{}
	known := s.options(append([]option{
		{"dev", func(word) { x.dev, _ = s.next() }},
		{"local", func(word) { x.addr, _ = s.next() }},
		s.text("label", &x.label), s.text("broadcast", &x.broadcast), s.text("brd", &x.broadcast),
		s.text("valid_lft", &x.valid), s.text("preferred_lft", &x.prefers),
		{"peer", func(word) { x.peer, _ = s.next() }}, flag("noprefixroute", &x.noRoute),
		nothing("nodad"), s.text("scope", &x.scope),
	}, only("anycast", "home", "mngtmpaddr", "autojoin", "metric", "proto", "optimistic", "secondary", "primary",
		"temporary", "dynamic", "permanent", "deprecated", "tentative", "dadfailed", "managetempaddr", "nodefault")...), func(w word) bool { return s.addrWord(x, w) })
	switch {
	case !known || x.prefers == "" && x.valid != "":
		return false
	case s.failed != nil:
		return true
	case x.addr.text == "":
		return s.fail(s.last(), "addr: the address is missing, as in: 192.168.15.1/24")
	case x.dev.text == "":
		return s.fail(s.last(), "addr: the interface is missing: dev NAME")
	}
	p, ok := prefixOf(x.addr.text)
	if !ok {
		return s.badAddress(x.addr)
	}
	if x.peer.text != "" {
		peer, ok := prefixOf(x.peer.text)
		if !ok {
			return s.badAddress(x.peer)
		}
		p = netip.PrefixFrom(p.Addr(), peer.Bits())
		x.peer.text = peer.Addr().String()
	}
	if p.Addr().Is6() && (x.label != "" || x.scope != "" && x.scope != (plan.AddrOptions{}).ScopeOf(p.Addr())) || !slices.Contains(scopeWords(), x.scope) {
		return false
	}
	if len(s.edits) > 0 && !strings.Contains(x.addr.text, "/") && p.Addr().Is4() && c != "delete" && x.peer.text == "" {
		s.fix(x.addr, x.addr.text+"/24")
	}
	if x.broadcast != "" && !isBroadcastOf(x.broadcast, p) {
		return false
	}
	return s.setAddress(c, p, s.linkName(s.node, x.dev), x.options(p))
}

// options are those that the address has, as addr takes them.
func (x *addressed) options(p netip.Prefix) string {
	text := ""
	add := func(has bool, words ...string) {
		if has {
			text += " " + strings.Join(words, " ")
		}
	}
	add(x.peer.text != "" && x.peer.text != p.Addr().String(), "peer", x.peer.text)
	add(x.broadcast != "", "brd")
	add(x.label != "" && x.label != x.dev.text, "label", x.label)
	add(x.scope != "" && x.scope != (plan.AddrOptions{}).ScopeOf(p.Addr()), "scope", x.scope)
	add(x.noRoute, "noprefixroute")
	add(!slices.Contains([]string{"", "forever"}, x.valid), "valid_lft", x.valid)
	add(!slices.Contains([]string{"", "forever"}, x.prefers), "preferred_lft", x.prefers)
	return text
}

// scopeWords are the scopes of an address, and none.
func scopeWords() []string { return []string{"", "host", "link", "site", "global"} }

// isBroadcastOf reports the broadcast address of a subnet, for which ip has +.
func isBroadcastOf(text string, p netip.Prefix) bool {
	b, ok := plan.BroadcastOf(p)
	return ok && (text == "+" || text == b.String())
}

// addrWord is the address, or an interface whose "dev" was forgotten.
func (s *ipState) addrWord(x *addressed, w word) bool {
	switch {
	case w.text == "add" && x.addr.text == "":
		s.fix(w, "")
		return true
	case x.addr.text != "" && !strings.Contains(x.addr.text, "/") && number(strings.TrimPrefix(w.text, "/")) > 0:
		s.edits = append(s.edits, edit{x.addr.start, w.end, x.addr.text + "/" + strings.TrimPrefix(w.text, "/")})
		return true
	case x.addr.text == "" && !near(w.text, "dev"):
		x.addr = w
		return true
	case x.dev.text == "" && s.hasLink(s.node, w.text):
		s.insert(w, "dev")
		x.dev = w
		return true
	}
	return false
}

func (s *ipState) badAddress(w word) bool {
	return s.fail(w, "%q is no address", w.text)
}

// setAddress adds or deletes an address. An address that nsl chose by itself stays
// beside it, as ip leaves it.
func (s *ipState) setAddress(c string, p netip.Prefix, link, options string) bool {
	place := s.placeIn(s.node, link)
	l, err := s.lab.Link(s.node, link)
	if c == "delete" {
		return s.say("del addr %s %s", place, s.deleted(p, l))
	}
	if err == nil && c != "add" && slices.Contains(l.Addrs, p) {
		return true
	}
	words := append(s.automatic(link, p.Addr().Is4()), p.String())
	return s.say("addr %s %s%s", place, strings.Join(words, " "), options)
}

// deleted is the address that ip deletes: without a length, the first that is the same
// whatever its length (inet_rtm_deladdr, net/ipv4/devinet.c).
func (s *ipState) deleted(p netip.Prefix, l plan.Link) netip.Prefix {
	if slices.ContainsFunc(s.words, func(w word) bool { return w.text == p.String() }) || slices.Contains(l.Addrs, p) || !p.Addr().Is4() {
		return p
	}
	if i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return a.Addr() == p.Addr() }); i >= 0 {
		return l.Addrs[i]
	}
	return p
}

// automatic are the addresses of a family that nsl chose for an interface: addr would
// replace them.
func (k *call) automatic(link string, v4 bool) []string {
	book, err := k.lab.Book()
	if err != nil {
		return nil
	}
	var list []string
	for _, u := range book.On(plan.Ref{Node: k.node, Link: link}) {
		if u.Auto && u.Addr.Addr().Is4() == v4 {
			list = append(list, u.Addr.String())
		}
	}
	return list
}

// addrFlush deletes all addresses of an interface.
func (s *ipState) addrFlush() bool {
	scope, dev := "", word{}
	known := s.options([]option{
		{"dev", func(word) { dev, _ = s.next() }}, s.text("scope", &scope),
		{name: "to"}, {name: "label"}, {name: "up"}, {name: "dynamic"}, {name: "permanent"},
	}, func(w word) bool {
		if dev.text != "" {
			return false
		}
		dev = w
		return true
	})
	if !known || scope != "" && scope != "global" || dev.text == "" {
		return false
	}
	return s.flush(s.linkName(s.node, dev), scope == "global")
}

func (s *ipState) flush(link string, global bool) bool {
	l, err := s.lab.Link(s.node, link)
	if err != nil {
		return s.say("del addr %s 0.0.0.0/0", s.placeIn(s.node, link))
	}
	var words []string
	for _, a := range l.Addrs {
		local := a.Addr().IsLinkLocalUnicast()
		switch {
		case s.v4 && !a.Addr().Is4() || s.v6 && a.Addr().Is4():
		case local && a.Addr().Is6() && global:
		case local && a.Addr().Is6():
			return false
		default:
			words = append(words, a.String())
		}
	}
	if len(words) == 0 {
		return true
	}
	return s.say("del addr %s %s", s.placeIn(s.node, link), strings.Join(words, " "))
}
