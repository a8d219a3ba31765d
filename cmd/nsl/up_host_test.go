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
	return playHost(t, text, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}})
}

// playHost does so in a user namespace, or as root.
func playHost(t *testing.T, text string, as *syscall.SysProcAttr) (output string) {
	t.Helper()
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
	cmd.SysProcAttr = as
	as.Pdeathsig = syscall.SIGKILL
	as.Cloneflags |= syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID
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

// What may cut the person off is done with --confirm only, and undone unless it is confirmed in
// time: also when nsl, its terminal or the script does not end.
func TestUpHostConfirm(t *testing.T) {
	t.Parallel()
	out := onPlayedHost(t, `
echo 'del addr eth0 203.0.113.5/24; ns red; bridge br0 <red> noaddr; attach eth0 -> br0; addr br0 203.0.113.5/24; route host default via 203.0.113.1' >cut.nsl
(cat cut.nsl; echo 'expect ping host -> 203.0.113.77 within 10m') >hangs.nsl
undone() { # within a minute
	n=0
	while [ -e /run/nsl/host.journal ]; do n=$((n + 1)); [ $n -lt 600 ] || { echo "$1: not undone"; ip addr; exit 1; }; sleep 0.1; done
	dump >after
	cmp before after || { echo "$1:"; diff before after; exit 1; }
}
! ./nsl up --host --yes cut.nsl
./nsl up --host --yes --confirm 1s cut.nsl </dev/null || : # it may take longer than that
undone "not confirmed"
setsid ./nsl up --host --yes --confirm 2s hangs.nsl </dev/null >hangs.out 2>&1 & hangs=$!
if wait $hangs; then echo "the script ended"; exit 1; fi
undone "the script hangs"
./nsl up --host --yes --confirm 1h hangs.nsl </dev/null >killed.out 2>&1 & killed=$!
until ip link show br0 >/dev/null 2>&1; do kill -0 $killed; done
kill -9 $killed
undone "nsl is killed"
./nsl up --host --yes --confirm 1h cut.nsl </dev/null
./nsl ls
./nsl confirm
./nsl confirm
until [ -z "$(pgrep -f host-watch)" ]; do :; done # it has nothing left to do
ip -4 addr show br0 | grep 203.0.113.5
./nsl down --host
undone "taken down"
! ./nsl confirm
`)
	for _, want := range []string{"--confirm 60s undoes all of it", "keep it:       nsl confirm, else it is taken down at ", "until ", "cut stays; nsl down --host takes it down\n", "cut stays in any case\n", "cut is down\n", "this machine has no lab"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A service of systemd brings a lab up when the machine starts: its script, with its modules, is
// where no one but root changes it.
func TestInstallService(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("root installs services")
	}
	t.Parallel()
	needProgram(t, "ip")
	out := playHost(t, `
mkdir "$PWD/etc"
cp /etc/passwd "$PWD/etc"
mount --bind "$PWD/etc" /etc # another machine's
mkdir -p /etc/systemd/system lib
echo 'def room(n) { ns $n-of-the-module }' >lib/room.nsl
echo 'use "lib/room.nsl"; let n = ${arg(1)}; ns $n; room $n' >rooms.nsl
mkdir /run/bin
cp -L nsl /run/bin/nsl
! /run/bin/nsl install-service --name ../x rooms.nsl -- red
! /run/bin/nsl install-service lab.nsl
chmod go+w /run/bin
! /run/bin/nsl install-service rooms.nsl -- red
chmod go-w /run/bin
/run/bin/nsl install-service rooms.nsl -- red
ls -R /etc/nsl
! command -v systemd-analyze || systemd-analyze verify --man=no /etc/systemd/system/nsl-rooms.service
sed -n 's/^Exec[A-Za-z]*=-*//p' /etc/systemd/system/nsl-rooms.service >commands
while read -r command; do
	sh -c "$command"
	ip netns
done <commands
dump | cmp - before
`, &syscall.SysProcAttr{})
	for _, want := range []string{"cannot be the name of a lab", "this changes the IP forwarding", "but others than root may change /run/bin", "rooms is the service nsl-rooms", "room.nsl", "of-the-module", "rooms is down"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A person who is logged in over SSH cuts the connection off and forgets to confirm it: it goes on
// once all is undone. Without --confirm, the interface is recognized as theirs.
func TestUpHostSSH(t *testing.T) {
	if !labtest.IsNightly() || os.Geteuid() != 0 {
		t.Skip("it is part of make nightly, as root")
	}
	t.Parallel()
	needProgram(t, "sshd")
	out := playHost(t, `
ip route del default # the connection is to be recognized by itself
ip netns add client
ip link set wan0 netns client
ip -n client addr add 203.0.113.1/24 dev wan0
ip -n client link set wan0 up
dump >before
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$PWD/host"
ssh-keygen -q -t ed25519 -N '' -f "$PWD/user"
"$(command -v sshd || echo /usr/sbin/sshd)" -f /dev/null -h "$PWD/host" -o PermitRootLogin=yes -o StrictModes=no -o AuthorizedKeysFile="$PWD/user.pub" -o PidFile=none
echo 'down eth0' >cut.nsl
ip netns exec client ssh -i user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@203.0.113.5 "cd '$PWD'
	./nsl up --host --yes cut.nsl
	./nsl up --host --yes --confirm 10s cut.nsl </dev/null
	until [ ! -e /run/nsl/host.journal ]; do sleep 0.1; done
	echo the session goes on" 2>&1
dump | cmp - before
`, &syscall.SysProcAttr{})
	for _, want := range []string{"eth0 has your SSH connection: a mistake could cut you off", "cut is on this machine", "the session goes on"} {
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
