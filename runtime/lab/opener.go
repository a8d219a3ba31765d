package lab

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"nsl/runtime/files"
	"nsl/runtime/sandbox"
)

// scriptFiles opens the files that a script names. A relative name is one beside the
// script, where the lab has only what it was granted: what is written elsewhere
// there would be lost with the lab.
type scriptFiles struct{ in *sandbox.Inside }

// OpenFile opens a file.
func (s scriptFiles) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	writes := flag&(os.O_WRONLY|os.O_RDWR) != 0
	if writes && !filepath.IsAbs(name) && !s.in.MayWrite(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: unix.EROFS}
	}
	return files.Own{}.OpenFile(name, flag, perm)
}
