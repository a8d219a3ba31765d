// Command nsl builds and tests Linux networks from a small language.
package main

import (
	"context"
	"os"
	"runtime"

	"nsl/runtime/doctor"
	"nsl/runtime/lab"
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

// inside is main in a sandbox.
func inside() int {
	in, err := sandbox.Child()
	switch {
	case err != nil:
		return fail(nil, err)
	case os.Args[1] == doctor.Mode:
		return fail(nil, doctor.Inside(context.Background()))
	}
	return setup().Inside(in)
}

// setup is what this program brings along to labs.
func setup() lab.Setup {
	return lab.Setup{Language: language(), Version: version,
		Help: func(words []string) (string, error) { return helpText(rootCommand(), words) }}
}
