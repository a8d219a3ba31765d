package lab

import (
	"errors"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// ForwardingKey is the setting that lets a node pass packets on.
func ForwardingKey(v6 bool) string {
	if v6 {
		return "net.ipv6.conf.all.forwarding"
	}
	return "net.ipv4.ip_forward"
}

// IsRouter reports whether a node passes on packets of a family that are not meant
// for it.
func IsRouter(view plan.View, node string, v6 bool) bool {
	value, err := view.Sysctl(node, ForwardingKey(v6))
	return err == nil && value != "0" && value != ""
}

// SetSysctl writes a setting where it differs.
func SetSysctl(p *verb.Plan, at source.Span, node, key, value string) {
	was, err := p.Sysctl(node, key)
	p.Err(at, err)
	if err == nil && was != value {
		p.Do(at, plan.SetSysctl{Node: node, Key: key, Value: value, Was: was})
	}
}

// SameValue compares values as the kernel reads them: by their words.
func SameValue(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// SysctlProblem is the finding that a setting cannot be read.
func SysctlProblem(view verb.Lab, word syntax.Setting, node string, err error) *diag.Diagnostic {
	key, _ := word.Split()
	if !errors.Is(err, plan.ErrNoSysctl) {
		return diag.New(diag.KernelRefused, diag.Machine, word.Span, "%s cannot be read in %s: %v", key, node, err)
	}
	d := diag.Errorf(diag.UnknownKey, word.Span, "%s has no setting %s", node, key)
	return d.WithNearest(strings.ReplaceAll(key, "/", "."), keysOf(view, node), "list them with: exec %s sysctl -a\nsome settings are the machine's, and no node has them", node)
}

// keysOf are well-known settings, and those of a node's interfaces.
func keysOf(view verb.Lab, node string) []string {
	scopes := []string{"all", "default"}
	links, _ := view.Links(node)
	for _, l := range links {
		scopes = append(scopes, plan.SettingName(l.Name))
	}
	keys := []string{"net.ipv4.icmp_echo_ignore_all", "net.ipv4.icmp_echo_ignore_broadcasts",
		"net.ipv4.ip_default_ttl", "net.ipv4.ip_local_port_range", "net.ipv4.ping_group_range",
		"net.ipv4.tcp_syncookies", "net.ipv4.ip_unprivileged_port_start"}
	for _, s := range plan.BaselineSettings() {
		before, leaf, found := strings.Cut(s.Key, ".conf.all.")
		if !found {
			keys = append(keys, s.Key)
			continue
		}
		for _, scope := range scopes {
			keys = append(keys, before+".conf."+scope+"."+leaf)
		}
	}
	return keys
}

// NoIPv6 is the finding that a node's own settings keep IPv6 off an interface, where
// the kernel would refuse an address or a route (ipv6_add_addr, net/ipv6/addrconf.c;
// fib6_nh_init, net/ipv6/route.c); nil where IPv6 is on. A link that is to be made
// starts with the settings of "default".
func NoIPv6(view verb.Lab, at source.Span, node, link string) *diag.Diagnostic {
	scope := plan.SettingName(link)
	if _, err := view.Link(node, link); err != nil {
		scope = "default"
	}
	key := "net.ipv6.conf." + scope + ".disable_ipv6"
	value, err := view.Sysctl(node, key)
	if err != nil || value == "0" {
		return nil
	}
	return diag.Errorf(diag.FamilyMismatch, at, "IPv6 is turned off on %s: %s=%s", plan.Place(node, link), key, value).
		WithHelp("turn it on first: sysctl %s %s=0", node, key)
}
