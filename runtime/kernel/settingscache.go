package kernel

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// settingsCache remembers the settings of interfaces by what netlink shows of them.
type settingsCache struct {
	mu sync.Mutex
	// known are those that were read; their keys are the names of files.
	known map[settingsKey][]plan.Setting
	// files are the names of those that can be written: the kernel has the same for each
	// interface. Their directories have "" as the link, but those of "all" and "default".
	files map[settingsDir]files
}

// files are the settings that netlink shows, and those that have to be read each time.
type files struct{ shown, others []string }

type settingsKey struct{ family, kind, seen string }

// mostSettings bounds the memory of a settingsCache.
const mostSettings = 1000

// all are the settings of the directories. The files are those of the namespace that the
// calling thread is in; what was read of them and not known is returned by its directory.
func (c *settingsCache) all(seen map[settingsDir]string) (list []plan.Setting, read map[settingsDir][]plan.Setting, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	read = map[settingsDir][]plan.Setting{}
	for _, family := range []string{"ipv4", "ipv6"} {
		err = errors.Join(err, below(unix.AT_FDCWD, sysctlDir+family, func(at int) error {
			for _, dir := range directories(seen, family) {
				of, err := c.of(at, dir, seen[dir], read)
				if err != nil {
					return err
				}
				for _, s := range of {
					list = append(list, plan.Setting{Key: "net/" + dir.path() + "/" + s.Key, Value: s.Value})
				}
			}
			return nil
		}))
	}
	return list, read, err
}

// directories are those of a family, in their order.
func directories(seen map[settingsDir]string, family string) []settingsDir {
	list := []settingsDir{{family, "conf", "all"}, {family, "conf", "default"}, {family, "neigh", "default"}}
	list = slices.AppendSeq(list, maps.Keys(seen))
	list = slices.DeleteFunc(list, func(d settingsDir) bool { return d.family != family })
	slices.SortFunc(list, func(a, b settingsDir) int { return cmp.Compare(a.path(), b.path()) })
	return list
}

// of are the settings of one directory, none if it is gone meanwhile; at is that of its family.
func (c *settingsCache) of(at int, dir settingsDir, seen string, read map[settingsDir][]plan.Setting) (list []plan.Setting, err error) {
	err = below(at, dir.kind+"/"+dir.link, func(fd int) error {
		names, err := c.names(fd, dir)
		if err != nil {
			return err
		}
		known, ok := c.known[settingsKey{dir.family, dir.kind, seen}]
		if list = known; !ok || dir.ofAll() {
			list = readSettings(fd, names.shown)
			if !dir.ofAll() {
				read[dir] = list
			}
		}
		list = append(slices.Clip(list), readSettings(fd, names.others)...)
		return nil
	})
	return list, err
}

// readSettings reads those settings of a directory that can be read.
func readSettings(dir int, names []string) (list []plan.Setting) {
	for _, name := range names {
		if value, err := readSysctlAt(dir, name); err == nil {
			list = append(list, plan.Setting{Key: name, Value: value})
		}
	}
	return list
}

// names are the names of the settings of a directory that can be written.
func (c *settingsCache) names(fd int, dir settingsDir) (f files, err error) {
	if !dir.ofAll() {
		dir.link = ""
	}
	if f, ok := c.files[dir]; ok {
		return f, nil
	}
	names, err := namesIn(fd)
	for _, name := range names {
		var info unix.Stat_t
		switch {
		case unix.Fstatat(fd, name, &info, 0) != nil || info.Mode&0o200 == 0:
		case dir.shown(name):
			f.shown = append(f.shown, name)
		default:
			f.others = append(f.others, name)
		}
	}
	if err != nil {
		return f, err
	}
	if c.files == nil {
		c.files = map[settingsDir]files{}
	}
	c.files[dir] = f
	return f, nil
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

// keep remembers what was read, as far as netlink showed the same before and after it.
func (c *settingsCache) keep(read map[settingsDir][]plan.Setting, before, after map[settingsDir]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) > mostSettings {
		c.known = map[settingsKey][]plan.Setting{}
	}
	for dir, list := range read {
		if seen, ok := after[dir]; ok && seen == before[dir] {
			c.known[settingsKey{dir.family, dir.kind, seen}] = list
		}
	}
}
