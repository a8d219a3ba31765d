package plan

import "strings"

// Setting is one sysctl: its dotted key and its value.
type Setting struct{ Key, Value string }

// SettingName is an interface's name inside a dotted key: a dot in it is written as a slash
// (sysctl(8)).
func SettingName(link string) string { return strings.ReplaceAll(link, ".", "/") }

// SetSysctl writes a kernel setting of a node. Keys are dotted; a dot inside a
// component (an interface name) is written as a slash, as sysctl(8) does it.
type SetSysctl struct {
	Node, Key, Value string
	// Was is the value before.
	Was string
	// Optional: do nothing where this kernel has no such setting.
	Optional bool
}

// Baseline writes the settings of [BaselineSettings] into a node, so that a
// lab behaves alike whatever the machine's own settings are. A new namespace
// takes its IPv4 settings from the machine (Documentation/admin-guide/sysctl/
// net.rst, devconf_inherit_init_net).
type Baseline struct{ Node string }

func (SetSysctl) op() {}
func (Baseline) op()  {}

// Effect is the new value, unless it is a precaution that most kernels do not need.
// IPv6 addresses go where IPv6 does.
func (o SetSysctl) Effect() Effect {
	e := Effect{Object: o.Key + " in " + o.Node, Unsaid: strings.HasSuffix(o.Key, "disable_ipv6")}
	if !o.Optional {
		e.Text = o.Node + ": " + o.Key + " = " + o.Value
	}
	return e
}

// Effect is nothing that is followed.
func (o Baseline) Effect() Effect { return Effect{Object: "settings of " + o.Node} }

// Inverse writes the former value.
func (o SetSysctl) Inverse() []Op {
	return []Op{SetSysctl{Node: o.Node, Key: o.Key, Value: o.Was, Was: o.Value, Optional: o.Optional}}
}

// Inverse is empty: the settings go with the namespace.
func (o Baseline) Inverse() []Op { return nil }

// Commands is sysctl -w.
func (o SetSysctl) Commands() []Command {
	flags := "-qw"
	if o.Optional {
		flags = "-eqw"
	}
	return []Command{Inside(o.Node, "sysctl", flags, o.Key+"="+o.Value)}
}

// Commands is sysctl -w of all settings; -e because old kernels lack some.
func (o Baseline) Commands() []Command {
	c := Inside(o.Node, "sysctl", "-eqw")
	for _, s := range BaselineSettings() {
		c = append(c, s.Key+"="+s.Value)
	}
	return []Command{c}
}

// BaselineSettings are the settings every namespace of a lab starts with, in
// the order to write them. They are the kernel's own defaults
// (Documentation/networking/ip-sysctl.rst) but for three: secondary addresses
// outlive their primary (as systemd has it everywhere), ICMP errors are not
// rate limited (a probe must see its answer; by the mask, for an IPv4 limit of
// 0 would starve the errors of routes, which share its bucket), and new IPv6 addresses are
// usable at once (no duplicate address detection).
func BaselineSettings() []Setting {
	settings := []Setting{
		{"net.ipv4.ip_forward", "0"},
		{"net.ipv4.icmp_ratemask", "0"},
		{"net.ipv6.icmp.ratelimit", "0"},
		{"net.ipv6.conf.all.forwarding", "0"},
		{"net.ipv6.conf.all.disable_ipv6", "0"},
		{"net.ipv6.conf.default.disable_ipv6", "0"},
		{"net.ipv6.conf.default.accept_dad", "0"},
		{"net.ipv4.conf.all.promote_secondaries", "1"}, // or'ed with an interface's own
		{"net.ipv4.conf.default.promote_secondaries", "0"},
	}
	for _, s := range []Setting{
		{"rp_filter", "0"}, {"arp_ignore", "0"}, {"arp_announce", "0"}, {"arp_filter", "0"},
		{"proxy_arp", "0"}, {"accept_local", "0"}, {"accept_redirects", "1"}, {"send_redirects", "1"},
	} {
		for _, scope := range []string{"all", "default"} {
			settings = append(settings, Setting{"net.ipv4.conf." + scope + "." + s.Key, s.Value})
		}
	}
	return settings
}

// SettingRank orders settings, whose keys are paths, so that none changes one that was
// written before it: those of all and default change the interfaces', and forwarding and
// disable_ipv6 change others of their scope (inet_forward_change, net/ipv4/devinet.c; addrconf_fixup_forwarding,
// net/ipv6/addrconf.c).
func SettingRank(key string) int {
	r := 4
	switch {
	case strings.Contains(key, "/all/"):
		r = 0
	case strings.Contains(key, "/default/"):
		r = 2
	}
	if strings.HasSuffix(key, "/forwarding") || strings.HasSuffix(key, "/disable_ipv6") {
		return r
	}
	return r + 1
}
