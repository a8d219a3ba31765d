package sandbox

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

// machineWith is the root directory of an ordinary machine, with files added
// or, when their text is "-", taken away.
func machineWith(files map[string]string) fstest.MapFS {
	all := map[string]string{
		"proc/sys/kernel/osrelease":         "6.8.0-45-generic",
		"proc/self/status":                  "Name:\tnsl\nUid:\t1000\t1000\t1000\t1000\nSeccomp:\t0\n",
		"proc/self/uid_map":                 "         0          0 4294967295",
		"proc/self/mountinfo":               "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:21 / /proc rw - proc proc rw",
		"proc/self/ns/user":                 "",
		"proc/self/ns/mnt":                  "",
		"proc/self/ns/net":                  "",
		"proc/self/ns/pid":                  "",
		"proc/sys/user/max_user_namespaces": "63432",
		"proc/sys/user/max_net_namespaces":  "63432",
	}
	for path, text := range files {
		all[path] = text
	}
	root := fstest.MapFS{}
	for path, text := range all {
		if text != "-" {
			root[path] = &fstest.MapFile{Data: []byte(text + "\n")}
		}
	}
	return root
}

const filteredStatus = "Uid:\t1000\t1000\t1000\t1000\nSeccomp:\t2\n"

func TestExplainNamesTheCauseAndTheWayOut(t *testing.T) {
	appArmor := map[string]string{"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"}
	for name, c := range map[string]struct {
		step     string
		errno    unix.Errno
		files    map[string]string
		why, fix string
	}{
		"limit is 0": {opClone, unix.ENOSPC, map[string]string{"proc/sys/user/max_user_namespaces": "0"},
			"user.max_user_namespaces is 0", "sudo sysctl -w user.max_user_namespaces=15000"},
		"another limit is 0": {opClone, unix.ENOSPC, map[string]string{"proc/sys/user/max_net_namespaces": "0"},
			"user.max_net_namespaces is 0", "sudo sysctl -w user.max_net_namespaces=15000"},
		"a limit reached": {opClone, unix.ENOSPC, map[string]string{"proc/sys/user/max_mnt_namespaces": "1"},
			"user.max_mnt_namespaces is 1", "sudo sysctl -w user.max_mnt_namespaces=100000"},
		"limit reached": {opClone, unix.ENOSPC, nil, "63432), or they are more than 32 deep", "end other sandboxes"},
		"old Debian": {opClone, unix.EPERM, map[string]string{"proc/sys/kernel/unprivileged_userns_clone": "0"},
			"kernel.unprivileged_userns_clone is 0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
		"Ubuntu strips":  {opLoopback, unix.EPERM, appArmor, "no rights in a user namespace", "flags=(unconfined)"},
		"Ubuntu refuses": {opClone, unix.EACCES, appArmor, "no rights in a user namespace", "kernel.apparmor_restrict_unprivileged_userns=0"},
		"Ubuntu's profile": {opMount + "/", unix.EACCES, map[string]string{"proc/self/attr/current": "unprivileged_userns (enforce)"},
			"no rights in a user namespace", "sudo apparmor_parser -r /etc/apparmor.d/nsl"},
		"Docker": {opClone, unix.EPERM, map[string]string{".dockerenv": "", "proc/self/status": filteredStatus},
			"filter (seccomp) of this Docker container", "docker run --security-opt seccomp=unconfined"},
		"Docker on Ubuntu": {opClone, unix.EPERM, map[string]string{".dockerenv": "", "proc/self/status": filteredStatus,
			"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1", "proc/self/attr/current": "docker-default (enforce)"},
			"filter (seccomp) of this Docker container", "--privileged"},
		"Docker's AppArmor": {opMount + "/", unix.EACCES, map[string]string{".dockerenv": "", "proc/self/attr/current": "docker-default (enforce)"},
			"AppArmor profile docker-default", "apparmor=unconfined"},
		"Docker's /proc": {opMount + "/tmp/proc", unix.EPERM, map[string]string{".dockerenv": "", "proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:21 / /proc rw - proc proc rw\n24 23 0:21 /sys /proc/sys ro - proc proc rw"},
			"parts of /proc are covered here (/proc/sys)", "systempaths=unconfined"},
		"Kubernetes' /proc": {opMount + "/tmp/proc", unix.EPERM, map[string]string{"proc/self/mountinfo": "22 1 8:1 / / rw - overlay overlay rw\n23 22 0:21 / /proc rw - proc proc rw\n24 23 0:21 /kcore /proc/kcore ro - tmpfs tmpfs rw"},
			"parts of /proc are covered here (/proc/kcore)", "procMount: Unmasked"},
		"Podman": {opClone, unix.EPERM, map[string]string{"run/.containerenv": "", "proc/self/status": filteredStatus},
			"this Podman container", "--security-opt"},
		"systemd service": {opClone, unix.EPERM, map[string]string{"proc/self/status": filteredStatus},
			"filter (seccomp) of the program that started nsl", "RestrictNamespaces="},
		"chroot": {opClone, unix.EPERM, map[string]string{"proc/self/mountinfo": "23 22 0:21 / /proc rw - proc proc rw"},
			"in a chroot", "pivot_root"},
		"no CONFIG_USER_NS": {opClone, unix.EINVAL, map[string]string{"proc/self/ns/user": "-"},
			"6.8.0-45-generic was built without CONFIG_USER_NS", "use a kernel"},
		"unmapped user": {opClone, unix.EPERM, map[string]string{"proc/self/uid_map": "0 1000 1"},
			"user 1000 has no ID", "uid_map"},
		"no user mapped":     {opClone, unix.EPERM, map[string]string{"proc/self/uid_map": ""}, "user 1000 has no ID", "uid_map"},
		"too many processes": {opClone, unix.EAGAIN, nil, "as many processes", "ulimit -u"},
		"SELinux":            {opClone, unix.EACCES, map[string]string{"sys/fs/selinux/enforce": "1"}, "SELinux", "ausearch"},
		"root without SETUID": {opClone, unix.EPERM, map[string]string{"proc/self/status": "Uid:\t0\t0\t0\t0\nSeccomp:\t0\nCapEff:\t0000000020000460\n"},
			"root lacks CAP_SETUID here", "as an ordinary user"},
		"unknown": {opClone, unix.EPERM, nil, "operation not permitted", "sudo nsl"},
	} {
		r := Explain(os.NewSyscallError(c.step, c.errno), machineWith(c.files))
		if r == nil || !strings.Contains(r.Why, c.why) || !strings.Contains(r.Fix, c.fix) || !errors.Is(r, c.errno) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// What Go's fork exits with when the child cannot say what was wrong, as when the kernel
// does not take its uid_map, is no exit code of a lab.
func TestUnbornIsRefused(t *testing.T) {
	requireSandbox(t)
	exit, err := Run(t.Context(), Config{Args: []string{"exit", "253"}})
	refused := (*Refused)(nil)
	if !errors.As(err, &refused) || !strings.Contains(refused.Why, "uid_map") || refused.Fix == "" {
		t.Errorf("exit %d, %v", exit, err)
	}
}

func TestExplainLeavesOtherErrorsAlone(t *testing.T) {
	for _, err := range []error{
		nil, errors.New("x"), os.NewSyscallError(opClone, unix.EMFILE), &os.PathError{Op: "open", Err: unix.EPERM},
	} {
		if r := Explain(err, machineWith(nil)); r != nil {
			t.Errorf("%v: %+v", err, r)
		}
	}
}

// runNested runs a script inside a sandbox where "$nsl" is this binary, and
// returns its exit code and what it said.
func runNested(t *testing.T, script string) (int, string) {
	t.Helper()
	requireSandbox(t)
	binary, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	// The child of the outer sandbox is started with the binary as descriptor 0.
	// No sandbox can be made in a confined one.
	exit, out := inside(t, Config{Stdin: binary, Trusted: true, Args: []string{"sh", "nsl=/proc/self/fd/0\nexec 2>&1\n" + script}})
	return exit, out
}

func TestSandboxInASandbox(t *testing.T) {
	if exit, out := runNested(t, "$nsl supervise sh 'ip -o link | wc -l; exit 7'"); exit != 7 || out != "1\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

// Without user namespaces root's lab would be root: it is refused unless trusted.
func TestRootNeedsNoUserNamespaceForATrustedLab(t *testing.T) {
	const none = "echo 0 >/proc/sys/user/max_user_namespaces\n"
	exit, out := runNested(t, none+"$nsl supervise sh 'echo ran'")
	if exit != codeCannot || strings.Contains(out, "ran") || !strings.Contains(out, "--trust") {
		t.Errorf("exit %d, %q", exit, out)
	}
	exit, out = runNested(t, none+"$nsl trust sh 'ip -o link | wc -l; exit 7'")
	if exit != 7 || out != "1\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

func TestLimitOfTheMachineIsNamed(t *testing.T) {
	exit, out := runNested(t, "echo 0 >/proc/sys/user/max_net_namespaces\n$nsl supervise exit 0")
	if exit != codeCannot || !strings.Contains(out, "user.max_net_namespaces is 0") {
		t.Errorf("exit %d, %q", exit, out)
	}
}

func TestChrootIsNamed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs a second user ID inside the sandbox, which only root's has")
	}
	exit, out := runNested(t, `mkdir /tmp/c && cd /tmp/c && for d in bin lib lib64 usr proc dev; do
		mkdir $d && mount --rbind /$d $d || exit 1
	done
	chroot --userspec=1000:1000 /tmp/c $nsl supervise exit 0`)
	if exit != codeCannot || !strings.Contains(out, "in a chroot") {
		t.Errorf("exit %d, %q", exit, out)
	}
}

func TestFilterIsNamed(t *testing.T) {
	requireSandbox(t)
	out, err := exec.Command("/proc/self/exe", "without", "clone", "supervise", "exit", "0").CombinedOutput()
	if exitOf(err) != codeCannot || !strings.Contains(string(out), "filter (seccomp)") {
		t.Errorf("%v: %s", err, out)
	}
}

// The namespaces are allowed and their use is not, as on Ubuntu.
func TestStrippedRightsAreToldFromInside(t *testing.T) {
	requireSandbox(t)
	out, err := exec.Command("/proc/self/exe", "without", "mount", "supervise", "exit", "0").CombinedOutput()
	if exitOf(err) != codeCannot || !strings.Contains(string(out), "(mount /)") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestInspectTellsWhatIs(t *testing.T) {
	requireSandbox(t)
	f, err := Inspect(context.Background())
	if err != nil || f.Refused != nil || len(f.Tries) != 7 {
		t.Fatalf("%+v, %v", f, err)
	}
	for _, try := range f.Tries {
		if try.Err != nil {
			t.Errorf("%s: %v", try.Kinds, try.Err)
		}
	}
	if f.Machine.Kernel == "" || f.Machine.UID != os.Geteuid() || f.Machine.Chroot || f.Machine.Sysctls["user.max_net_namespaces"] == "" {
		t.Errorf("%+v", f.Machine)
	}
}
