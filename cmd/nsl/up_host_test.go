package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nsl/runtime/labtest"
)

// playedHost is the beginning of a shell script in a sandbox that plays a machine: eth0 leads out
// of it. The function dump writes what the machine has.
const playedHost = `set -eu
export LC_ALL=C
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs none /run
ip link set lo up
ip link add eth0 type veth peer name wan0
ip addr add 203.0.113.5/24 dev eth0
ip link set eth0 up
ip route add default via 203.0.113.1
dump() {
	ip -o link | sed 's/^[0-9]*: //'; ip -o -4 addr; ip -4 route; ip rule
	ls /run/netns 2>/dev/null || :; sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding
}
dump >before
`

// hostLab is a lab for the machine.
const hostLab = `ns red blue
bridge v-net-0 <red blue>
nat 192.168.15.0/24
expect ping red -> blue
`

// onPlayedHost runs a shell script on the machine of playedHost; ./nsl is the program.
func onPlayedHost(t *testing.T, text string) (output string) {
	t.Helper()
	labtest.NeedSandbox(t)
	needProgram(t, "ip")
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	written(t, dir, map[string]string{"script.sh": playedHost + text, "lab.nsl": hostLab})
	if err := os.Symlink(self, filepath.Join(dir, "nsl")); err != nil {
		t.Fatal(err)
	}
	cmd := nslCommand("SUDO_UID=")
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "script.sh"}
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL,
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// A lab on the machine is shown and asked about, stays when nsl ends, is listed, and down leaves
// the machine as it was.
func TestUpHost(t *testing.T) {
	t.Parallel()
	out := onPlayedHost(t, `
expect() { # EXIT COMMAND…
	want=$1; shift; code=0; "$@" || code=$?
	[ "$code" = "$want" ] || { echo "$* exits with $code, not $want"; exit 1; }
}
expect 2 ./nsl up --host --host-forwarding lab.nsl </dev/null
chmod go+w lab.nsl
expect 2 ./nsl up --host --host-forwarding --yes lab.nsl
chmod go-w lab.nsl
expect 2 ./nsl up --host --yes lab.nsl
echo 'ns red; expect ping red -> 10.1.1.1' >fails.nsl
expect 1 ./nsl up --host --yes fails.nsl
dump | cmp - before
expect 0 ./nsl clean
expect 0 ./nsl up --host --host-forwarding --yes lab.nsl
ip netns exec red ping -c 1 -W 5 192.168.15.2 >/dev/null
expect 2 ./nsl up --host --host-forwarding --yes lab.nsl
./nsl ls
expect 0 ./nsl clean
ip link show v-net-0 >/dev/null
expect 0 ./nsl down --host
dump | cmp - before
expect 2 ./nsl down --host
`)
	for _, want := range []string{
		"ip netns add red", "nothing was done: no terminal to ask on", "others may write it", "this changes the IP forwarding of the machine",
		"nothing to clean up\n", "lab is on this machine", "this machine has a lab already: lab (", "lab.nsl (--host)",
		"nothing to clean up: lab is on this machine; nsl down --host takes it down", "lab is down", "this machine has no lab",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// Killed at random moments, nsl up --host leaves what one nsl clean undoes.
func TestUpHostKilled(t *testing.T) {
	t.Parallel()
	rounds := 3
	if labtest.IsNightly() {
		rounds = 300
	}
	var text strings.Builder
	for range rounds {
		fmt.Fprintf(&text, "kill_at %d\n", 1+rand.IntN(30))
	}
	onPlayedHost(t, `
kill_at() { # RECORDS of the journal
	./nsl up --host --host-forwarding --yes lab.nsl >out 2>&1 & pid=$!
	until [ "$(wc -l </run/nsl/host.journal 2>/dev/null || echo 0)" -ge "$1" ]; do kill -0 $pid || break; done
	kill -9 $pid || :
	wait $pid || :
	./nsl clean >>out
	! grep -q 'is on this machine;' out || ./nsl down --host >>out # it was faster
	dump >after
	cmp before after || { echo "killed at $1:"; cat out; diff before after; exit 1; }
} 2>/dev/null
`+text.String())
}
