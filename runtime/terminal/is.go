// Package terminal asks what a terminal is like, and shows a terminal of a
// program's own on this process's one, which takes Linux.
package terminal

import "os"

// Color reports whether a stream shows colours: a terminal whose user does not
// want to do without (https://no-color.org).
func Color(f *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && !Dumb() && Is(f)
}

// Dumb reports whether this process's terminal says that it knows no escape sequences.
func Dumb() bool { return os.Getenv("TERM") == "dumb" }
