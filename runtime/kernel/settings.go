package kernel

import (
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// perLink are the directories below a family's that have one for each interface.
var perLink = []string{"conf", "neigh"}

// Settings are the settings that each interface of a node has; see [plan.View].
func (w *World) Settings(node string) (list []plan.Setting, err error) {
	err = w.Inside(node, func() error {
		for _, family := range []string{"ipv4", "ipv6"} {
			of, err := settingsAt(family)
			if err != nil {
				return err
			}
			list = append(list, of...)
		}
		return nil
	})
	return list, err
}

// settingsAt are the settings of a family. Each directory is opened below the one before:
// the settings of all namespaces of the machine have the same names, and the kernel looks
// through all of them for a path from the root (proc_sys_lookup).
func settingsAt(family string) (list []plan.Setting, err error) {
	err = below(unix.AT_FDCWD, sysctlDir+family, func(of int) error {
		for _, dir := range perLink {
			if err := below(of, dir, func(links int) error {
				names, err := namesIn(links)
				for _, name := range slices.DeleteFunc(names, plan.FallbackName) {
					list = append(list, settingsIn(links, name, "net/"+family+"/"+dir+"/"+name+"/")...)
				}
				return err
			}); err != nil {
				return err
			}
		}
		return nil
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

// namesIn are the names in a directory.
func namesIn(dir int) ([]string, error) {
	fd, err := unix.Dup(dir)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "settings")
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// settingsIn are the settings of a directory that can be read and written. One that is
// gone meanwhile has none.
func settingsIn(at int, name, prefix string) (list []plan.Setting) {
	_ = below(at, name, func(dir int) error {
		names, err := namesIn(dir)
		for _, name := range names {
			if value, writable, err := readSysctlAt(dir, name); err == nil && writable {
				list = append(list, plan.Setting{Key: prefix + name, Value: value})
			}
		}
		return err
	})
	return list
}

// Sysctls are the values of settings, whose keys are paths, that a node has. It is faster than
// asking for each: see settingsAt.
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
					if value, _, err := readSysctlAt(dir, rest); err == nil {
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
