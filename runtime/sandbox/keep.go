package sandbox

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// kept is what must remain below the directories that the sandbox covers.
type kept struct {
	dirs     []keptDir
	cwd      string // to enter again; empty when it was not covered
	resolver string // the file behind /etc/resolv.conf; empty when not covered
	servers  []byte // its text
}

type keptDir struct {
	path string
	fd   int
}

// keepBelow takes hold, before roots are covered, of the working directory, of
// the directories of PATH (NixOS has all of its programs below /run) and of the
// file behind /etc/resolv.conf, as far as they are below one of the roots.
func keepBelow(roots, notes []string) (*kept, []string) {
	k := &kept{}
	paths := filepath.SplitList(os.Getenv("PATH"))
	if cwd, err := unix.Getwd(); err == nil {
		if below(cwd, roots) {
			k.cwd = cwd
			paths = append(paths, cwd)
		} else if slices.Contains(roots, cwd) {
			notes = append(notes, "the working directory is "+cwd+", which the lab has an empty one of: relative names reach its files, names that begin with "+cwd+" do not")
		}
	}
	for _, path := range paths {
		if path = filepath.Clean(path); below(path, roots) {
			k.hold(path)
		}
	}
	if file := target("/etc/resolv.conf"); below(file, roots) {
		if text, err := os.ReadFile(file); err == nil {
			k.resolver, k.servers = file, text
		}
	}
	return k, notes
}

func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return strings.HasPrefix(path, root+"/")
	})
}

// hold opens the directory; one that does not exist needs no keeping.
func (k *kept) hold(path string) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		k.dirs = append(k.dirs, keptDir{path, fd})
	}
}

func (k *kept) close() {
	for _, d := range k.dirs {
		// A descriptor that only names a place has nothing to lose in close.
		_ = unix.Close(d.fd)
	}
}

// restore puts what was kept to its old place in the new file systems. What
// cannot be put back is a note.
func (k *kept) restore(notes []string) ([]string, error) {
	// A parent first: its mount would cover the child's.
	slices.SortFunc(k.dirs, func(a, b keptDir) int { return len(a.path) - len(b.path) })
	for i, d := range k.dirs {
		if slices.ContainsFunc(k.dirs[:i], func(p keptDir) bool { return below(d.path+"/", []string{p.path}) }) {
			continue
		}
		if err := d.bind(); err != nil {
			notes = append(notes, d.path+" cannot be reached by that name: "+err.Error())
		}
	}
	if k.cwd != "" {
		// Where the name does not lead to it, the old directory stays.
		_ = unix.Chdir(k.cwd)
	}
	if k.resolver == "" {
		return notes, nil
	}
	if err := makeDir(filepath.Dir(k.resolver)); err != nil {
		return notes, err
	}
	if err := os.WriteFile(k.resolver, k.servers, 0o644); err != nil {
		return notes, err
	}
	return notes, os.Chmod(k.resolver, 0o644)
}

func (d keptDir) bind() error {
	if err := makeDir(d.path); err != nil {
		return err
	}
	return mount("/proc/self/fd/"+strconv.Itoa(d.fd), d.path, "", unix.MS_BIND|unix.MS_REC, "")
}
