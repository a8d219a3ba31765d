package labtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Program is nsl as its users have it: the file that NSL_BINARY names, or one
// that is built when a test first asks for it. The zero value is ready; a package
// has one for all of its tests.
type Program struct {
	once      sync.Once
	dir, path string
	err       error
}

// Path is the file of the program.
func (p *Program) Path(t testing.TB) string {
	t.Helper()
	p.once.Do(p.build)
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.path
}

func (p *Program) build() {
	if p.path = os.Getenv("NSL_BINARY"); p.path != "" {
		return
	}
	if p.dir, p.err = os.MkdirTemp("", "nsl-test-"); p.err != nil {
		return
	}
	p.path = filepath.Join(p.dir, "nsl")
	build := exec.Command("go", "build", "-o", p.path, "nsl/cmd/nsl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		p.err = fmt.Errorf("go build: %w\n%s", err, out)
	}
}

// Main runs the tests of a package, and removes the program if it was built for
// them. It is the body of TestMain: os.Exit(program.Main(m)).
func (p *Program) Main(m *testing.M) (exit int) {
	FindPrograms()
	defer func() {
		if p.dir != "" {
			os.RemoveAll(p.dir)
		}
	}()
	return m.Run()
}

// Run runs nsl in a directory, for a minute at most, with a script on its
// standard input.
func (p *Program) Run(t testing.TB, dir, script string, args ...string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, p.Path(t), args...)
	c.Dir, c.Stdin = dir, strings.NewReader(script)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// NeedLabs is for a test that runs labs: where none can be run it ends, as Lacks
// says of the feature netns.
func (p *Program) NeedLabs(t testing.TB) {
	t.Helper()
	if out, code := p.Run(t, "", "ns red\n", "run", "-"); code != 0 {
		Lacks(t, "netns", out)
	}
}
