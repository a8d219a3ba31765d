package complete

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are the files that begin so, directories with a slash; hidden ones only when a
// dot is there. Open opens a directory, or what a link in it leads to.
func Files(prefix string, open func(name string) (*os.File, error)) []string {
	dir, base := filepath.Split(prefix)
	where := Expand(dir)
	if where == "" {
		where = "."
	}
	var list []string
	for _, e := range entries(where, open) {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && base == "" {
			continue
		}
		if e.IsDir() || e.Type()&fs.ModeSymlink != 0 && isDir(filepath.Join(where, name), open) {
			name += "/"
		}
		list = append(list, dir+name)
	}
	return list
}

// entries are those of a directory in the order of their names, none where it cannot
// be read.
func entries(dir string, open func(name string) (*os.File, error)) []fs.DirEntry {
	f, err := open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	list, err := f.ReadDir(-1)
	if err != nil {
		return nil
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

func isDir(name string, open func(name string) (*os.File, error)) bool {
	f, err := open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && info.IsDir()
}

// Expand is a name as a shell would take it: ~/ is the home directory.
func Expand(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}
