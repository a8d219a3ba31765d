package foreign

import (
	"slices"
	"strings"
)

// others are programs that run as they are, and those that make no sense in a lab.
func others() map[string]program {
	list := map[string]program{}
	for _, name := range []string{"ethtool", "tcpdump", "tshark", "python3", "python", "iperf", "iperf3", "socat", "nmap", "hping3", "ssh",
		"bash", "sh",
		"dhclient", "udhcpc", "dnsmasq", "wg", "ipset", "nginx", "sleep", "socat", "grep", "ipcalc", "lldpd",
		"arping", "jq", "pwd", "iptables-legacy", "ip6tables-legacy", "iptables-legacy-save", "ebtables", "arptables", "mii-tool", "iw", "vtysh", "bird"} {
		list[name] = passes
	}
	for _, name := range []string{"apt", "apt-get", "yum", "dnf", "apk", "pacman", "brew", "snap"} {
		list[name] = func(k *call) bool {
			return k.fail(k.words[0], "nsl installs nothing; install programs before, and exec runs them in a node")
		}
	}
	for _, name := range []string{"systemctl", "service"} {
		list[name] = func(k *call) bool {
			return k.fail(k.words[0], "a lab has no services of the machine; serve, dns and dhcp start servers, and spawn any program")
		}
	}
	for name, text := range map[string]string{
		"docker": "a lab runs no containers; ns makes a node, and exec runs programs in it", "podman": "a lab runs no containers; ns makes a node, and exec runs programs in it",
		"ufw": "a lab has no services of the machine; block, allow and iptables make rules", "firewall-cmd": "a lab has no services of the machine; block, allow and iptables make rules",
		"nmcli":   "a lab has no services of the machine; addr, route, up and down set up its interfaces",
		"netplan": "a lab has no services of the machine; addr, route, up and down set up its interfaces",
		"ifup":    "a lab does not read the machine's files; addr, route and up set up its interfaces",
		"ifdown":  "a lab does not read the machine's files; down sets an interface down",
	} {
		list[name] = func(k *call) bool { return k.fail(k.words[0], "%s", text) }
	}
	list["conntrack"] = conntrack
	list["unshare"] = func(k *call) bool {
		return k.fail(k.words[0], "a network namespace is made by ns, and programs run in it by exec and spawn")
	}
	list["modprobe"] = func(k *call) bool {
		k.out.Quiet, k.out.Note = true, "a lab loads no modules: the kernel itself loads most when they are needed; nsl doctor says what this machine supports"
		return true
	}
	for _, name := range []string{"ln", "rm", "touch", "printf", "chmod"} {
		list[name] = passes
	}
	for _, name := range []string{"which", "hostname", "uname", "dmesg", "lsmod", "whoami", "ps", "id", "ipcalc", "nstat", "lsns", "pgrep", "pidof", "date", "lsof"} {
		list[name] = (*call).only
	}
	list["mkdir"] = mkdir
	list["cd"] = func(k *call) bool {
		k.out.Quiet, k.out.Note = true, "each command of a line starts in the same directory: cd changes nothing"
		return true
	}
	for name, text := range map[string]string{"trap": "trap does nothing from line to line; in nsl: defer STATEMENT", "alias": "alias does nothing from line to line; in nsl: def NAME(WORD…) { … }"} {
		list[name] = func(k *call) bool { return k.fail(k.words[0], "%s", text) }
	}
	list["type"] = func(k *call) bool { return k.run("bash", "-c", quoted(k.words)) }
	list["sudo"] = func(k *call) bool {
		return k.fail(k.words[0], "the host of a lab is root already; sh NODE, or exec NODE bash, opens a shell")
	}
	nothing := func(k *call) bool { k.out.Quiet = true; return true }
	list["true"], list[":"], list["wait"], list["set"] = nothing, nothing, nothing, set
	list["clear"] = nothing
	list["command"] = nothing // whether there is a program
	return list
}

// set is an option of the shell, or ip link set without its beginning.
func set(k *call) bool {
	k.out.Quiet = true
	if isDashed(k.peek()) || strings.HasPrefix(k.peek(), "+") {
		return true
	}
	k.insert(k.words[0], "ip link")
	return (&ipState{call: k, object: "link"}).linkSet() || true
}

// mkdir of the directory of a node's files has nothing to do: echo … > /etc/netns/NODE/…
// needs none.
func mkdir(k *call) bool {
	k.out.Quiet = slices.ContainsFunc(k.args, func(w word) bool { return strings.HasPrefix(w.text, "/etc/netns") })
	return k.out.Quiet
}

// conntrack lists and flushes (conntrack(8)); all else is the program's.
func conntrack(k *call) bool {
	w, _ := k.next()
	if k.peek() != "" {
		return false
	}
	switch w.text {
	case "-L", "--dump":
		return k.read("connections")
	case "-F", "--flush":
		return k.say("flush connections %s", k.node)
	}
	return false
}
