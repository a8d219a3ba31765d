package foreign_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/runtime/labtest/labs"
	"nsl/stdlib"
)

// lab is the one that docs/commands.md is about.
const lab = `ns red blue
link red:eth0 <-> blue:eth0 noaddr
addr red:eth0 192.168.15.1/24
addr blue:eth0 192.168.15.2/24
veth p1 <-> p2
bridge br0 noaddr
attach p2 -> br0
`

// TestCommandsPage holds the table of docs/commands.md to what the commands are.
func TestCommandsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(.+)` \\| `(.+)` \\|$").FindAllStringSubmatch(string(page), -1)
	if len(rows) < 30 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		before := lab
		if strings.Contains(row[1], "del default") {
			before += "route red default via 192.168.15.254\n"
		}
		if got := inMemory(t, before+row[1]+"\n").ours; got != row[2] {
			t.Errorf("%s\n got %s\nwant %s", row[1], got, row[2])
		}
	}
}

// TestOwn holds that statements of nsl and functions are not taken for commands.
func TestOwn(t *testing.T) {
	for script, want := range map[string]string{
		"route red 10.9.0.0/16 dev eth0":                                                                         "",
		"sysctl red net.ipv4.ip_forward=1":                                                                       "",
		"bridge br7 noaddr":                                                                                      "",
		"for n in <a b> { ns $n }":                                                                               "",
		"def curl(n) { ns $n }\ncurl green\nup green:lo":                                                         "",
		"ns link\nbridge link:br5 noaddr\nup link:br5":                                                           "",
		"ns add\nroute add 10.1.0.0/16 via 10.0.0.1":                                                             "",
		"let n = red\nip -n $n link set eth0 down":                                                               "down red:eth0",
		"let l = <red blue>\nfor n in $l; do ip -n $n link set eth0 down; done":                                  "down red:eth0; down blue:eth0",
		"NODE=red\nip -n $NODE link set eth0 down":                                                               `let NODE = "red"; down red:eth0`,
		"test \"x\" { ip link set p1 up; up p2 }":                                                                "up p1",
		"if true { ip link set p1 up }":                                                                          "up p1",
		"ip netns exec red bash -c 'ip link set eth0 down; ip link set eth0 up'":                                 "down red:eth0; up red:eth0",
		"for i in {1..2}; do ip netns add h$i; done":                                                             "ns h1; down h1:lo; ns h2; down h2:lo",
		"ip -all netns exec ip link set lo down":                                                                 "down blue:lo; down red:lo",
		"while ! ip netns exec red ping -c1 192.168.15.2; do sleep 1; done":                                      "expect ping red -> 192.168.15.2 within 30s",
		"echo 'nameserver 192.168.15.2' > /etc/netns/red/resolv.conf":                                            "resolver red -> 192.168.15.2",
		"ip link set p1 nomaster":                                                                                "",
		"if true; then ip netns add x; fi":                                                                       `exec host bash -c "if true; then ip netns add x; fi"`,
		"ip -n red addr add 10.3.0.1/24 dev eth0 scope link":                                                     "addr red:eth0 10.3.0.1/24 scope link",
		"ip -n red addr add 10.3.0.1/24 dev eth0 scope global":                                                   "addr red:eth0 10.3.0.1/24",
		"iptables -C FORWARD -j DROP 2>/dev/null || iptables -A FORWARD -j DROP":                                 "iptables host -A FORWARD -j DROP",
		"iptables host -A FORWARD -j DROP\nsudo iptables -C FORWARD -j DROP || sudo iptables -A FORWARD -j DROP": "",
		"ip netns exec red iptables -C INPUT -j DROP || ip netns exec red iptables -A INPUT -j DROP":             "iptables red -A INPUT -j DROP",
		"ip link show p1 >/dev/null 2>&1 || ip link add p1 type bridge":                                          "",
		"ip -n red link show dev p1 &>/dev/null || ip -n red link add p1 type bridge":                            "bridge red:p1 noaddr; down red:p1",
		"ip link show p1 >/dev/null && ip link set p1 up":                                                        "up p1",
		"ip netns list | grep -q red || ip netns add red":                                                        "",
		"ip netns | grep -qw re || ip netns add re":                                                              "ns re; down re:lo",
		"if ! ip netns list | grep -q '^red'; then ip netns add red; else ip link set p1 up; fi":                 "up p1",
		"if ip link show p1 >/dev/null; then ip link del p1; else ip link set p2 up; fi":                         "delete p1",
		"[ -d /sys/class/net/p1 ] && ip link set p1 up":                                                          "up p1",
		"[ ! -e /var/run/netns/red ] && ip netns add red":                                                        "",
		"test -e /var/run/netns/new || ip netns add new":                                                         "ns new; down new:lo",
		"[ a = b ] && ip link set p1 up":                                                                         "",
		"[ 3 -gt 2 ] && ip link set p1 up":                                                                       "up p1",
		"[ -n '' ] || ip link set p1 up":                                                                         "up p1",
		"[ -f /etc/nothing ] && ip link set p1 up":                                                               "exec host [ -f /etc/nothing ]; up p1",
		"[[ -f /etc/nothing ]] || ip link set p1 up":                                                             `exec host bash -c "[[ -f /etc/nothing ]]"`,
		"ip link add p1 type bridge || ip link set p1 up":                                                        "bridge p1 noaddr; down p1; up p1",
		"ip link add b9 type bridge || ip link set p1 up":                                                        "bridge b9 noaddr; down b9",
		"ip -n red rule add not from 10.0.0.0/8 lookup 100 pref 50":                                              "rule red not from 10.0.0.0/8 table 100 priority 50",
		"ip -n red rule add oif eth0 ipproto tcp dport 80 table 100":                                             "rule red from 0.0.0.0/0 oif eth0 ipproto tcp dport 80 table 100",
		"ip -n red tunnel add g7 mode gre remote 10.0.0.2 tos 0x10":                                              "exec red ip tunnel add g7 mode gre remote 10.0.0.2 tos 0x10",
		"command -v ip >/dev/null || exit 1":                                                                     "",
		"ip netns exec red iptables-restore <<EOF\n*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\nEOF\nip link set p1 up": "iptables red -P INPUT DROP; iptables red -A INPUT -i lo -j ACCEPT; up p1",
		"nft -f - <<EOF\ntable bridge x {\n}\nEOF":                                                              `exec host sh -c "printf %s 'table bridge x {\n}\n' | nft -f -"`,
		"i=1; while [ $i -le 2 ]; do ip addr add 10.2.$i.1/24 dev br0; i=$((i+1)); done":                        `let i = "1"; addr br0 10.2.1.1/24; let i = "2"; addr br0 10.2.2.1/24; let i = "3"`,
		"n=1; until [ $n -eq 0 ]; do ip link set p$n up; n=$((n-1)); done":                                      `let n = "1"; up p1; let n = "0"`,
		"while ! ip link show p1; do sleep 1; done":                                                             `exec host bash -c "while ! ip link show p1; do sleep 1; done"`,
		"M=9\nfor n in $(ip netns list | awk '{print $1}'); do ip -n $n link set lo mtu $M; done":               `let M = "9"; exec host bash -c "M=9; for n in \$(ip netns list | awk '{print \$1}'); do ip -n \$n link set lo mtu \$M; done"`,
		"for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 > $f; done":                                    `exec host bash -c "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 > \$f; done"`,
		"(ip link set p1 up; ip link set p2 up)":                                                                "up p1; up p2",
		"{ ip link set p1 up; ip link set p2 up; }":                                                             "up p1; up p2",
		"/sbin/ip link set p1 up":                                                                               "up p1",
		"/usr/sbin/ip netns exec red /sbin/ip link set eth0 up":                                                 "up red:eth0",
		"iptables-nft -A INPUT -j DROP":                                                                         "iptables host -A INPUT -j DROP",
		"ip a | grep 192.168 | wc -l":                                                                           "show addrs host",
		"ip link set p1 up && ip a | grep nothing":                                                              "up p1; show addrs host",
		"echo 1400 > /sys/class/net/p1/mtu":                                                                     "mtu p1 1400",
		"echo 1 > /sys/class/net/p2/brport/hairpin_mode":                                                        "option p2 hairpin on",
		"ip netns exec red ifconfig eth0 0.0.0.0":                                                               "del addr red:eth0 192.168.15.1/24; up red:eth0",
		"ip -n red addr del 192.168.15.1 dev eth0":                                                              "del addr red:eth0 192.168.15.1/24",
		"ip link set p2 master br0":                                                                             "",
		"ip link set p1 netns /var/run/netns/red":                                                               "move p1 -> red",
		"ip rule add dev p1 table 5":                                                                            "rule host from 0.0.0.0/0 iif p1 table 5",
		"ip rule del pref 32766":                                                                                "exec host ip rule del pref 32766",
		"ip netns exec red env A=1 ip link set eth0 up":                                                         "up red:eth0",
		"mkdir -p /etc/netns/red && echo 'nameserver 8.8.8.8' > /etc/netns/red/resolv.conf":                     "resolver red -> 8.8.8.8",
		"iptables -A INPUT -m socket --nowildcard -j DROP":                                                      "exec host iptables -A INPUT -m socket --nowildcard -j DROP",
		"iptables -A INPUT -m hashlimit --hashlimit-upto 9/sec --hashlimit-burst 20 --hashlimit-name x -j DROP": "iptables host -A INPUT -m hashlimit --hashlimit-upto 9/sec --hashlimit-burst 20 --hashlimit-name x -j DROP",
		"iptables -t mangle -A POSTROUTING -j DSCP --set-dscp-class EF":                                         "iptables host -t mangle -A POSTROUTING -j DSCP --set-dscp-class EF",
		"sudo modprobe 8021q; ip link set p1 up":                                                                "up p1",
		"export PATH=$PATH:/opt; ip link set p1 up":                                                             `let PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt"; up p1`,
		"netstat -i":               "show links host",
		"netstat -rn":              "show routes host",
		"netstat -plnt":            "show listen host",
		"ip netns add red || true": "ns red; down red:lo",
		"ip netns exec red ping -c1 192.168.15.2 && ip link set p1 up": "expect ping red -> 192.168.15.2; up p1",
	} {
		got := inMemory(t, lab+script+"\n")
		if got.ours != want || strings.Contains(got.out, "error") && !strings.Contains(got.out, "gateway") {
			t.Errorf("%s\n got %s\nwant %s\n%s", script, got.ours, want, got.out)
		}
	}
}

// TestMistakes holds what is said of a command that is wrong: the line that was meant.
func TestMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"ip adr add 10.0.0.1/24 dev p1":                              "did you mean: ip addr add 10.0.0.1/24 dev p1",
		"ip link set p9 up":                                          "p9",
		"ip link set p1":                                             "what is to be set is missing",
		"ip link add p7 type vethh peer name p8":                     "did you mean: ip link add p7 type veth peer name p8",
		"ip link add p7 type veth pear name p8":                      "did you mean: ip link add p7 type veth peer name p8",
		"ip link st p1 up":                                           "did you mean: ip link set p1 up",
		"ip lnk set p1 up":                                           "did you mean: ip link set p1 up",
		"ip link set p1 uo":                                          "did you mean: ip link set p1 up",
		"ip netns add":                                               "the name is missing",
		"ip netns add add green":                                     "did you mean: ip netns add green",
		"ip addr add 10.0.0.1/24":                                    "the interface is missing: dev NAME",
		"ip addr add 10.0.0.300/24 dev p1":                           `"10.0.0.300/24" is no address`,
		"ip route add default 10.0.0.1":                              "did you mean: ip route add default via 10.0.0.1",
		"ip route add dfault via 10.0.0.1":                           "did you mean: ip route add default via 10.0.0.1",
		"ip route 10.9.0.0/16 via 10.0.0.1":                          "did you mean: ip route add 10.9.0.0/16 via 10.0.0.1",
		"ip netns exce red ip a":                                     "did you mean: ip netns exec red ip a",
		"sudo ip netns exec rde ip a":                                "did you mean: sudo ip netns exec red ip a",
		"brctl addfi br0 p1":                                         "did you mean: brctl addif br0 p1",
		"brctl addif br p1":                                          "did you mean: brctl addif br0 p1",
		"ifconfg p1 up":                                              "did you mean: ifconfig p1 up",
		"sysctl -w net.ipv4.ip_forward = 1":                          "did you mean: sysctl -w net.ipv4.ip_forward=1",
		"echo 1 > /proc/sys/net/ipv4/ip_foward":                      "did you mean: echo 1 > /proc/sys/net/ipv4/ip_forward",
		"iptables -t nat -A POSTROUTING -j MASQUARADE":               "did you mean: iptables -t nat -A POSTROUTING -j MASQUERADE",
		"iptables -A FORWARD -p tpc --dport 80 -j accept":            "did you mean: iptables -A FORWARD -p tcp --dport 80 -j ACCEPT",
		"ip netns red exec ip a":                                     "did you mean: ip netns exec red ip a",
		"ip addr add 10.0.0.1 24 dev p1":                             "did you mean: ip addr add 10.0.0.1/24 dev p1",
		"ip-n red link set eth0 up":                                  "did you mean: ip -n red link set eth0 up",
		"ipp addr":                                                   "did you mean: ip addr",
		"ip route add default gw 10.0.0.1":                           "did you mean: ip route add default via 10.0.0.1",
		"route add default 10.0.0.1":                                 "did you mean: route add default gw 10.0.0.1",
		"sysctl -w net.ipv4.ip_forward 1":                            "did you mean: sysctl -w net.ipv4.ip_forward=1",
		"ip netns exec red sysctl -w net.ipv4.conf.eht0.rp_filter=0": "did you mean: ip netns exec red sysctl -w net.ipv4.conf.eth0.rp_filter=0",
		"iptables -A INPUT -p tcp -dport 80 -j DROP":                 "did you mean: iptables -A INPUT -p tcp --dport 80 -j DROP",
		"brctl add br0":                                              "did you mean: brctl addbr br0",
		"sysctl -p":                                                  "does not read the machine's files",
		"sudo -i":                                                    "opens a shell",
		"addns() { ip netns add $1; }":                               "nsl import FILE runs a whole script",
		"function f { ip netns add $1; }":                            "nsl import FILE runs a whole script",
		"wireguard red:wg0 peer blue:wg0 y=1":                        `"y=1"`,
		"trap 'ip link del p1' EXIT":                                 "in nsl: defer STATEMENT",
		"for f in 1; do echo 1 > /proc/sys/net/ipv4/conf/p9/ip_foward$f; done": "ip_foward1",
		"echo net.ipv4.ip_forward=1 | sudo tee -a /etc/sysctl.conf":            "sysctl -w net.ipv4.ip_forward=1 sets it",
		"ip link add p7 type":       "the type is missing",
		"ip route add 10.9.0.0/16":  "the gateway is missing",
		"ip (":                      "the shell cannot read this line",
		"sudo apt install iproute2": "nsl installs nothing",
	} {
		before := inMemory(t, lab).state
		if got := inMemory(t, lab+line+"\n"); !strings.Contains(got.out, want) || got.state != before {
			t.Errorf("%s\nwant %s\n got %s\n%s", line, want, got.ours, got.out)
		}
	}
}

// TestFormatKeepsCommands holds that the layout of a command line is left alone.
func TestFormatKeepsCommands(t *testing.T) {
	const text = "$ sudo   ip netns add red  # one\nfor n in a b; do\n   ip netns add $n\ndone\nif true { ip link   set lo up; up lo }\nexec red   true\n"
	want := strings.NewReplacer("exec red   true", "exec red true").Replace(text)
	got, list := format.Source((&source.Set{}).Add("", text), stdlib.Table())
	if got != want || len(list) > 0 {
		t.Errorf("%v\n%s", list, got)
	}
}

// TestPaste holds that a tutorial, pasted whole, builds its network.
func TestPaste(t *testing.T) {
	labs.Hold(t, `$ sudo ip netns add red
$ sudo ip netns add blue
$ sudo ip link add v-net-0 type bridge
$ sudo ip link set dev v-net-0 up
for n in red blue; do
  ip link add veth-$n type veth peer name veth-$n-br
  ip link set veth-$n netns $n
  ip link set veth-$n-br master v-net-0
  ip link set veth-$n-br up
done
ip -n red addr add 192.168.15.1/24 dev veth-red
ip -n blue addr add 192.168.15.2/24 dev veth-blue
ip -n red link set veth-red up
ip -n blue link set veth-blue up
ip addr add 192.168.15.5/24 dev v-net-0
ip netns exec red ping -c 1 192.168.15.2
ping -c 1 192.168.15.1
expect ping host -> <red blue>
`)
}

// Commands of older programs are those of ip, and a VLAN may be made on an interface that
// is down.
func TestOlderPrograms(t *testing.T) {
	const cable = "veth p1 <-> p2\n"
	const vlan = "up p1; vlan p1.10 on p1 id 10; down p1.10; down p1"
	for line, want := range map[string]string{
		"ip link add link p1 name p1.10 type vlan id 10": vlan,
		"vconfig add p1 10":                vlan,
		"tunctl -t tap1 -u root":           "tap tap1; down tap1",
		"tunctl -b -t tap1":                "tap tap1; down tap1",
		"[ -d /tmp ] && ip link set p1 up": "exec host [ -d /tmp ]; up p1",
	} {
		if a := inMemory(t, cable+line); a.ours != want || a.out != "" {
			t.Errorf("%s\n got %s\nwant %s\n%s", line, a.ours, want, a.out)
		}
	}
	for _, line := range []string{"docker run -it alpine", "ufw enable", "nmcli con show"} {
		if a := inMemory(t, line); !strings.Contains(a.out, "a lab ") {
			t.Errorf("%s\n%s", line, a.out)
		}
	}
}

// TestSubstitution holds that $(…) has what its commands print in the lab.
func TestSubstitution(t *testing.T) {
	labs.Hold(t, lab+`for n in $(ip netns list | cut -d' ' -f1); do ip -n $n link set lo mtu 9000; done
M=$(cat /proc/sys/net/ipv4/ip_forward)
ip link set p1 mtu 140$M
ip -n red route | grep -q default || ip -n red route add default via 192.168.15.2
ip -n blue route | grep -q 192.168.15.0 || ip -n blue route add default via 192.168.15.1
expect link red:lo mtu 9000
expect link p1 mtu 1400
expect route red -> 8.8.8.8 via 192.168.15.2
expect route blue -> 8.8.8.8 unreachable
`)
}
