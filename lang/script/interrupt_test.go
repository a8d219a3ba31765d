package script_test

import (
	"io/fs"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/stdlib"
)

// watched is a library that reports when it is first read.
type watched struct {
	fs.FS
	read chan struct{}
}

func (w watched) Open(name string) (fs.File, error) {
	select {
	case w.read <- struct{}{}:
	default:
	}
	return w.FS.Open(name)
}

func TestACheckHeedsSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		lib := watched{fstest.MapFS{"m.nsl": {Data: []byte("let n = 1\n")}}, make(chan struct{}, 1)}
		l := script.Language{Table: stdlib.Table(), Library: lib}
		set := &source.Set{}
		set.Add("a.nsl", "use std/m\nns red red\nfor i in ${range(1, 90000)} {\n  for j in ${range(1, 9)} { let x = ${join(range(1, 5000), \",\")} }\n}\n")
		found := make(chan diag.List, 1)
		go func() {
			_, list := l.CheckAll(set, script.DefaultOptions())
			found <- list
		}()
		<-lib.read
		if err := syscall.Kill(syscall.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		select {
		case list := <-found:
			if list.ExitCode() != diag.ExitInterrupted {
				t.Errorf("%v: %v", sig, list)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%v: the check goes on", sig)
		}
	}
}
