package kernel

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// sysctlDir follows the thread that opens a file in it (proc_sys_net(5)).
const sysctlDir = "/proc/sys/net/"

// sysctlPath is where a setting is, below sysctlDir. A key is spelt as
// sysctl(8) takes it: when its first separator is a dot, dots separate and a
// slash means a dot; when it is a slash, the key is the path already.
// Keys outside net are not a namespace's own.
func sysctlPath(key string) (string, error) {
	path := key
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		path = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	parts := strings.Split(path, "/")
	if len(parts) < 2 || parts[0] != "net" || slices.ContainsFunc(parts, unfit) {
		return "", fmt.Errorf("%s: %w", key, plan.ErrNoSysctl)
	}
	return strings.Join(parts[1:], "/"), nil
}

// unfit reports whether a component would leave the directory.
func unfit(part string) bool {
	return part == "" || part == "." || part == ".." || strings.Contains(part, "\x00")
}

// Sysctl is the value of a setting, white space at its end removed.
func (w *World) Sysctl(node, key string) (value string, err error) {
	path, err := sysctlPath(key)
	if err != nil {
		return "", err
	}
	err = w.Inside(node, func() error {
		value, err = readSysctl(path)
		return noSysctl(key, err)
	})
	return value, err
}

func (w *World) setSysctl(o plan.SetSysctl) error {
	path, err := sysctlPath(o.Key)
	if err == nil {
		err = w.Inside(o.Node, func() error { return noSysctl(o.Key, writeSysctl(path, o.Value)) })
	}
	if o.Node == plan.Host {
		w.settingsChanged()
	}
	if o.Optional && errors.Is(err, plan.ErrNoSysctl) {
		return nil
	}
	return err
}

// noSysctl distinguishes a setting that is not there from one that refuses.
func noSysctl(key string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%s: %w", key, plan.ErrNoSysctl)
	}
	return fmt.Errorf("%s: %w", key, err)
}

func writeSysctl(path, value string) error {
	fd, err := unix.Open(sysctlDir+path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	_, err = unix.Write(fd, []byte(value))
	return errors.Join(err, unix.Close(fd))
}

func readSysctl(path string) (string, error) {
	return readSysctlAt(unix.AT_FDCWD, sysctlDir+path)
}

// readSysctlAt reads a setting below a directory.
func readSysctlAt(dir int, path string) (string, error) {
	fd, err := unix.Openat(dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = unix.Close(fd) }()
	// A setting is read at once (proc_sys_call_handler): to ask for its end, as one does with
	// files, would cost as much again, and so would a large buffer, which the kernel clears.
	for size := 256; ; size *= 16 {
		buf := make([]byte, size)
		n, err := unix.Pread(fd, buf, 0)
		if err != nil {
			return "", err
		}
		if n < len(buf) {
			return strings.TrimRight(string(buf[:n]), " \t\n"), nil
		}
	}
}
