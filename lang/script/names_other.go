//go:build !unix

package script

import "io/fs"

// severalNames is not known on this system.
func severalNames(fs.FileInfo) bool { return false }
