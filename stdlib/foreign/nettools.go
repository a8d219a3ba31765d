package foreign

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// netTools are the programs of net-tools and bridge-utils, and what else shows sockets.
func netTools() map[string]program {
	return map[string]program{"ifconfig": ifconfig, "route": routeTool, "arp": arp, "netstat": netstat, "brctl": brctl}
}

// sockets is ss: -K closes sockets, -E does not end, and -D writes a file.
func sockets(k *call) bool {
	return !k.hasLetter("KED", "--kill", "--events", "--diag") && k.read("listen")
}

// hasLetter reports an option, also one of several in a word.
func (k *call) hasLetter(letters string, long ...string) bool {
	return slices.ContainsFunc(k.args, func(w word) bool {
		switch {
		case !isOption(w.text):
			return false
		case strings.HasPrefix(w.text, "--"):
			name, _, _ := strings.Cut(w.text, "=")
			return len(name) > 2 && slices.ContainsFunc(long, func(l string) bool { return strings.HasPrefix(l, name) })
		}
		return strings.ContainsAny(w.text[1:], letters)
	})
}

func netstat(k *call) bool {
	for _, w := range k.args {
		switch {
		case strings.HasPrefix(w.text, "--") || strings.ContainsAny(w.text, "sgc"):
			return false
		case strings.Contains(w.text, "r"):
			return k.read("routes")
		case strings.Contains(w.text, "i"):
			return k.read("links")
		}
	}
	return k.read("listen")
}

// maskBits is the prefix length of a netmask.
func maskBits(mask string) (int, bool) {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return 0, false
	}
	bits, size := net.IPMask(a.AsSlice()).Size()
	return bits, size == 32
}

// toolRoute is a route as route(8) has it.
type toolRoute struct {
	dst, mask, gw, dev, metric string
	host, other                bool
}

func routeTool(k *call) bool {
	v6 := false
	for isDashed(k.peek()) {
		w, _ := k.next()
		if w.text == "-net" || w.text == "-host" {
			return k.fail(w, "add or del is missing before %s", w.text)
		}
		v6 = v6 || strings.HasPrefix(w.text, "-6") || w.text == "-A"
		if w.text == "-A" {
			k.next()
		}
	}
	w, ok := k.next()
	if !ok {
		return k.read("routes")
	}
	c := k.keyword(w, []string{"add", "delete"})
	if c == "" {
		return k.fail(w, "route has no command %q", w.text)
	}
	r := &toolRoute{}
	known := k.options(append([]option{
		{"-net", func(word) {}}, {"-host", func(word) { r.host = true }},
		k.text("netmask", &r.mask), k.text("gw", &r.gw), k.text("gateway", &r.gw), k.text("metric", &r.metric),
		{"dev", func(o word) { r.dev = k.value(o) }},
	}, only("reject", "mss", "window", "irtt", "mod", "dyn", "reinstate")...), func(w word) bool { return k.toolWord(r, w, v6) })
	switch {
	case !known || r.other:
		return false
	case r.dst == "":
		return k.fail(k.last(), "route %s: the destination is missing", c)
	case v6 && c == "add" && r.metric == "":
		r.metric = "1" // net-tools' own (INET6_setroute, lib/inet6_sr.c)
	}
	return k.toolRoute(c, r)
}

// toolWord is the destination, or an interface at the end.
func (k *call) toolWord(r *toolRoute, w word, v6 bool) bool {
	dst, ok := destination(w.text, v6)
	switch {
	case ok && r.dst == "":
		r.dst = dst
		return true
	case ok && r.gw == "":
		k.insert(w, "gw")
		r.gw = w.text
		return true
	case r.dst == "" && near(w.text, "default"):
		k.fix(w, "default")
		r.dst = "default"
		return true
	}
	if r.dst != "" && r.dev == "" && k.hasLink(k.node, w.text) {
		r.dev = w.text
		return true
	}
	return false
}

func (k *call) toolRoute(c string, r *toolRoute) bool {
	if r.mask != "" {
		bits, ok := maskBits(r.mask)
		p, isPrefix := prefixOf(r.dst)
		if r.dst == "default" && bits == 0 {
			ok, isPrefix = true, true
		}
		if !ok || !isPrefix && r.dst != "default" {
			return k.fail(k.last(), "%q is no netmask", r.mask)
		}
		if r.dst != "default" {
			r.dst = netip.PrefixFrom(p.Addr(), bits).String()
		}
	}
	text := map[string]string{"add": "route ", "delete": "del route "}[c] + k.node + " " + r.dst
	for _, o := range [][2]string{{"via", r.gw}, {"dev", r.dev}, {"metric", r.metric}} {
		if o[1] != "" && !(o[0] == "metric" && o[1] == "0") {
			text += " " + o[0] + " " + o[1]
		}
	}
	return k.say("%s", text)
}

// arp shows, enters and deletes; files of entries are read by the program.
func arp(k *call) bool {
	if !k.hasLetter("sdf", "--set", "--delete", "--file") {
		return k.read("neigh")
	}
	dev, does := "", ""
	var words []string
	for {
		w, ok := k.next()
		switch {
		case !ok:
			return k.arpEntry(does, dev, words)
		case w.text == "-i" || w.text == "--device":
			dev = k.value(w)
		case w.text == "-s" || w.text == "--set" || w.text == "-d" || w.text == "--delete":
			does += strings.TrimLeft(w.text, "-")[:1]
		case w.text == "-n" || w.text == "-v":
		case isOption(w.text):
			return false
		default:
			words = append(words, w.text)
		}
	}
}

// arpEntry enters an address with its hardware address, or deletes it.
func (k *call) arpEntry(does, dev string, words []string) bool {
	if len(words) == 0 || dev != "" && !k.hasLink(k.node, dev) {
		return false
	}
	a, err := netip.ParseAddr(words[0])
	if err != nil || !a.Is4() {
		return false
	}
	place := k.node
	if dev != "" {
		place = plan.Place(k.node, dev)
	} else if k.node == plan.Host {
		return false // one word there would be a node or an interface
	}
	switch {
	case does == "d" && len(words) == 1:
		return k.say("del neigh %s %s", place, a)
	case does == "s" && len(words) == 2:
		if _, err := net.ParseMAC(words[1]); err == nil {
			return k.say("neigh %s %s mac %s", place, a, words[1])
		}
	}
	return false
}
