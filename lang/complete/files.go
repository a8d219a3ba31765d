package complete

import (
	"os"
	"path/filepath"
	"strings"
)

// Files are the files that begin so, directories with a slash; hidden ones only when a
// dot is there. At is the name by which a directory is reached.
func Files(prefix string, at func(dir string) string) []string {
	dir, base := filepath.Split(prefix)
	where := at(Expand(dir))
	if where == "" {
		where = "."
	}
	entries, err := os.ReadDir(where)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && base == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(where, name)); err == nil && info.IsDir() {
			name += "/"
		}
		list = append(list, dir+name)
	}
	return list
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
