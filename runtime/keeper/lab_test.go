package keeper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// serving is a lab in this process: it has a name, a lock and a socket.
func serving(t *testing.T, s Server) *Lab {
	t.Helper()
	d := home(t)
	c, err := d.Claim(Info{Name: "lab", Version: s.Version})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	if s.Build == nil {
		s.Build = func(context.Context, *Call) Reply { return Reply{Running: true} }
	}
	go func() { defer close(ended); s.Serve(ctx, c.listener) }()
	t.Cleanup(func() { stop(); <-ended; _ = c.Release() })
	if err := c.Conn.greet(endTimeout); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Conn.Ask("build", nil); err != nil || !r.Running {
		t.Fatalf("%+v %v", r, err)
	}
	return c.Lab
}

func dial(t *testing.T, l *Lab) *Conn {
	t.Helper()
	c, err := l.Dial()
	if err != nil {
		t.Fatal(said(err))
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A request arrives whole, however large, and with its files, which are the
// client's own.
func TestRequestsCarryFiles(t *testing.T) {
	l := serving(t, Server{Handle: func(_ context.Context, c *Call) Reply {
		text, err := io.ReadAll(c.Files[0])
		if err != nil || len(c.Files) != 2 {
			return Reply{Code: 1}
		}
		_, _ = c.Files[1].Write(text)
		return Reply{Code: 42, Body: c.Body}
	}})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	in, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := os.WriteFile(in.Name(), []byte("through the socket"), 0o600); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("ü", 3<<20)
	reply, err := dial(t, l).Ask("do", big, in, w)
	w.Close()
	if err != nil || reply.Code != 42 {
		t.Fatalf("%d %v", reply.Code, said(err))
	}
	var body string
	if err := json.Unmarshal(reply.Body, &body); err != nil || body != big {
		t.Errorf("%d bytes came back, %v", len(body), err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "through the socket" {
		t.Errorf("%q %v", text, err)
	}
}

// The lab lets go of its clients' descriptors: whoever reads sees the end.
func TestFilesAreClosedAfterTheReply(t *testing.T) {
	l := serving(t, Server{Handle: func(context.Context, *Call) Reply { return Reply{} }})
	before := descriptors(t)
	for range 50 {
		c := dial(t, l)
		if _, err := c.Ask("do", nil, os.Stdin, os.Stdin); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	deadline := time.Now().Add(5 * time.Second)
	for descriptors(t) > before && time.Now().Before(deadline) {
		<-time.After(time.Millisecond)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// What a lab does for a client that is gone, it stops; signals arrive before.
func TestTheEndOfAClientIsSeen(t *testing.T) {
	ended, got := make(chan struct{}), make(chan syscall.Signal, 1)
	l := serving(t, Server{Handle: func(ctx context.Context, c *Call) Reply {
		got <- <-c.Signals
		<-ctx.Done()
		close(ended)
		return Reply{}
	}})
	c := dial(t, l)
	if err := c.request("do", nil); err != nil {
		t.Fatal(err)
	}
	if err := c.send(event{syscall.SIGQUIT}); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != syscall.SIGQUIT {
		t.Errorf("signal %v", s)
	}
	c.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("it goes on for a client that is gone")
	}
}

// raw is a lab that says what it is given to say, and no more.
func raw(t *testing.T, say func(*Conn)) *Lab {
	t.Helper()
	c, err := home(t).Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			socket, err := c.listener.AcceptUnix()
			if err != nil {
				return
			}
			say(&Conn{socket: socket})
		}
	}()
	t.Cleanup(func() { _ = c.Release() })
	return c.Lab
}

func TestAnotherVersionIsRefused(t *testing.T) {
	l := raw(t, func(c *Conn) { _ = c.send(hello{protocol + 1, "9.9"}) })
	_, err := l.Dial()
	if want := "nsl: error: the lab lab runs under nsl 9.9, which this nsl cannot talk to [NSL168]\n" +
		"    use that nsl, or end the lab: nsl down lab\n"; said(err) != want {
		t.Errorf("%s\nwant:\n%s", said(err), want)
	}
}

// Nonsense from the other side is an error, never a hang or a panic.
func TestNonsenseIsAnError(t *testing.T) {
	for _, text := range []string{"", "\x00", "\x00\x00\x00\x05hel", "\xff\xff\xff\xff", "\x00\x00\x00\x02{]", "GET / HTTP/1.1\r\n\r\n"} {
		l := raw(t, func(c *Conn) { _, _ = c.socket.Write([]byte(text)); c.Close() })
		if _, err := l.Dial(); !strings.Contains(said(err), "[NSL166]") {
			t.Errorf("%q: %s", text, said(err))
		}
	}
}

func TestADeadLabIsToldFromOneThatLives(t *testing.T) {
	d := home(t)
	c, err := d.Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	if alive, err := c.Alive(); err != nil || !alive {
		t.Errorf("a lab whose lock is held: %v %v", alive, err)
	}
	c.close() // as the kernel does for a keeper that is killed
	if alive, err := c.Alive(); err != nil || alive {
		t.Errorf("a lab whose lock is free: %v %v", alive, err)
	}
	if _, err := c.Dial(); !strings.Contains(said(err), "[NSL161]") {
		t.Error(said(err))
	}
	if how, err := c.Down(); err != nil || how != WasDead {
		t.Errorf("%v %v", how, err)
	}
	if names, _ := d.Names(); len(names) > 0 {
		t.Errorf("left: %v", names)
	}
}

// The name of a lab must not end a process that is not its keeper.
func TestDownEndsNoStranger(t *testing.T) {
	d := home(t)
	c, err := d.Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	stranger := sleeper(t)
	for _, text := range []string{"", "0", "-1", "1", "me", strconv.Itoa(stranger.Process.Pid)} {
		if err := d.root.WriteFile(c.file(lockFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Down(); !strings.Contains(said(err), "no keeper holds its lock [NSL165]") {
			t.Errorf("%q: %s", text, said(err))
		}
	}
	// A signal would have ended it by now, or ends it before this one.
	if err := stranger.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Wait(); !strings.Contains(fmt.Sprint(err), syscall.SIGUSR1.String()) {
		t.Errorf("the stranger ended with: %v", err)
	}
	c.close()
	if how, err := c.Down(); err != nil || how != WasDead {
		t.Errorf("%v %v", how, err)
	}
}

// sleeper is a process that does nothing, and does not outlive the test.
func sleeper(t *testing.T) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sleep", "1000")
	if err := c.Start(); err != nil {
		t.Skip(err)
	}
	return c
}

// The keeper is who has the lock, whatever is written in the file.
func TestDownEndsTheKeeper(t *testing.T) {
	d := home(t)
	c, err := d.Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	stranger := sleeper(t)
	keeper := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperKeeper$")
	keeper.Env = append(os.Environ(), "NSL_TEST_KEEPER=1")
	keeper.ExtraFiles = []*os.File{c.lock}
	out, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "kept\n" {
		t.Fatalf("%q %v", line, err)
	}
	if err := d.root.WriteFile(c.file(lockFile), []byte(strconv.Itoa(stranger.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	c.close()
	ended := make(chan error, 1)
	go func() { ended <- keeper.Wait() }()
	if how, err := c.Down(); err != nil || how != Ended {
		t.Errorf("%v %s", how, said(err))
	}
	if err := <-ended; !strings.Contains(fmt.Sprint(err), syscall.SIGTERM.String()) {
		t.Errorf("the keeper ended with: %v", err)
	}
	if err := stranger.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Wait(); !strings.Contains(fmt.Sprint(err), syscall.SIGUSR1.String()) {
		t.Errorf("the stranger ended with: %v", err)
	}
}

// TestHelperKeeper is the other process of TestDownEndsTheKeeper.
func TestHelperKeeper(t *testing.T) {
	if os.Getenv("NSL_TEST_KEEPER") == "" {
		t.Skip("part of another test")
	}
	if err := own(os.NewFile(keeperLock, lockFile)); err != nil {
		t.Fatal(err)
	}
	fmt.Println("kept")
	<-t.Context().Done()
}

// A name's files may be anything that a lab with the user's rights made of them.
func TestOddFilesOfANameAreNotWaitedFor(t *testing.T) {
	d := home(t)
	for _, file := range []string{infoFile, logFile, lockFile} {
		if err := d.root.MkdirAll("lab", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mkfifo(filepath.Join(d.path, "lab", file), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := d.Lab("lab")
		if err != nil {
			t.Fatalf("%s: %s", file, said(err))
		}
		if _, err := l.Dial(); !strings.Contains(said(err), "[NSL161]") {
			t.Errorf("%s: %s", file, said(err))
		}
		if err := l.Log(io.Discard, true); err == nil {
			t.Errorf("%s: there is no log, and no error", file)
		}
		if how, err := l.Down(); err != nil || how != WasDead {
			t.Errorf("%s: %v %s", file, how, said(err))
		}
	}
}

// What nsl has not made stays.
func TestDownRemovesOnlyWhatIsNsls(t *testing.T) {
	d := home(t)
	file := filepath.Join(d.path, "thesis", "chapter1")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := d.Lab("thesis")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Down(); !strings.Contains(said(err), "has files that are not nsl's") {
		t.Error(said(err))
	}
	if _, err := d.Claim(Info{Name: "thesis"}); !strings.Contains(said(err), "has files that are not nsl's") {
		t.Error(said(err))
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "text" {
		t.Errorf("%q %v", text, err)
	}
}

// A socket's address has room for 108 bytes; directories may be deeper.
func TestDeepDirectoriesHaveSockets(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", deep)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	c, err := d.Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	if c.Conn.socket == nil {
		t.Error("no connection")
	}
}

// Too many descriptors are no reason to use up a processor, and pass.
func TestAcceptPausesAfterAnError(t *testing.T) {
	ctx, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer end()
	tries, start := 0, time.Now()
	acceptAll(ctx, func() (*net.UnixConn, error) { tries++; return nil, syscall.EMFILE }, func(*net.UnixConn) { t.Error("served") })
	if most := int(time.Since(start)/firstPause) + 1; tries < 2 || tries > most {
		t.Errorf("%d tries, want 2 to %d", tries, most)
	}
	served := 0
	errs := []error{syscall.EMFILE, nil, syscall.ECONNABORTED, nil, net.ErrClosed}
	acceptAll(t.Context(), func() (*net.UnixConn, error) {
		err := errs[0]
		errs = errs[1:]
		return nil, err
	}, func(*net.UnixConn) { served++ })
	if served != 2 || len(errs) != 0 {
		t.Errorf("%d served, %v left", served, errs)
	}
}

// A client that says nothing is not kept.
func TestASilentClientIsLetGo(t *testing.T) {
	l := serving(t, Server{Handshake: time.Second, Handle: func(ctx context.Context, _ *Call) Reply {
		<-ctx.Done()
		return Reply{}
	}})
	c := dial(t, l)
	if err := c.socket.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.socket.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

// FuzzWire: whatever comes over the socket, it is a message or an error.
func FuzzWire(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0b{\"Do\":\"do\"}"))
	f.Add([]byte("\xff\xff\xff\xff{}"))
	f.Add([]byte("\x00\x00\x00\x02{]"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(packet) > 1<<15 {
			packet = packet[:1<<15] // what a socket takes without a reader
		}
		if _, err := unix.Write(fds[1], packet); len(packet) > 0 && err != nil {
			t.Fatal(err)
		}
		unix.Close(fds[1])
		file := os.NewFile(uintptr(fds[0]), "")
		conn, err := net.FileConn(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		c := &Conn{socket: conn.(*net.UnixConn)}
		for {
			var r Request
			files, err := c.receive(&r)
			closeAll(files)
			if err != nil {
				return
			}
		}
	})
}
