package foreign

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// configured is what ifconfig is to do with an interface.
type configured struct {
	link                     string
	mtu, mac, state          string
	addr, netmask, broadcast string
	opts                     ifOptions
	unknown                  bool
}

// ifconfig shows, sets interfaces up and down, and sets addresses, MTU and hardware address.
func ifconfig(k *call) bool {
	for slices.Contains([]string{"-a", "-s", "-v"}, k.peek()) {
		k.next()
	}
	w, ok := k.next()
	if !ok {
		return k.read("addrs")
	}
	if strings.Contains(w.text, ":") {
		return false
	}
	c := &configured{link: k.linkName(k.node, w)}
	if k.peek() == "" {
		return k.read("addrs")
	}
	ok = k.options(k.ifconfigOptions(c), func(w word) bool {
		again := c.addr != ""
		c.addr = w.text
		_, isAddr := prefixOf(w.text)
		return (isAddr || w.text == "0") && !again
	})
	return ok && !c.unknown && k.configure(c)
}

func (k *call) ifconfigOptions(c *configured) []option {
	options := []option{
		{"up", func(word) { c.state = "up" }},
		{"down", func(word) { c.state = "down" }},
		k.text("mtu", &c.mtu), k.text("netmask", &c.netmask), k.text("broadcast", &c.broadcast),
		{"hw", func(o word) { _, c.mac = k.value(o), k.value(o) }},
		{"add", func(o word) { k.say("addr %s %s", k.place(c.link), k.value(o)) }},
		{"del", func(o word) { k.say("del addr %s %s", k.place(c.link), k.value(o)) }},
		{"inet6", func(word) { c.unknown = c.unknown || k.peek() != "add" && k.peek() != "del" }},
		{"txqueuelen", func(o word) { c.unknown = !c.opts.add("", "txqueuelen", k.value(o)) || c.unknown }},
	}
	flags := map[string]string{"promisc": "promisc", "arp": "arp", "multicast": "multicast", "allmulti": "allmulticast"}
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		options = append(options, option{name, func(word) { c.opts.add("", flags[name], plan.On) }},
			option{"-" + name, func(word) { c.opts.add("", flags[name], plan.Off) }})
	}
	return append(options, only("pointopoint", "metric", "inet", "dstaddr", "tunnel", "-broadcast")...)
}

// configure says what is to be done, as ifconfig does it: an address sets the interface up.
func (k *call) configure(c *configured) bool {
	if c.addr != "" && !k.configureAddr(c) || c.addr == "" && c.netmask+c.broadcast != "" {
		return false
	}
	k.sayIf(c.state != "", "%s %s", c.state, k.place(c.link))
	k.sayIf(c.mtu != "", "mtu %s %s", k.place(c.link), c.mtu)
	k.sayIf(c.mac != "", "mac %s %s", k.place(c.link), c.mac)
	k.sayOptions(k.place(c.link), c.opts)
	return true
}

// configureAddr sets the address in place of the one that is there, with its broadcast
// address (devinet_ioctl, net/ipv4/devinet.c); false for what only the program does.
func (k *call) configureAddr(c *configured) bool {
	p, ok := c.prefix()
	l, err := k.lab.Link(k.node, c.link)
	if c.addr == "0" || p.Addr() == netip.IPv4Unspecified() && p.IsValid() {
		c.state = cmp.Or(c.state, "up")
		return k.flushIPv4(c.link, l)
	}
	old := slices.DeleteFunc(slices.Clone(l.Addrs), func(a netip.Prefix) bool { return !a.Addr().Is4() })
	if !ok || err != nil || c.state == "down" || len(old) > 1 {
		return false
	}
	c.state = "up"
	if c.link == plan.Loopback {
		return p.String() == "127.0.0.1/8" // which it has when it is up
	}
	to, has := plan.BroadcastOf(p)
	broadcasts := slices.Contains([]string{"veth", "bridge", "tap", "dummy", "vlan", "macvlan", "bond"}, l.Kind)
	if !broadcasts || c.broadcast != "" && (!has || c.broadcast != to.String()) {
		return false
	}
	if slices.Contains(old, p) && l.AddrOptions(p) == (plan.AddrOptions{Broadcast: has}) {
		return true
	}
	for _, a := range old {
		k.say("del addr %s %s", k.place(c.link), a)
	}
	return k.say("addr %s %s%s", k.place(c.link), p, map[bool]string{true: " brd"}[has])
}

// flushIPv4 deletes the first address and what it has beside it, as the address 0 does.
func (k *call) flushIPv4(link string, l plan.Link) bool {
	for _, a := range l.Addrs {
		if a.Addr().Is4() {
			k.say("del addr %s %s", k.place(link), a)
		}
	}
	return true
}

// prefix is the address with the length of its netmask, or of its class (RFC 791, section 3.2).
func (c *configured) prefix() (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(c.addr); err == nil {
		return p, p.Addr().Is4() && c.netmask == ""
	}
	a, err := netip.ParseAddr(c.addr)
	if err != nil || !a.Is4() {
		return netip.Prefix{}, false
	}
	if c.netmask != "" {
		bits, ok := maskBits(c.netmask)
		return netip.PrefixFrom(a, bits), ok
	}
	switch first := a.As4()[0]; {
	case first < 128:
		return netip.PrefixFrom(a, 8), true
	case first < 192:
		return netip.PrefixFrom(a, 16), true
	default:
		return netip.PrefixFrom(a, 24), first < 224
	}
}
