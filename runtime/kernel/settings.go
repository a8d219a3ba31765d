package kernel

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Settings are the settings that each interface of a node has; see [plan.View]. Those of
// interfaces whose values netlink shows to be as those of one that was read before are not
// read again: a file for each of them takes longer than all else that a node is asked.
func (w *World) Settings(node string) (list []plan.Setting, err error) {
	err = w.in(node, func(h *handle) error {
		before, err := h.settingsSeen()
		if err != nil {
			return err
		}
		var read map[settingsDir][]plan.Setting
		err = h.Inside(func() error {
			list, read, err = w.settings.all(before)
			return err
		})
		if err != nil || len(read) == 0 {
			return err
		}
		after, err := h.settingsSeen()
		w.settings.keep(read, before, after)
		return err
	})
	return list, err
}

// below opens a directory for f. One that is not there has nothing: a kernel may be
// without IPv6.
func below(at int, name string, f func(dir int) error) error {
	dir, err := unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(dir) }()
	return f(dir)
}

// Sysctls are the values of settings, whose keys are paths, that a node has. It is faster than
// asking for each: each directory is opened below the one before. The settings of all
// namespaces of the machine have the same names, and the kernel looks through all of them
// for a path from the root (proc_sys_lookup).
func (w *World) Sysctls(node string, keys []string) (list []plan.Setting, err error) {
	of := map[string][]string{}
	for _, key := range keys {
		path, err := sysctlPath(key)
		if family, rest, ok := strings.Cut(path, "/"); err == nil && ok {
			of[family] = append(of[family], rest)
		}
	}
	err = w.Inside(node, func() error {
		for family, rests := range of {
			if err := below(unix.AT_FDCWD, sysctlDir+family, func(dir int) error {
				for _, rest := range rests {
					if value, err := readSysctlAt(dir, rest); err == nil {
						list = append(list, plan.Setting{Key: "net/" + family + "/" + rest, Value: value})
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}
