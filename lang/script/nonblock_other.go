//go:build !unix

package script

// nonblock is for systems with named pipes among the files.
const nonblock = 0
