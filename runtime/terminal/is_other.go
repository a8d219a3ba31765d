//go:build !linux

package terminal

import (
	"os"
	"runtime"
)

// Is reports whether f is a terminal that shows what terminals elsewhere show, which
// those of Windows need not.
func Is(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && runtime.GOOS != "windows"
}
