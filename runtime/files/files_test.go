package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestOnlyFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.Create(filepath.Join(dir, "held"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	self := "/proc/self/fd/" + strconv.Itoa(int(held.Fd()))
	if err := os.Symlink(self, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fifo", "link", self, "/proc/self/mem", "/proc/self/comm", "/dev/stdout", "/dev/fd/1",
		"/dev/tty", "/dev/zero", "/proc/self/cwd/held", "/sys/kernel/uevent_seqnum"} {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		for _, flag := range []int{os.O_RDONLY, os.O_WRONLY, os.O_WRONLY | os.O_CREATE | os.O_TRUNC} {
			var path *fs.PathError
			f, err := within(t, func() (*os.File, error) { return Own{}.OpenFile(name, flag, 0o600) })
			if !errors.As(err, &path) || f != nil {
				t.Errorf("%s with flags %#x: %v, %v", name, flag, f, err)
			}
		}
	}
	for _, name := range []string{"/dev/null", filepath.Join(dir, "new"), filepath.Join(dir, "held")} {
		f, err := Own{}.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Error(err)
			continue
		}
		f.Close()
	}
}

// within is for what must not wait.
func within(t *testing.T, open func() (*os.File, error)) (f *os.File, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f, err = open()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits")
	}
	return f, err
}

func TestRootIsNotLeft(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "page"), []byte("text"), 0o600), os.Symlink("/etc/passwd", filepath.Join(dir, "out"))); err != nil {
		t.Fatal(err)
	}
	root, err := Root(Own{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if text, err := root.ReadFile("page"); string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	for _, name := range []string{"out", "../" + filepath.Base(dir) + "/page"} {
		if _, err := root.ReadFile(name); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	for _, name := range []string{"/proc/self", "/proc/self/fd", filepath.Join(dir, "page")} {
		if _, err := Root(Own{}, name); err == nil {
			t.Errorf("%s is served", name)
		}
	}
}
