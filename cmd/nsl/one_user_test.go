package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"nsl/runtime/labtest"
)

// An ordinary user may map but one ID into a lab, so it has no other user than root:
// programs that become another one, or give a file to one, go on as root.
func TestProgramsBecomeAnotherUserWhereThereIsNone(t *testing.T) {
	t.Parallel()
	labtest.NeedSandbox(t)
	needProgram(t, "tcpdump")
	needProgram(t, "python3")
	name := filepath.Join(t.TempDir(), "lab.nsl")
	err := os.WriteFile(name, []byte(`ns red blue
link red <-> blue
spawn red ping -i 0.2 192.168.15.2
exec red tcpdump -n -c 1 -i veth-red
exec red tcpdump -n -c 1 -i veth-red -w /tmp/red.pcap
exec red python3 -c 'import os; os.setgroups([5]); os.setresgid(5, 5, 5); os.setresuid(5, 5, 5); os.chown("/tmp/red.pcap", 5, 5)'
exec red python3 -c 'import os; os.setuid(0); assert os.getuid() == 0'
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := nslCommand("X=", "run", name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
