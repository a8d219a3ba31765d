package routes

import (
	"math"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// span are the least and the greatest value that the kernel takes.
type span struct{ least, most int64 }

// ranges are the bounds of settings that are the same in all kernels of today
// (ipv4_net_table, net/ipv4/sysctl_net_ipv4.c; addrconf_sysctl, net/ipv6/addrconf.c).
func ranges() map[string]span {
	toggle, port := span{0, 1}, span{0, math.MaxUint16}
	return map[string]span{
		"net.ipv4.ip_default_ttl":               {1, math.MaxUint8},
		"net.ipv4.icmp_echo_ignore_all":         toggle,
		"net.ipv4.icmp_echo_ignore_broadcasts":  toggle,
		"net.ipv4.ip_unprivileged_port_start":   port,
		"net.ipv4.fib_multipath_use_neigh":      toggle,
		"net.ipv4.tcp_syncookies":               {0, math.MaxUint8},
		"net.ipv6.conf.*.mtu":                   {plan.MinMTU6, math.MaxInt32},
		"net.ipv6.conf.*.hop_limit":             {1, math.MaxUint8},
		"net.ipv6.conf.*.addr_gen_mode":         {0, 3},
		"net.ipv6.conf.*.ndisc_evict_nocarrier": toggle,
	}
}

// writeOnly reports a key that starts an action when it is written, and has no
// value to read and none to restore.
func writeOnly(key string) bool {
	return key == "net.ipv4.route.flush" || key == "net.ipv6.route.flush"
}

// readOnly reports a key that the kernel itself sets.
func readOnly(key string) bool { return strings.HasSuffix(key, ".mc_forwarding") }

// unsettable is what is wrong with a setting whatever its value is now.
func unsettable(word syntax.Setting) *diag.Diagnostic {
	key, value := word.Split()
	plain := withoutScope(key)
	switch {
	case writeOnly(plain):
		return diag.Errorf(diag.BadSetting, word.Span, "%s is an action, not a setting: it has no value that could be restored", key).
			WithHelp("start it as a program does: exec NODE sysctl -w %s", word.Value)
	case readOnly(plain):
		return diag.Errorf(diag.BadSetting, word.Span, "%s is read-only: the kernel sets it", key)
	case strings.HasSuffix(plain, ".stable_secret"):
		return diag.Errorf(diag.BadSetting, word.Span, "%s cannot be read until it is set, so its value could not be restored", key).
			WithHelp("set it as a program does: exec NODE sysctl -w %s", word.Value)
	case plain == "net.ipv4.ip_local_port_range" && !isRange(value):
		return diag.Errorf(diag.BadSetting, word.Span, "%s is the first and the last port, not %q", key, value).
			WithHelp("quote the two: '%s=32768 60999'", key)
	case plain == "net.ipv4.ping_group_range":
		return badGroups(word, value)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(value), 0, 64)
	if s, ok := ranges()[plain]; ok && err == nil && (n < s.least || n > s.most) {
		return diag.Errorf(diag.BadSetting, word.Span, "%s is %d to %d, not %s", key, s.least, s.most, value)
	}
	return nil
}

// badGroups reports groups that the lab does not have: its user namespace maps the
// group 0 alone (ipv4_ping_group_range, net/ipv4/sysctl_net_ipv4.c), so not even "1 0", which is none.
func badGroups(word syntax.Setting, value string) *diag.Diagnostic {
	if lab.SameValue(value, "0 0") {
		return nil
	}
	return diag.Errorf(diag.BadSetting, word.Span, "a lab has only the group 0, so net.ipv4.ping_group_range cannot be %q", value).
		WithHelp("allow it to all programs of the lab: 'net.ipv4.ping_group_range=0 0'")
}

// withoutScope is a key with dots, and * for the interface of a conf setting.
func withoutScope(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	parts := strings.Split(key, "/")
	if len(parts) == 5 && parts[2] == "conf" {
		parts[3] = "*"
	}
	return strings.Join(parts, ".")
}

// isRange reports two ports in their order. The first is none that needs privileges, which
// a setting of its own says (ipv4_local_port_range, net/ipv4/sysctl_net_ipv4.c).
func isRange(value string) bool {
	words := strings.Fields(value)
	if len(words) != 2 {
		return false
	}
	first, err := strconv.ParseUint(words[0], 0, 16)
	last, err2 := strconv.ParseUint(words[1], 0, 16)
	return err == nil && err2 == nil && first > 0 && first <= last
}
