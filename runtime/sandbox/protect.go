package sandbox

import (
	"bytes"
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// protect takes set-user-ID and devices away from the mounts at and below a path,
// and writing unless write.
func protect(path string, write bool) error {
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
	if !write {
		attr.Attr_set |= unix.MOUNT_ATTR_RDONLY
	}
	return setAttr(path, unix.AT_RECURSIVE, attr)
}

// readOnly makes one mount, or those below it too, read-only.
func readOnly(path string, recursive bool) error {
	flags := uint(0)
	if recursive {
		flags = unix.AT_RECURSIVE
	}
	return setAttr(path, flags, unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// setAttr is mount_setattr(2), or what did the same before Linux 5.12.
func setAttr(path string, flags uint, attr unix.MountAttr) error {
	err := unix.MountSetattr(unix.AT_FDCWD, path, flags, &attr)
	if errors.Is(err, unix.ENOSYS) {
		err = remount(path, flags&unix.AT_RECURSIVE != 0, attr.Attr_set)
	}
	return os.NewSyscallError("mount_setattr "+path, err)
}

// remount sets the flags of each mount, keeping those that it has: the kernel
// refuses to take away what a more privileged namespace has set.
func remount(path string, recursive bool, set uint64) error {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		if len(f) < 6 {
			continue
		}
		at := unescape(f[4])
		if at != path && (!recursive || !strings.HasPrefix(at, path+"/")) {
			continue
		}
		flags := unix.MS_BIND | unix.MS_REMOUNT | mountFlags(f[5]) | oldFlags(set)
		if err := unix.Mount("", at, "", flags, ""); err != nil {
			return err
		}
	}
	return nil
}

// oldFlags are the flags of mount(2) for those of mount_setattr(2).
func oldFlags(set uint64) (flags uintptr) {
	for attr, flag := range map[uint64]uintptr{
		unix.MOUNT_ATTR_RDONLY: unix.MS_RDONLY, unix.MOUNT_ATTR_NOSUID: unix.MS_NOSUID, unix.MOUNT_ATTR_NODEV: unix.MS_NODEV,
	} {
		if set&attr != 0 {
			flags |= flag
		}
	}
	return flags
}

// mountFlags reads the options of a mount (proc_pid_mountinfo(5)).
func mountFlags(options string) (flags uintptr) {
	names := map[string]uintptr{
		"ro": unix.MS_RDONLY, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC,
		"noatime": unix.MS_NOATIME, "nodiratime": unix.MS_NODIRATIME, "relatime": unix.MS_RELATIME,
	}
	for name := range strings.SplitSeq(options, ",") {
		flags |= names[name]
	}
	return flags
}

// unescape reads a path as /proc writes it: blanks and backslashes in octal.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}
