package foreign_test

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/model"
	"nsl/runtime/report"
	"nsl/stdlib"
)

// still is the lab of docs/commands.md in which nothing changes by itself: no packet of
// IPv6 is sent, and no neighbour is forgotten.
const still = `sysctl host net.ipv6.conf.all.disable_ipv6=1
ns red blue
sysctl red net.ipv6.conf.all.disable_ipv6=1
sysctl blue net.ipv6.conf.all.disable_ipv6=1
link red:eth0 <-> blue:eth0 noaddr
addr red:eth0 192.168.15.1/24
addr blue:eth0 192.168.15.2/24
veth p1 <-> p2
bridge br0 noaddr
attach p2 -> br0
up p1
up p2
up br0
route red 10.0.0.0/8 via 192.168.15.2
rule red from 10.0.0.0/8 table 100
exec red ip neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
exec red iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE
`

// reads are commands that only read, each with the statement that runs the program.
func reads() map[string]string {
	list := map[string]string{
		"sudo ip -n red -br link show dev eth0":              "exec red ip -br link show dev eth0",
		"$ ip netns exec red bash -c 'ip -d link show eth0'": "exec red ip -d link show eth0",
		"ip -all netns exec ip -br addr":                     "exec host ip -all netns exec ip -br addr",
		"bridge -n red link":                                 "exec red bridge link",
		"tc -n red -s qdisc show":                            "exec red tc -s qdisc show",
	}
	for _, line := range []string{
		"ip a", "ip -br a", "ip -j link", "ip -o -4 addr show dev eth0", "ip -4 route", "ip r show table local", "ip -6 route", "ip neigh show dev eth0",
		"ip rule", "ip -s link", "ip addr show up",
		"bridge link show", "bridge fdb", "bridge fdb show dev eth0", "bridge vlan",
		"arp -n", "arp -an", "route -n", "ifconfig", "ifconfig -a", "ifconfig eth0", "netstat -rn", "netstat -ltn", "ss -ltn", "ss -tulpen",
		"iptables -nvL", "iptables -t nat -nvL", "iptables -L FORWARD -n --line-numbers", "iptables -S", "nft list ruleset", "nft -a list tables",
		"tc qdisc show", "tc qdisc", "tc -s qdisc show dev eth0", "brctl show",
	} {
		list["ip netns exec red "+line] = "exec red " + line
	}
	return list
}

// installed reports whether a program is there, also for an ordinary user's PATH.
func installed(name string) bool {
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/", "/usr/local/sbin/"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// TestReads holds what the commands print that only read to what the programs print.
func TestReads(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "iptables")
	var lines []string
	script := still
	for line, run := range reads() {
		if !installed(strings.Fields(run)[2]) {
			continue
		}
		lines = append(lines, line)
		script += line + "\nprint \"==\"\n" + run + "\nprint \"== ==\"\n"
	}
	got := labs.Do(t, labs.Job{Script: strings.Replace(script, "\nexec red ip neigh", "\nprint \"== ==\"\nexec red ip neigh", 1)})
	parts := strings.Split(got.Out, "== ==\n")
	if got.Err != "" || len(parts) != len(lines)+2 {
		t.Fatalf("%d parts: %s\n%s", len(parts), got.Err, got.Out)
	}
	for i, line := range lines {
		printed, want, _ := strings.Cut(parts[i+1], "==\n")
		if printed != want {
			t.Errorf("%s\n%s\nthe program prints\n%s", line, printed, want)
		}
	}
}

// TestReadsThatFail holds that a script goes on after what a program does not find, as in a
// shell, and that && does not.
func TestReadsThatFail(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip")
	got := labs.Do(t, labs.Job{Script: lab + "ip link show gone\nprint \"on\"\nip link show gone && ip link set p1 up\nprint \"never\"\n"})
	if strings.Count(got.Out, `Device "gone" does not exist`) != 2 || !strings.Contains(got.Out, "on\n") || strings.Contains(got.Out, "never\n") ||
		!strings.Contains(got.Err, "exit code 1") {
		t.Errorf("%s\n%s", got.Err, got.Out)
	}
}

// TestReadsChangeNothing holds that a check knows the lab after a command that only reads
// as it did before, and does not refuse it.
func TestReadsChangeNothing(t *testing.T) {
	for line := range reads() {
		set := &source.Set{}
		tree := stdlib.Table().Split(set.Add("lab.nsl", lab+line+"\nup red:eth7\n"))
		list := check.Tree(set, stdlib.Table(), tree, model.New())
		if len(list) != 1 || list[0].Code != diag.UnknownLink {
			t.Errorf("%s\n%v", line, list)
		}
	}
}

// TestReadsAndChanges holds which commands the program does, since they change something,
// write a file, or do not end.
func TestReadsAndChanges(t *testing.T) {
	for line, reads := range map[string]bool{
		"iptables -L -Z":               false,
		"iptables -nvL --zero":         false,
		"iptables -vnL INPUT":          true,
		"iptables-save":                true,
		"iptables-save -t nat":         true,
		"iptables-save -f rules":       false,
		"iptables-save > rules":        false,
		"nft list ruleset":             true,
		"nft 'list ruleset'":           true,
		"nft 'list tables; flush all'": false,
		"nft -f rules list":            false,
		"nft flush ruleset":            false,
		"ss -K dst 10.0.0.1":           false,
		"ss --kill":                    false,
		"ss -ltn":                      true,
		"arp -d 10.0.0.1":              false,
		"arp -vd 10.0.0.1":             false,
		"arp --delete 10.0.0.1":        false,
		"netstat -c":                   false,
		"bridge -b file":               false,
		"bridge fdb add x dev p1":      false,
		"bridge monitor":               false,
		"tc qdisc add dev p1 root":     false,
		"tc -b file":                   false,
		"tc class show dev p1":         true,
		"ip addr > file":               false,
		"brctl showmacs br0":           true,
		"ifconfig -a p1":               true,
		"ip link show p1":              true,
	} {
		var tr verb.Translation
		world := labtest.NewWorld()
		set := &source.Set{}
		s := engine.NewSession(world, stdlib.Table(), &report.Console{Out: io.Discard, Err: io.Discard, Text: diag.Text{Set: set}}, verb.Streams{})
		s.Interp.Translated = func(_ verb.Command, t verb.Translation) { tr = t }
		err := s.Run(t.Context(), stdlib.Table().Split(set.Add("lab.nsl", lab+line+"\n")).Statements)
		if got := len(tr.Reads.Argv) > 0; err != nil || got != reads {
			t.Errorf("%s: reads %v, want %v; %v, %v", line, got, reads, tr, err)
		}
	}
}
