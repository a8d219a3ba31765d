package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Refused says that the machine does not allow a sandbox.
type Refused struct {
	What string // what could not be done
	Why  string // what forbids it
	Fix  string // the ways out, one a line, with the exact commands
	Err  error  // the kernel's error
}

// Error is the three texts, the fix on lines of its own.
func (r *Refused) Error() string {
	return r.What + ": " + r.Why + "\n" + r.Fix
}

// Unwrap is the kernel's error, and the finding that this is.
func (r *Refused) Unwrap() []error {
	return []error{r.Err, diag.New(diag.NoSandbox, diag.Machine, source.Span{}, "%s", r.What).WithHelp("%s\n%s", r.Why, r.Fix)}
}

// Explain finds what on the machine forbids the sandbox step that failed with
// err; root is the machine's root directory (os.DirFS("/")). It is nil when err
// is no refusal.
func Explain(err error, root fs.FS) *Refused {
	var step *os.SyscallError
	if !refusal(err) || !errors.As(err, &step) {
		return nil
	}
	var errno unix.Errno
	errors.As(err, &errno)
	a := attempt{Machine: look(root), clone: step.Syscall == opClone, proc: strings.HasSuffix(step.Syscall, "/proc"), errno: errno}
	r := a.cause()
	r.Err = err
	if a.clone && a.UID == 0 && len(a.Lacks) == 0 {
		r.Fix = strings.TrimPrefix(r.Fix+"\n"+trusting, "\n")
	}
	r.What = "cannot make a sandbox"
	if !a.clone {
		r.What = "cannot use the sandbox (" + step.Syscall + ")"
	}
	return r
}

// explained is Explain's answer where there is one, else the error.
func explained(err error) error {
	if r := Explain(err, os.DirFS("/")); r != nil {
		return r
	}
	return err
}

// codeUnborn is what a process exits with that could not become the program it was
// cloned for (syscall.forkExec); nothing else in a sandbox does.
const codeUnborn = 253

// unborn is the error of a sandbox whose process could not even say why it ended.
func unborn(status syscall.WaitStatus) error {
	if exitCode(status) != codeUnborn {
		return nil
	}
	return &Refused{
		What: "cannot make a sandbox",
		Why:  "the kernel did not take the IDs of its user namespace (/proc/PID/uid_map, user_namespaces(7)), or did not let its first process begin",
		Fix:  "nsl doctor says what this machine allows; a security module or a system call filter may forbid it\n" + asRoot,
		Err:  unix.EPERM,
	}
}

// refusal tells the errors of clone(2), mount(2) and the ioctl that mean a rule
// or a limit of the machine from faults of ours.
func refusal(err error) bool {
	return slices.ContainsFunc([]unix.Errno{
		unix.EPERM, unix.EACCES, unix.ENOSPC, unix.EUSERS, unix.EINVAL, unix.ENOSYS, unix.EAGAIN,
	}, func(e unix.Errno) bool { return errors.Is(err, e) })
}

// attempt is what failed, and where.
type attempt struct {
	Machine
	clone bool // at clone(2), not later inside
	proc  bool // at the mount of /proc
	errno unix.Errno
}

func (a attempt) denied() bool { return a.errno == unix.EPERM || a.errno == unix.EACCES }

// cause is the first of the known ones that fits; the certain come before the
// likely.
func (a attempt) cause() *Refused {
	for _, find := range []func(attempt) *Refused{
		missing, limited, debian, chrooted, unmapped, capless, processes, nested, masked,
		filtered, confined, ubuntu, selinux,
	} {
		if r := find(a); r != nil {
			return r
		}
	}
	r := &Refused{Why: "the kernel says: " + a.errno.Error()}
	if a.UID != 0 {
		r.Fix = asRoot
	}
	return r
}

const asRoot = "run nsl as root: sudo nsl …"

// trusting is what root can do where no user namespace may be created.
const trusting = "for a lab that you trust as you trust root, no user namespace is needed:  nsl … --trust"

func set(sysctl, value string) string {
	return fmt.Sprintf("allow them:  sudo sysctl -w %s=%s", sysctl, value)
}

func missing(a attempt) *Refused {
	if !a.clone || len(a.Missing) == 0 {
		return nil
	}
	var options []string
	for _, kind := range a.Missing {
		switch kind {
		case "mnt":
			continue
		default:
			options = append(options, "CONFIG_"+strings.ToUpper(kind)+"_NS")
		}
	}
	return &Refused{
		Why: "kernel " + a.Kernel + " was built without " + strings.Join(options, ", "),
		Fix: "use a kernel that has it; every distribution's own does",
	}
}

func limited(a attempt) *Refused {
	for name, value := range a.Sysctls {
		if a.clone && strings.HasPrefix(name, "user.max_") && value == "0" {
			return &Refused{
				Why: "the setting " + name + " is 0, so no one may create such namespaces",
				Fix: set(name, "15000"),
			}
		}
	}
	return nil
}

func debian(a attempt) *Refused {
	if !a.clone || !a.denied() || a.Sysctls[sysctlDebian] != "0" {
		return nil
	}
	return &Refused{
		Why: "the setting " + sysctlDebian + " is 0: only root may create user namespaces",
		Fix: set(sysctlDebian, "1") + "\n" + asRoot,
	}
}

func chrooted(a attempt) *Refused {
	if !a.clone || !a.denied() || !a.Chroot {
		return nil
	}
	return &Refused{
		Why: "this process is in a chroot, where the kernel allows no user namespaces (user_namespaces(7))",
		Fix: "enter the directory with switch_root or pivot_root instead of chroot, or as a container",
	}
}

func unmapped(a attempt) *Refused {
	if !a.clone || !a.denied() || !a.Unmapped {
		return nil
	}
	return &Refused{
		Why: fmt.Sprintf("user %d has no ID in the user namespace that this process is in", a.UID),
		Fix: "run nsl as a user that /proc/self/uid_map there lists",
	}
}

// capless is for containers whose root has not what root has: it cannot give a lab another user
// than itself, and a lab's root has no rights outside.
func capless(a attempt) *Refused {
	if !a.clone || !a.denied() || len(a.Lacks) == 0 {
		return nil
	}
	return &Refused{
		Why: "root lacks " + strings.Join(a.Lacks, " and ") + " here, which map the lab's root to an ordinary user",
		Fix: "start the container as an ordinary user, or let its root have them:  docker run --cap-add SETUID --cap-add SETGID …",
	}
}

func processes(a attempt) *Refused {
	if !a.clone || a.errno != unix.EAGAIN {
		return nil
	}
	return &Refused{
		Why: "this user or its control group has as many processes as it may",
		Fix: "look at them and at the limits:  ps -u \"$USER\" -L | wc -l;  ulimit -u;  cat /sys/fs/cgroup/pids.max",
	}
}

func nested(a attempt) *Refused {
	if !a.clone || a.errno != unix.ENOSPC && a.errno != unix.EUSERS {
		return nil
	}
	key := lowestLimit(a.Sysctls)
	return &Refused{
		Why: "the limit of namespaces is reached (" + key + " is " + a.Sysctls[key] + "), or they are more than 32 deep",
		Fix: "end other sandboxes or containers, or raise the limit:  sudo sysctl -w " + key + "=100000",
	}
}

// lowestLimit is the limit that is reached first: a sandbox has one namespace of each kind.
func lowestLimit(sysctls map[string]string) string {
	lowest, key := math.MaxInt, "user.max_user_namespaces"
	for _, k := range []string{"user.max_user_namespaces", "user.max_mnt_namespaces", "user.max_net_namespaces"} {
		if n, err := strconv.Atoi(sysctls[k]); err == nil && n < lowest {
			lowest, key = n, k
		}
	}
	return key
}

func filtered(a attempt) *Refused {
	if !a.clone || !a.Seccomp || !a.denied() && a.errno != unix.ENOSYS {
		return nil
	}
	if a.Container == "" {
		return &Refused{
			Why: "a system call filter (seccomp) of the program that started nsl forbids namespaces",
			Fix: "start nsl from a plain shell; in a systemd service remove RestrictNamespaces= and SystemCallFilter=",
		}
	}
	return &Refused{
		Why: "the system call filter (seccomp) of this " + a.Container + " container forbids namespaces",
		Fix: containerFix,
	}
}

const containerFix = "start the container with:  docker run " + diag.ContainerFlags + " …\n" +
	"or with:  docker run --privileged …"

// strippedProfile is the one that Ubuntu's kernel moves a process to that
// creates a user namespace without leave: it may then do nothing with it.
const strippedProfile = "unprivileged_userns"

func confined(a attempt) *Refused {
	if !a.denied() || a.AppArmor == "" || strings.Contains(a.AppArmor, strippedProfile) {
		return nil
	}
	r := &Refused{Why: "the AppArmor profile " + a.AppArmor + " confines this process", Fix: containerFix}
	if a.Container == "" {
		r.Fix = "allow it there (userns, mount, capability), or start nsl from a program that is not confined"
	}
	return r
}

func ubuntu(a attempt) *Refused {
	stripped := strings.Contains(a.AppArmor, strippedProfile)
	if !a.denied() || !stripped && a.Sysctls[sysctlAppArmor] != "1" {
		return nil
	}
	why := "AppArmor gives programs without a profile of their own no rights in a user namespace (" + sysctlAppArmor + " is 1)"
	return &Refused{Why: why, Fix: appArmorFix()}
}

// appArmorFix is the profile that Ubuntu gives the programs it allows.
func appArmorFix() string {
	path, err := os.Executable()
	if err != nil {
		path = "/usr/local/bin/nsl"
	}
	return "give nsl a profile:\n" +
		"  printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile nsl \"" + path + "\" flags=(unconfined) {\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/nsl\n" +
		"  sudo apparmor_parser -r /etc/apparmor.d/nsl\n" +
		"or allow them to every program:  sudo sysctl -w " + sysctlAppArmor + "=0\n" +
		"or " + asRoot
}

func selinux(a attempt) *Refused {
	if a.errno != unix.EACCES || !a.SELinux {
		return nil
	}
	return &Refused{
		Why: "SELinux forbids it to this process",
		Fix: "see what it says:  sudo ausearch -m avc -ts recent\n" + asRoot,
	}
}
