package topology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/importing/topology"
)

// read reads a file of that name and text.
func read(t *testing.T, name, text string) (topology.Lab, bool, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return topology.Read(file)
}

// Commands of containerlab are words without a shell; those of all nodes come before those
// of the kind, the group and the node.
func TestContainerlab(t *testing.T) {
	lab, ok, err := read(t, "x.clab.yml", `topology:
  defaults: {kind: linux, exec: [echo all]}
  kinds: {linux: {exec: [echo kind]}}
  groups: {edge: {exec: [echo group], sysctls: {net.ipv4.ip_forward: 0}}}
  nodes:
    b: {group: edge, cmd: "sleep infinity", exec: ["sh -c \"echo '$x' > /tmp/f\""]}
    a: {exec: ["ip route add 10.0.0.0/8 via 10.1.1.1; true"]}
  links:
    - endpoints: [a:eth1, {node: b, interface: "eth1", mac: "02:00:00:00:00:01"}]
      mtu: 9000
    - {type: host, endpoint: {node: a, interface: eth2}, host-interface: up1}
    - {type: dummy, endpoint: {node: b, interface: d0}}
`)
	const want = `# b: left out: the command of the container: sleep infinity
ip netns add b
ip netns add a
ip -n b link set lo up
ip -n a link set lo up
ip netns exec a sysctl -qw net.ipv4.ip_forward=1
ip link add eth1 mtu 9000 netns a type veth peer name eth1 mtu 9000 address 02:00:00:00:00:01 netns b
ip -n a link set eth1 up
ip -n b link set eth1 up
ip link add eth2 netns a type veth peer name up1
ip -n a link set eth2 up
ip link set up1 up
ip netns exec b ip link add d0 type dummy
ip netns exec b ip link set d0 up
ip netns exec b echo all
ip netns exec b echo kind
ip netns exec b sysctl -qw net.ipv4.ip_forward=0
ip netns exec b echo group
ip netns exec b sh -c 'echo '\''$x'\'' > /tmp/f'
ip netns exec a echo all
ip netns exec a echo kind
ip netns exec a ip route add 10.0.0.0/8 via '10.1.1.1;' true
`
	if err != nil || !ok || lab.Script != want {
		t.Errorf("%v, %v\n%s", ok, err, lab.Script)
	}
}

// A domain of two devices is a cable, and any other a bridge.
func TestKathara(t *testing.T) {
	lab, ok, err := read(t, "lab.conf", `LAB_VERSION=1
pc1[0]=A # a comment
pc2['0']="A"
pc2[1]="a-long-domain/02:00:00:00:00:07"
pc2[exec]="echo 'a b'"
pc2[ipv6]=false
`)
	const want = `ip netns add pc1
ip netns add pc2
ip -n pc1 link set lo up
ip -n pc2 link set lo up
ip netns exec pc1 sysctl -qw net.ipv4.ip_forward=1
ip netns exec pc2 sysctl -qw net.ipv4.ip_forward=1
ip link add lan-2 type bridge forward_delay 0
ip link set lan-2 up
ip link add eth0 netns pc1 type veth peer name eth0 netns pc2
ip -n pc1 link set eth0 up
ip -n pc2 link set eth0 up
ip link add eth1 address 02:00:00:00:00:07 netns pc2 type veth peer name pc2-eth1
ip -n pc2 link set eth1 up
ip link set pc2-eth1 master lan-2
ip link set pc2-eth1 up
ip netns exec pc2 echo 'a b'
ip netns exec pc2 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
`
	if err != nil || !ok || lab.Script != want {
		t.Errorf("%v, %v\n%s", ok, err, lab.Script)
	}
}

// A mistake is said with its line. No name becomes a command of the shell.
func TestMistakes(t *testing.T) {
	const nodes = "topology:\n  nodes:\n    a: {kind: linux}\n"
	for _, c := range []struct{ name, text, want string }{
		{"x.clab.yml", "topology:\n  nodes: [", "line 2"},
		{"x.clab.yml", "name: x\n", "there are no nodes"},
		{"x.clab.yml", "topology:\n  nodes:\n    srl: {kind: nokia_srlinux}\n", `line 3: the node srl is of the kind "nokia_srlinux"`},
		{"x.clab.yml", "topology:\n  nodes:\n    \"a;reboot\": {kind: linux}\n", `"a;reboot" cannot be the name`},
		{"x.clab.yml", nodes + "  links:\n    - endpoints: [a:eth1, b:eth1]\n", `line 5: there is no node "b"`},
		{"x.clab.yml", nodes + "  links:\n    - endpoints: [a:eth1, 'a:eth1 $(id)']\n", "cannot be the name of an interface"},
		{"x.clab.yml", nodes + "  links:\n    - endpoints: [a:eth1]\n", `of the type "veth" with 1 endpoints`},
		{"x.clab.yml", nodes + "  links:\n    - {type: mgmt-net, endpoint: {node: a, interface: eth1}}\n", `of the type "mgmt-net"`},
		{"lab.conf", "pc1[0]=A\npc1 eth0 A\n", "line 2: a line is DEVICE"},
		{"lab.conf", "pc1[0]=\"A B\"\n", "line 1: \"A B\" cannot be the name of a collision domain"},
	} {
		_, ok, err := read(t, c.name, c.text)
		if !ok || err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s\n%v, want %s", c.text, err, c.want)
		}
	}
	if _, ok, err := read(t, "lab.sh", "ip netns add red\n"); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	if _, ok, err := topology.Read(t.TempDir()); !ok || err == nil || !strings.Contains(err.Error(), "lab.conf") {
		t.Errorf("%v %v", ok, err)
	}
}

// A folder is its lab.conf, with the files of its devices.
func TestFolder(t *testing.T) {
	const folder = "../testdata/topologies/routers"
	whole, ok, err := topology.Read(folder)
	conf, _, errConf := topology.Read(folder + "/lab.conf")
	if !ok || err != nil || errConf != nil || whole != conf || !strings.Contains(whole.Script, "ip netns exec r2 bash ./r2.startup\n") {
		t.Errorf("%v %v\n%v\n%v", err, errConf, whole, conf)
	}
}
