// Command nsl builds and tests Linux networks from a small language.
package main

import (
	"os"
	"runtime"

	"nsl/runtime/sandbox"
)

// The main thread must never be one that enters a namespace and cannot leave:
// Go can end every thread but this one, and /proc/self is its view.
func init() { runtime.LockOSThread() }

func main() {
	if sandbox.IsChild() {
		os.Exit(inside())
	}
	os.Exit(execute(os.Args[1:]))
}
