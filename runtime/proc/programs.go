package proc

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Programs are the names in the directories of PATH that begin so, sorted; one that may
// not be run is among them.
func Programs(start string) []string {
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), start) {
				seen[e.Name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
