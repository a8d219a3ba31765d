package foreign

import (
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// bridge is iproute2's: what changes something is done by the program, but for the
// options of ports and the entries of a vxlan.
func bridge(k *call) bool {
	if !k.inNode() {
		return false
	}
	w, ok := k.next()
	if !ok {
		return k.fail(k.last(), "what? for example: bridge link")
	}
	object := k.keyword(w, []string{"link", "fdb", "mdb", "vlan", "vni", "monitor", "help"})
	if object == "link" && k.peek() == "set" {
		return k.portOptions()
	}
	if object == "fdb" && !isList(k.peek()) {
		return k.forward()
	}
	return slices.Contains([]string{"link", "fdb", "mdb", "vlan"}, object) && isList(k.peek()) && k.read("links")
}

// portOptions are those that bridge link set has.
func (k *call) portOptions() bool {
	k.next()
	var opts ifOptions
	dev := word{}
	for {
		w, ok := k.next()
		if !ok {
			break
		}
		value, has := k.next()
		switch {
		case !has:
			return false
		case w.text == "dev":
			dev = value
		case !opts.add(plan.OfPort, w.text, value.text):
			return false
		}
	}
	if dev.text == "" || len(opts) == 0 {
		return false
	}
	k.sayOptions(k.place(k.linkName(k.node, dev)), opts)
	return true
}

// inNode takes the options of iproute2 before the object, of which one names the node. It
// reports false for a file of commands.
func (k *call) inNode() bool {
	for isDashed(k.peek()) {
		w, _ := k.next()
		if abbreviates(w.text, "-batch", 2) {
			return false
		}
		if takesNetns(w.text) {
			if n, ok := k.next(); ok {
				k.node = k.nodeName(n)
				k.dropped = append(k.dropped, w, n)
			}
		}
	}
	return true
}

// tc is iproute2's: the disciplines, classes and filters are listed by it, too.
func tc(k *call) bool {
	if !k.inNode() {
		return false
	}
	w, _ := k.next()
	object := choose(w.text, []string{"qdisc", "class", "filter", "chain"})
	if object == "qdisc" && !isTCList(k.peek()) {
		return k.shape()
	}
	return object != "" && isTCList(k.peek()) && k.read("links")
}

// isTCList reports the command of tc that lists, which it lets abbreviate to a letter.
func isTCList(text string) bool {
	return isList(text) || text != "" && (strings.HasPrefix("show", text) || strings.HasPrefix("list", text) || text == "ls") //nolint:gocritic // an abbreviation begins it
}

// brctl is bridge-utils'.
func brctl(k *call) bool {
	w, ok := k.next()
	if !ok {
		return k.fail(k.last(), "what? for example: brctl show")
	}
	commands := []string{"addbr", "delbr", "addif", "delif", "show", "stp", "setageing", "setbridgeprio", "setfd", "sethello",
		"setmaxage", "setpathcost", "setportprio", "showmacs", "showstp", "hairpin"}
	c := w.text
	if !slices.Contains(commands, c) {
		switch c = nearWord(w.text, commands); {
		case w.text == "add" || w.text == "del":
			c = w.text + map[bool]string{true: "br", false: "if"}[len(k.args) < 2]
		case c == "":
			return k.fail(w, "brctl has no command %q", w.text)
		}
		k.fix(w, c)
	}
	if strings.HasPrefix(c, "show") {
		return k.read("topology")
	}
	br, ok := k.next()
	if !ok {
		return k.fail(k.last(), "%s: the bridge is missing", c)
	}
	return k.brctl(c, br)
}

func (k *call) brctl(c string, br word) bool {
	switch c {
	case "addbr":
		k.say("bridge %s noaddr", k.place(br.text))
		return k.say("down %s", k.place(br.text))
	case "delbr":
		return k.remove(k.linkName(k.node, br))
	case "addif", "delif":
		name := k.linkName(k.node, br)
		for {
			w, ok := k.next()
			if !ok {
				return len(k.out.Statements) > 0 || k.fail(k.last(), "%s: the interface is missing", c)
			}
			port := k.place(k.linkName(k.node, w))
			if c == "delif" {
				k.say("detach %s", port)
			} else {
				k.say("attach %s -> %s", port, k.place(name))
			}
		}
	}
	return k.bridgeOption(c, br)
}

// bridgeOption is an option of a bridge or of its port, which ip and bridge set as well, in
// other units: nsl need not find brctl installed.
func (k *call) bridgeOption(c string, br word) bool {
	port, at := "", word{}
	if slices.Contains([]string{"setpathcost", "setportprio", "hairpin"}, c) {
		at, _ = k.next()
		port = at.text
	}
	w, ok := k.next()
	if !ok {
		return k.fail(k.last(), "%s: the value is missing", c)
	}
	value := w.text
	if on := map[string]string{"on": "1", "yes": "1", "off": "0", "no": "0"}[value]; on != "" {
		value = on
	}
	const hundredths = 100
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return k.fail(w, "%s: %q is no value", c, w.text)
	}
	option := map[string]string{"setageing": "ageing_time", "setfd": "forward_delay", "sethello": "hello_time", "setmaxage": "max_age",
		"stp": "stp_state", "setbridgeprio": "priority", "setpathcost": "cost", "setportprio": "priority", "hairpin": "hairpin"}[c]
	if strings.HasPrefix(c, "set") && port == "" && c != "setbridgeprio" {
		value = strconv.Itoa(int(seconds * hundredths))
	}
	of, place := plan.OfBridge, br
	if port != "" {
		of, place = plan.OfPort, at
	}
	var opts ifOptions
	if !opts.add(of, option, value) {
		return k.run("ip", "link", "set", place.text, "type", of, option, value)
	}
	k.sayOptions(k.place(k.linkName(k.node, place)), opts)
	return true
}

// forward is bridge fdb, for entries of a vxlan: those of others are the program's.
func (k *call) forward() bool {
	c, _ := k.next()
	var mac, dev, dst string
	known := k.options(append([]option{k.text("dev", &dev), k.text("dst", &dst), nothing("self"), nothing("permanent"), nothing("static")},
		only("local", "dynamic", "master", "router", "use", "extern_learn", "sticky", "vlan", "src_vni", "vni", "port", "via", "nhid")...), func(w word) bool {
		if mac != "" {
			return false
		}
		mac = w.text
		return true
	})
	verb := map[string]string{"add": "fdb ", "append": "fdb ", "replace": "fdb ", "del": "del fdb ", "delete": "del fdb "}[c.text]
	if !known || verb == "" || mac == "" || dev == "" || dst == "" {
		return false
	}
	if mac == plan.NoMAC {
		mac = "all"
	}
	return k.say("%s%s %s dst %s", verb, k.placeIn(k.node, dev), mac, dst)
}
