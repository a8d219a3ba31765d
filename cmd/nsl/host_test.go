package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nsl/runtime/labtest"
)

// On a machine that a tutorial has left, which a sandbox plays, save --from-host writes what is
// there as a lab, changes nothing, and the lab runs: it has the machine's fault, too.
func TestSaveFromHost(t *testing.T) {
	labtest.NeedSandbox(t)
	needProgram(t, "ip")
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	written(t, dir, map[string]string{"tutorial.sh": `set -e
mount -t tmpfs none /run
ip link set lo up
ip link add eth0 type veth peer name wan0
ip netns add red
ip netns add blue
ip link add v-net-0 type bridge
ip addr add 192.168.15.5/24 dev v-net-0
ip link set v-net-0 up
for n in red blue; do
	ip link add veth-$n type veth peer name veth-$n-br
	ip link set veth-$n netns $n
	ip link set veth-$n-br master v-net-0
	ip link set veth-$n-br up
	ip -n $n link set veth-$n up
	ip -n $n link set lo up
done
ip -n red addr add 192.168.15.1/24 dev veth-red
ip -n blue addr add 192.168.15.2/24 dev veth-blue
ip -n red route add default via 192.168.15.5
# The wire leads out of the machine, as hardware does.
ip netns add gone
ip link set wan0 netns gone
ip -n gone addr add 203.0.113.1/24 dev wan0
ip -n gone link set wan0 up
ip addr add 203.0.113.5/24 dev eth0
ip link set eth0 up
ip route add default via 203.0.113.1
ip netns exec gone sh -c 'echo >ready; exec sleep 1000' >/dev/null 2>&1 & # holds it
until [ -e ready ]; do :; done
umount /run/netns/gone
rm /run/netns/gone
ip -4 addr >before; ip route >>before
./nsl save --from-host -o lab.nsl
ip -4 addr >after; ip route >>after
cmp before after
kill $!
`})
	if err := os.Symlink(self, filepath.Join(dir, "nsl")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "tutorial.sh")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "lab.nsl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"ns blue red outside", "bridge v-net-0 <red blue> noaddr", "link outside:eth0 203.0.113.1/24 <-> host:eth0 203.0.113.5/24", "route host default via 203.0.113.1", "route red default via 192.168.15.5"} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	if out, err := nslCommand("X=", "run", filepath.Join(dir, "lab.nsl")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
