package state

import (
	"errors"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// Pristine are the settings, by their path, of a namespace of the lab in which nothing
// was changed but its baseline. They differ from machine to machine: a new namespace
// takes some of the machine's.
type Pristine map[string]string

// ReadPristine reads the settings of a node in which nothing was changed yet: of the host
// of a lab that begins.
func ReadPristine(v plan.View, node string) (Pristine, error) {
	list, err := v.Settings(node)
	p := Pristine{}
	for _, s := range list {
		p[s.Key] = s.Value
	}
	if err != nil {
		return nil, err
	}
	list, err = readKeys(v, node, single())
	for _, s := range list {
		p[s.Key] = s.Value
	}
	return p, err
}

// The keys of forwarding.
const (
	forward4 = "net.ipv4.ip_forward"
	forward6 = "net.ipv6.conf.all.forwarding"
	all4     = "net/ipv4/conf/all/forwarding"
)

// single are the settings of a whole namespace that are compared.
func single() []string {
	list := []string{
		"net/ipv4/fib_multipath_hash_policy", "net/ipv4/fwmark_reflect",
		"net/ipv4/icmp_echo_ignore_all", "net/ipv4/icmp_echo_ignore_broadcasts",
		"net/ipv4/icmp_errors_use_inbound_ifaddr", "net/ipv4/icmp_ratelimit",
		"net/ipv4/ip_default_ttl", "net/ipv4/ip_no_pmtu_disc", "net/ipv4/ip_nonlocal_bind",
		"net/ipv4/ip_unprivileged_port_start", "net/ipv4/tcp_ecn", "net/ipv4/tcp_sack",
		"net/ipv4/tcp_syncookies", "net/ipv4/tcp_timestamps", "net/ipv4/tcp_window_scaling",
		"net/ipv6/bindv6only", "net/ipv6/fib_multipath_hash_policy",
		"net/ipv6/icmp/echo_ignore_all", "net/ipv6/ip_nonlocal_bind",
	}
	for _, s := range plan.BaselineSettings() {
		if key := settingPath(s.Key); !strings.Contains(key, "/conf/") {
			list = append(list, key)
		}
	}
	return list
}

// settingPath is the path of a key, which sysctl(8) takes with dots or slashes: the first
// one says which. What has two names gets that of all interfaces.
func settingPath(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	if key == "net/ipv4/ip_forward" {
		return all4
	}
	return key
}

// dotted is a path as scripts have it.
func dotted(path string) string {
	if path == all4 {
		return forward4
	}
	return strings.NewReplacer("/", ".", ".", "/").Replace(path)
}

// of is the pristine value of a setting: an interface begins with those of "default".
func (p Pristine) of(path string) (value string, known bool) {
	if value, known = p[path]; known {
		return value, known
	}
	parts := strings.Split(path, "/")
	if len(parts) == 5 {
		parts[3] = "default"
		value, known = p[strings.Join(parts, "/")]
	}
	return value, known
}

// settings is a View that reads many settings of a node faster than one by one. Keys are paths;
// those that a node has not are left out.
type settings interface {
	Sysctls(node string, keys []string) ([]plan.Setting, error)
}

// readKeys reads settings. A model has the value "" for what it does not know.
func readKeys(v plan.View, node string, keys []string) ([]plan.Setting, error) {
	if fast, ok := v.(settings); ok {
		return fast.Sysctls(node, keys)
	}
	var list []plan.Setting
	for _, key := range keys {
		value, err := v.Sysctl(node, key)
		if err != nil && !errors.Is(err, plan.ErrNoSysctl) {
			return nil, err
		}
		if value != "" {
			list = append(list, plan.Setting{Key: key, Value: value})
		}
	}
	return list, nil
}

// changed are the settings of a node that are not pristine: of the interfaces if each is set, of
// the node, and of those of keys also what is not known to be pristine.
func (p Pristine) changed(v plan.View, node string, each bool, keys []string) (map[string]string, error) {
	changed := map[string]string{}
	if each {
		list, err := v.Settings(node)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if was, known := p.of(s.Key); known && was != s.Value && !ofKind(s) {
				changed[s.Key] = s.Value
			}
		}
	}
	list, err := readKeys(v, node, keys)
	for _, s := range list {
		if was, known := p.of(s.Key); !known || was != s.Value {
			changed[s.Key] = s.Value
		}
	}
	forgetMachine(changed)
	return changed, err
}

// forgetMachine forgets the settings that a node has of the machine because a program made it,
// which wrote no baseline. They are where no lab writes them.
func forgetMachine(changed map[string]string) {
	if changed["net/ipv4/icmp_ratemask"] == "" || changed["net/ipv6/icmp/ratelimit"] == "" {
		return
	}
	for _, s := range plan.BaselineSettings() {
		if key := settingPath(s.Key); key != all4 && !strings.HasSuffix(key, "/forwarding") && !strings.HasSuffix(key, "/disable_ipv6") {
			delete(changed, key)
		}
	}
	for key := range changed {
		if strings.HasSuffix(key, "/accept_dad") {
			delete(changed, key)
		}
	}
}

// most is in how many nodes all settings are compared.
const most = 100

// toRead are the keys to read in each node of a lab of n, and whether those of each interface are
// read beside them: in large labs that would take a minute.
func toRead(n int, keys []string) (all []string, each bool) {
	if each = n <= most; each {
		all = single()
	} else {
		all = []string{settingPath(forward4), settingPath(forward6)}
	}
	for _, key := range keys {
		if key = settingPath(key); !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all, each
}

// ofKind reports a value that the kernel gives to an interface by itself: -1 is for those
// that a setting is of no use for (addrconf_add_dev, net/ipv6/addrconf.c), and the MTU of
// IPv6 follows the interface's.
func ofKind(s plan.Setting) bool { return s.Value == "-1" || strings.HasSuffix(s.Key, "/mtu") }
