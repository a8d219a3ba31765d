package keeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"nsl/runtime/sandbox"
)

// Keep runs a lab in a sandbox of its own until it ends or its name is taken
// away. A lab that ends with code 0 takes its name along; the name of any other
// stays, with its log, for people to see.
func (k *Inherited) Keep(c sandbox.Config) (code int, err error) {
	// Nothing depends on it: it is what ps shows.
	_ = os.WriteFile("/proc/self/comm", []byte("nsl-keeper"), 0)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	go k.watch(ctx, end)
	c.Stdin, c.Stdout, c.Stderr = k.Socket, k.Log, k.Log
	code, err = sandbox.Run(ctx, c)
	switch {
	case errors.Is(err, context.Canceled):
		return 0, nil // the name is gone, and the lab with it
	case err != nil:
		return code, err
	case code > signalled:
		fmt.Fprintf(k.Log, "nsl: the lab %s was killed: %v\n", k.Name, syscall.Signal(code-signalled))
		return code, nil
	case code != 0: // its log has the reason
		return code, nil
	}
	return 0, k.dir.alone(func() error { return k.dir.removeName(k.Name) })
}

// signalled is added to the number of the signal that ended a process.
const signalled = 128

// pollInterval is how often a keeper looks whether its lab still has its name.
const pollInterval = 500 * time.Millisecond

// watch ends the lab when its name is gone, as it is after the last logout of a
// user (systemd removes /run/user/UID): no client could reach it again.
func (k *Inherited) watch(ctx context.Context, end func()) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for k.named() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	end()
}

// named reports whether the name is this lab's.
func (k *Inherited) named() bool {
	there, err := k.dir.root.Stat(k.file(lockFile))
	if err != nil {
		return false
	}
	mine, err := k.lock.Stat()
	return err == nil && os.SameFile(there, mine)
}
