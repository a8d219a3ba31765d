package model

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"syscall"

	"nsl/runtime/plan"
)

// settings are a node's: what was written. No map is ever changed, each write
// makes a new one: links and nodes share them.
type settings struct {
	// all and def are net.ipv?.conf.all and .default, by family.
	all, def [2]map[string]string
	single   map[string]string
}

// linkConf are an interface's settings of one family.
type linkConf struct {
	// base is what default was when the interface was created.
	base map[string]string
	// fixed reports that changes of default do not matter any more: with IPv6 from
	// the start, with IPv4 from the first address on. What default was then is
	// in last.
	fixed bool
	last  map[string]string
	own   map[string]string
}

// fresh are the settings of a new interface.
func (s *settings) fresh() [2]linkConf {
	return [2]linkConf{{base: s.def[v4]}, {base: s.def[v6], fixed: true}}
}

// fix ends the following of default (ipv4_devconf_setall).
func (c *linkConf) fix(def map[string]string) {
	if !c.fixed {
		c.fixed, c.last = true, def
	}
}

// put is a map with one entry changed.
func put(m map[string]string, key, value string) map[string]string {
	next := make(map[string]string, len(m)+1)
	maps.Copy(next, m)
	next[key] = value
	return next
}

// setting is what was written to an interface's setting, or through default
// before it was created; "" where neither was.
func (l *link) setting(family int, leaf string) string {
	c := &l.conf[family]
	if v, ok := c.own[leaf]; ok {
		return v
	}
	if v, ok := c.base[leaf]; ok || leaf == "forwarding" {
		return v // forwarding never follows default
	}
	if c.fixed {
		return c.last[leaf]
	}
	return l.node.sys.def[family][leaf]
}

// on reports whether a switch is: any number but 0 is.
func on(value string) bool { return value != "" && value != "0" }

// sysctlKey is a key taken apart.
type sysctlKey struct {
	// conf tells a setting that each interface has. Scope is "all", "default"
	// or the interface then, and leaf the setting.
	conf        bool
	family      int
	scope, leaf string
	// key is the whole of others.
	key string
}

// parseKey reads a key as sysctl(8) takes it: when its first separator is a dot,
// a slash means a dot; when it is a slash, it is a path already. Keys
// outside net are not a namespace's own.
func parseKey(key string) (sysctlKey, error) {
	path := key
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		path = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	parts := strings.Split(path, "/")
	if len(parts) < 2 || parts[0] != "net" {
		return sysctlKey{}, noSysctl(key)
	}
	if len(parts) == 5 && parts[2] == "conf" && (parts[1] == "ipv4" || parts[1] == "ipv6") {
		k := sysctlKey{conf: true, scope: parts[3], leaf: parts[4]}
		if parts[1] == "ipv6" {
			k.family = v6
		}
		return k, nil
	}
	if key = strings.Join(parts, "."); key == "net.ipv4.ip_forward" {
		return sysctlKey{conf: true, scope: "all", leaf: "forwarding"}, nil
	}
	return sysctlKey{key: key}, nil
}

func noSysctl(key string) error { return fmt.Errorf("%s: %w", key, plan.ErrNoSysctl) }

// Sysctl is the value of a setting. A key under net that the model does not
// know, as a module may have brought it, is no error: its value is "".
// plan.ErrNoSysctl is the answer for a key outside net and for the settings of
// an interface that is not there.
func (m *Model) Sysctl(node, key string) (string, error) {
	n, err := m.node(node)
	if err != nil {
		return "", err
	}
	k, err := parseKey(key)
	if err != nil {
		return "", err
	}
	var value, def string
	switch {
	case !k.conf:
		value, def = n.sys.single[k.key], m.known.single[k.key]
	case k.scope == "all":
		value = n.sys.all[k.family][k.leaf]
	case k.scope == "default":
		value = n.sys.def[k.family][k.leaf]
	default:
		l, err := n.confLink(k)
		if err != nil {
			return "", noSysctl(key)
		}
		value = l.setting(k.family, k.leaf)
	}
	if k.conf {
		def = m.known.conf[k.family][k.leaf]
	}
	if value == "" {
		value = def
	}
	return value, nil
}

// confLink is the interface of a key. One that is too small for IPv6 has no
// settings of it.
func (n *node) confLink(k sysctlKey) (*link, error) {
	l, err := n.link(k.scope)
	if err == nil && k.family == v6 && l.mtu < plan.MinMTU6 {
		err = plan.ErrNoSysctl
	}
	return l, err
}

func (m *Model) setSysctl(o plan.SetSysctl) error {
	k, err := parseKey(o.Key)
	var n *node
	if err == nil {
		n, err = m.settable(o.Node, k, o.Key)
	}
	if o.Optional && errors.Is(err, plan.ErrNoSysctl) {
		return nil
	}
	if err != nil {
		return err
	}
	value, err := m.normal(k, o.Value)
	if err == nil {
		err = m.fits(n, k, value)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", o.Key, err)
	}
	if value != "" {
		m.write(n, k, value)
	}
	return nil
}

// settable finds the node, if it has such a setting.
func (m *Model) settable(where string, k sysctlKey, key string) (*node, error) {
	n, err := m.node(where)
	if err == nil && k.conf && k.scope != "all" && k.scope != "default" {
		if _, missing := n.confLink(k); missing != nil {
			err = noSysctl(key)
		}
	}
	return n, err
}

// normal is a value as it is read back. What has a number for its default takes
// only numbers.
func (m *Model) normal(k sysctlKey, value string) (string, error) {
	value = strings.TrimSpace(value)
	def := m.known.single[k.key]
	if k.conf {
		def = m.known.conf[k.family][k.leaf]
	}
	if _, err := strconv.Atoi(def); err != nil || value == "" {
		return value, nil
	}
	number, err := strconv.ParseInt(value, 0, 32)
	if err != nil {
		return "", syscall.EINVAL
	}
	return strconv.FormatInt(number, 10), nil
}

// write stores a value and does what the kernel does besides.
func (m *Model) write(n *node, k sysctlKey, value string) {
	switch {
	case !k.conf:
		n.sys.single = put(n.sys.single, k.key, value)
	case k.scope == "all":
		m.writeAll(n, k, value)
	case k.scope == "default":
		n.sys.def[k.family] = put(n.sys.def[k.family], k.leaf, value)
	default:
		n.links[k.scope].write(k.family, k.leaf, value)
	}
}

func (l *link) write(family int, leaf, value string) {
	l.conf[family].own = put(l.conf[family].own, leaf, value)
	if family == v6 && leaf == "disable_ipv6" {
		l.followDisable()
	}
}

// followDisable ends IPv6 on an interface where it has been turned off, and
// gives the loopback its address back.
func (l *link) followDisable() {
	if !l.hasV6() {
		l.dropV6()
		l.killFamily(true)
	} else if l.loopback() && l.up {
		l.addLoopbackAddrs()
		l.sync()
	}
}

// writeAll stores a value for all interfaces. Of most settings the kernel
// combines it with the interface's own; forwarding and disable_ipv6 it copies
// to default and to every interface, when they change.
func (m *Model) writeAll(n *node, k sysctlKey, value string) {
	before := n.sys.all[k.family][k.leaf]
	if before == "" {
		before = m.known.conf[k.family][k.leaf]
	}
	n.sys.all[k.family] = put(n.sys.all[k.family], k.leaf, value)
	if before == value || k.leaf != "forwarding" && (k.leaf != "disable_ipv6" || k.family != v6) {
		return
	}
	n.sys.def[k.family] = put(n.sys.def[k.family], k.leaf, value)
	for _, l := range n.byIndex {
		l.write(k.family, k.leaf, value)
	}
	if k.family == v4 {
		// A router takes no redirects (inet_forward_change, net/ipv4/devinet.c).
		redirects := "1"
		if on(value) {
			redirects = "0"
		}
		n.sys.all[v4] = put(n.sys.all[v4], "accept_redirects", redirects)
	}
}
