package sandbox

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine is what this machine says about namespaces, as far as it concerns the
// calling process.
type Machine struct {
	Kernel    string            // the release, as uname -r
	UID       int               // the effective user ID
	Container string            // the kind of container this process is in; empty outside
	AppArmor  string            // the profile that confines this process; empty for none
	SELinux   bool              // enforcing
	Seccomp   bool              // a system call filter is on
	Chroot    bool              // the root directory is not the root of a mount
	Covered   []string          // what is mounted below /proc
	Lacks     []string          // the capabilities that root needs for a sandbox, and this root lacks
	Unmapped  bool              // this user has no ID in its own user namespace
	Missing   []string          // namespace kinds that the kernel was built without
	Sysctls   map[string]string // the settings that bear on it and exist, by name
}

// settings bear on namespaces. The limits are namespaces(7); the second is
// Debian's (Linux 4 and 5), the AppArmor ones are Ubuntu's since 23.10.
func settings() []string {
	return []string{
		"user.max_user_namespaces",
		"user.max_mnt_namespaces",
		"user.max_net_namespaces",
		"user.max_pid_namespaces",
		sysctlDebian,
		sysctlAppArmor,
		"kernel.apparmor_restrict_unprivileged_unconfined",
	}
}

const (
	sysctlDebian   = "kernel.unprivileged_userns_clone"
	sysctlAppArmor = "kernel.apparmor_restrict_unprivileged_userns"
)

// look reads the machine from its root directory.
func look(root fs.FS) Machine {
	status := fields(text(root, "proc/self/status"))
	m := Machine{
		Kernel:    text(root, "proc/sys/kernel/osrelease"),
		UID:       second(status["Uid"]),
		Container: container(root),
		AppArmor:  profile(root),
		SELinux:   text(root, "sys/fs/selinux/enforce") == "1",
		Seccomp:   status["Seccomp"] == "2",
		Chroot:    chroot(root),
		Covered:   covered(root),
		Sysctls:   map[string]string{},
	}
	if m.UID == 0 {
		m.Lacks = lacking(status["CapEff"])
	}
	if ids, err := fs.ReadFile(root, "proc/self/uid_map"); err == nil {
		m.Unmapped = !mapped(string(ids), m.UID)
	}
	for _, kind := range []string{"user", "mnt", "net", "pid"} {
		if _, err := fs.Lstat(root, "proc/self/ns/"+kind); err != nil {
			m.Missing = append(m.Missing, kind)
		}
	}
	for _, name := range settings() {
		if value := text(root, "proc/sys/"+strings.ReplaceAll(name, ".", "/")); value != "" {
			m.Sysctls[name] = value
		}
	}
	return m
}

// lacking are the capabilities that root maps another user into a sandbox with
// (user_namespaces(7)), and that are not in a set as proc_pid_status(5) has it.
func lacking(set string) (names []string) {
	has, err := strconv.ParseUint(set, 16, 64)
	if err != nil {
		return nil
	}
	for _, c := range []struct {
		bit  int
		name string
	}{{unix.CAP_SETGID, "CAP_SETGID"}, {unix.CAP_SETUID, "CAP_SETUID"}} {
		if has&(1<<c.bit) == 0 {
			names = append(names, c.name)
		}
	}
	return names
}

// text is a small file's content without the newline, empty when it cannot be
// read: on most machines most of these files are absent.
func text(root fs.FS, path string) string {
	b, err := fs.ReadFile(root, path)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(b), "\n\x00")
}

// fields are the "Name: value" lines of proc_pid_status(5).
func fields(status string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(status) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			m[name] = strings.TrimSpace(value)
		}
	}
	return m
}

// second is the effective one of "real effective saved filesystem".
func second(ids string) int {
	f := strings.Fields(ids)
	if len(f) < 2 {
		return -1
	}
	return number(f[1])
}

// container names what left its mark: the files are Docker's and Podman's, the
// variable is systemd's container interface.
func container(root fs.FS) string {
	if _, err := fs.Stat(root, ".dockerenv"); err == nil {
		return "Docker"
	}
	if _, err := fs.Stat(root, "run/.containerenv"); err == nil {
		return "Podman"
	}
	for _, variable := range strings.Split(text(root, "proc/1/environ"), "\x00") {
		if kind, ok := strings.CutPrefix(variable, "container="); ok {
			return kind
		}
	}
	return ""
}

// profile is the AppArmor profile; the first path is Linux 5.8's and later, the
// second may belong to another security module.
func profile(root fs.FS) string {
	current := text(root, "proc/self/attr/apparmor/current")
	if current == "" {
		current = text(root, "proc/self/attr/current")
	}
	if !strings.HasSuffix(current, " (enforce)") {
		return ""
	}
	return strings.TrimSuffix(current, " (enforce)")
}

// covered are the mount points below /proc.
func covered(root fs.FS) (paths []string) {
	for _, line := range strings.Split(text(root, "proc/self/mountinfo"), "\n") {
		if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(f[4], "/proc/") {
			paths = append(paths, f[4])
		}
	}
	return paths
}

// chroot reports whether no mount is at "/": proc_pid_mountinfo(5) names mount
// points relative to the process's root.
func chroot(root fs.FS) bool {
	lines := strings.Split(text(root, "proc/self/mountinfo"), "\n")
	return lines[0] != "" && !slices.ContainsFunc(lines, func(line string) bool {
		f := strings.Fields(line)
		return len(f) > 4 && f[4] == "/"
	})
}

// mapped reports whether the user namespace of that uid_map has the ID. One that is empty
// has none.
func mapped(uidMap string, id int) bool {
	return slices.ContainsFunc(strings.Split(uidMap, "\n"), func(line string) bool {
		f := strings.Fields(line)
		return len(f) == 3 && number(f[0]) <= id && id-number(f[0]) < number(f[2])
	})
}

// number is the text's value, or -1.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
