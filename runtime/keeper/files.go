package keeper

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The files of a name.
const (
	lockFile   = "lock"
	socketFile = "socket"
	logFile    = "log"
	infoFile   = "lab.json"
)

// maxInfo bounds what is read of infoFile (bytes).
const maxInfo = 64 << 10

// open opens a file of a name that must be a regular one: a lab may have put a FIFO
// there, which would be waited for.
func (d *Dir) open(name string, flag int) (*os.File, error) {
	f, err := d.root.OpenFile(name, flag|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// read reads the first bytes of such a file.
func (d *Dir) read(name string, most int64) ([]byte, error) {
	f, err := d.open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// removeName removes a name with nsl's own files, if there is one. The error is a
// diagnostic when others are left.
func (d *Dir) removeName(name string) error {
	for _, file := range []string{socketFile, logFile, infoFile, lockFile} {
		if err := d.root.Remove(name + "/" + file); err != nil && !absent(err) {
			return err
		}
	}
	err := d.root.Remove(name)
	switch {
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST):
		return notOnlyOurs(filepath.Join(d.path, name))
	case absent(err):
		return nil
	}
	return err
}

// absent reports that a file, or the directory it would be in, is not there.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
