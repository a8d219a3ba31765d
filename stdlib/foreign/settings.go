package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// settings are the programs that read and write settings of the kernel.
func settings() map[string]program {
	return map[string]program{"sysctl": sysctl, "echo": echo, "cat": cat, "ls": ls}
}

func sysctl(k *call) bool {
	bare := false
	for isDashed(k.peek()) {
		w, _ := k.next()
		switch {
		case slices.Contains([]string{"-a", "-A", "-X", "--all"}, w.text):
			return k.show("sysctl")
		case strings.HasPrefix(w.text, "-p") || strings.HasPrefix(w.text, "--system") || strings.HasPrefix(w.text, "--load"):
			return k.fail(w, "a lab does not read the machine's files of settings; name them, as in: net.ipv4.ip_forward=1")
		case strings.Contains(w.text, "n") && !strings.HasPrefix(w.text, "--"):
			bare = true
		}
	}
	if len(k.args) == 0 {
		return k.fail(k.last(), "the setting is missing, as in: net.ipv4.ip_forward=1")
	}
	return k.sysctls(bare)
}

func (k *call) sysctls(bare bool) bool {
	var writes []string
	shown := ""
	for i := 0; i < len(k.args); i++ {
		w := k.args[i]
		key, value, sets := strings.Cut(w.text, "=")
		if !sets && i+1 < len(k.args) && strings.HasPrefix(k.args[i+1].text, "=") {
			return k.spacedOut(i)
		}
		key = k.settingName(w, key)
		if next := i + 1; !sets && next < len(k.args) && strings.Trim(k.args[next].text, "0123456789") == "" {
			k.edits = append(k.edits, edit{w.end, k.args[next].start, "="})
			return true
		}
		if sets {
			writes = append(writes, assignment(key, value))
			continue
		}
		value, err := k.lab.Sysctl(k.node, key)
		switch {
		case err != nil:
			return false
		case bare:
			shown += value + "\n"
		default:
			shown += fmt.Sprintf("%s = %s\n", key, value)
		}
	}
	if len(writes) > 0 {
		return k.say("sysctl %s %s", k.node, strings.Join(writes, " "))
	}
	return k.print(shown)
}

// spacedOut is "KEY = VALUE", which sysctl takes for three words.
func (k *call) spacedOut(i int) bool {
	last := min(i+2, len(k.args)-1)
	text := ""
	for _, w := range k.args[i : last+1] {
		text += w.text
	}
	k.edits = append(k.edits, edit{k.args[i].start, k.args[last].end, text})
	return true
}

func assignment(key, value string) string {
	if strings.ContainsAny(value, " \t") {
		return syntax.Quote(key + "=" + value)
	}
	return key + "=" + value
}

// settingName is the name with dots; a mistyped one is corrected.
func (k *call) settingName(w word, key string) string {
	dotted := key
	if strings.Contains(key, "/") && !strings.Contains(strings.SplitN(key, "/", 2)[0], ".") {
		dotted = strings.NewReplacer("/", ".", ".", "/").Replace(key)
	}
	value, err := k.lab.Sysctl(k.node, dotted)
	unknown := errors.Is(err, plan.ErrNoSysctl) || err == nil && value == "" // which a check says of what it does not know
	near := nearWord(dotted, append(knownSettings(), k.ofInterfaces(dotted)...))
	if near == "" {
		near = samePlace(dotted)
	}
	if !unknown || near == "" || slices.Contains(knownSettings(), dotted) {
		return dotted
	}
	if w.end-w.start < len(key) {
		return dotted // its text is not in the line
	}
	k.edits = append(k.edits, edit{w.start, w.start + len(key), near})
	return near
}

// samePlace is the setting of the whole node that has the last part of a key; "" where none
// has.
func samePlace(key string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	for _, s := range knownSettings() {
		if strings.Count(s, ".") == 2 && strings.HasSuffix(s, "."+last) {
			return s
		}
	}
	return ""
}

// ofInterfaces are the settings of the node's interfaces that a key may be one of.
func (k *call) ofInterfaces(key string) []string {
	parts := strings.Split(key, ".")
	if len(parts) != 5 || parts[2] != "conf" {
		return nil
	}
	links, _ := k.lab.Links(k.node)
	var list []string
	for _, l := range links {
		list = append(list, strings.Join([]string{parts[0], parts[1], parts[2], l.Name, parts[4]}, "."))
	}
	return list
}

// knownSettings are those that tutorials set.
func knownSettings() []string {
	list := []string{"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.default.disable_ipv6",
		"net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter", "net.ipv4.conf.all.proxy_arp", "net.ipv4.conf.all.forwarding",
		"net.ipv4.icmp_echo_ignore_all", "net.ipv4.conf.all.route_localnet", "net.ipv4.conf.all.send_redirects",
		"net.ipv4.conf.all.accept_redirects", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
		"net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables", "net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce"}
	for _, s := range plan.BaselineSettings() {
		list = append(list, s.Key)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

const procSys = "/proc/sys/"

// settingOf is the name of what a file of /proc/sys/net has.
func settingOf(path string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(path, procSys)
	if !ok || !strings.HasPrefix(rest, "net/") {
		return "", false
	}
	return strings.NewReplacer("/", ".", ".", "/").Replace(rest), true
}

// echo prints, or writes a setting.
func echo(k *call) bool {
	args := k.args
	for len(args) > 0 && (args[0].text == "-n" || args[0].text == "-e") {
		args = args[1:]
	}
	file, writes := k.output()
	if !writes {
		return k.print(joined(args))
	}
	if node, ok := k.resolvConf(file); ok {
		return k.resolver(node, args[:len(args)-2])
	}
	if strings.HasPrefix(file, "/etc/sysctl.") {
		return k.fail(k.last(), "a lab does not read the machine's files of settings; sysctl -w %s sets it", joined(args[:len(args)-2]))
	}
	if link, ok := strings.CutPrefix(file, "/sys/class/net/"); ok && len(args) == 3 {
		return k.device(link, args[0].text)
	}
	key, ok := settingOf(file)
	if !ok {
		return false
	}
	w := k.last()
	w.start += len(procSys)
	fixed := k.settingName(w, key)
	if n := len(k.edits); fixed != key && n > 0 {
		k.edits[n-1] = edit{w.start, w.end, strings.NewReplacer(".", "/", "/", ".").Replace(fixed)}
	}
	return k.say("sysctl %s %s", k.node, assignment(fixed, joined(args[:len(args)-2])))
}

// device is what a value of a file of /sys/class/net sets; false where only the file can.
func (k *call) device(file, value string) bool {
	link, name, _ := strings.Cut(file, "/")
	dir, leaf, inDir := strings.Cut(name, "/")
	of := map[string]string{"bridge": plan.OfBridge, "brport": plan.OfPort}[dir]
	switch {
	case name == "mtu":
		return k.say("mtu %s %s", k.place(link), value)
	case !inDir:
		of, leaf = "", map[string]string{"tx_queue_len": "txqueuelen", "ifalias": "alias"}[name]
	case of == "":
		return false
	}
	if other := map[string]string{"hairpin_mode": "hairpin", "path_cost": "cost", "unicast_flood": "flood", "bpdu_guard": "guard",
		"multicast_flood": "mcast_flood", "broadcast_flood": "bcast_flood"}[leaf]; other != "" {
		leaf = other
	}
	var opts ifOptions
	if !opts.add(of, leaf, value) {
		return false
	}
	k.sayOptions(k.place(link), opts)
	return true
}

// resolvConf is the node whose name servers a file has.
func (k *call) resolvConf(file string) (node string, ok bool) {
	if file == "/etc/resolv.conf" {
		return k.node, true
	}
	rest, ok := strings.CutPrefix(file, "/etc/netns/")
	node, isConf := strings.CutSuffix(rest, "/resolv.conf")
	return node, ok && isConf && !strings.Contains(node, "/")
}

// resolver is a file with one name server.
func (k *call) resolver(node string, line []word) bool {
	f := strings.Fields(joined(line))
	return len(f) == 2 && f[0] == "nameserver" && k.say("resolver %s -> %s", node, f[1])
}

func joined(words []word) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.text
	}
	return strings.Join(list, " ")
}

// cat prints settings.
func cat(k *call) bool {
	text := ""
	for _, w := range k.args {
		key, ok := settingOf(w.text)
		value, err := k.lab.Sysctl(k.node, key)
		if !ok || err != nil {
			return false
		}
		text += value + "\n"
	}
	return text != "" && k.print(text)
}

// ls lists the nodes, whose names are files.
func ls(k *call) bool {
	var dirs []word
	for _, w := range k.args {
		if !isOption(w.text) {
			dirs = append(dirs, w)
		}
	}
	if len(dirs) != 1 || !slices.Contains([]string{"/var/run/netns", "/run/netns"}, strings.TrimRight(dirs[0].text, "/")) {
		return false
	}
	nodes, _ := k.lab.Nodes()
	return k.print(strings.Join(nodes, "\n"))
}
