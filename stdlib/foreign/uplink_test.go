package foreign_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// TestUplinkIsOffered holds what is said of a line that takes an uplink for granted.
func TestUplinkIsOffered(t *testing.T) {
	for line, want := range map[string]string{
		"ip link set eth0 up":              "internet eth0 gives the host that interface",
		"ip addr add 10.1.1.1/24 dev ens3": "internet ens3 gives the host that interface",
		"ping -c1 8.8.8.8":                 "",
		"ip -n red link set eth1 up":       "",
	} {
		got := inMemory(t, "ns red\n"+line+"\n").out
		if want == "" && strings.Contains(got, "internet eth") || !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s\n got %s", line, want, got)
		}
	}
	if out := inMemory(t, "internet eth0\nup ens3\n").out; strings.Contains(out, "internet ens3") {
		t.Errorf("there is a way outside already:\n%s", out)
	}
}

// TestUplink holds that the text's lines work once it is there, and what a ping lacks before.
func TestUplink(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "iptables")
	if out := labs.Output(t, "ping -c1 8.8.8.8\n"); !strings.Contains(out, "a stand-in can answer: internet") {
		t.Error(out)
	}
	labs.Hold(t, `internet eth0
sudo ip netns add red
sudo ip link add veth0 type veth peer name veth1 netns red
sudo ip addr add 10.200.1.1/24 dev veth0
sudo ip link set veth0 up
sudo ip netns exec red ip addr add 10.200.1.2/24 dev veth1
sudo ip netns exec red ip link set veth1 up
sudo ip netns exec red ip route add default via 10.200.1.1
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -t nat -A POSTROUTING -s 10.200.1.0/24 -o eth0 -j MASQUERADE
iptables -A FORWARD -i eth0 -o veth0 -j ACCEPT
iptables -A FORWARD -o eth0 -i veth0 -j ACCEPT
sudo ip netns exec red ping -c 1 8.8.8.8
expect dns red -> example.com
`)
}
