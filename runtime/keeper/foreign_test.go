package keeper

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A lab that another user keeps is not talked to. The credentials of a socket
// are those of the thread that called listen(2).
func TestAnotherUsersLabIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	c, err := home(t).Claim(Info{Name: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	listenAs(t, c.listener, 4242424)
	_, err = c.Dial()
	if want := "nsl: error: the lab lab belongs to user 4242424, not to you [NSL162]\n" +
		"    a lab can only be used by the user who built it\n"; said(err) != want {
		t.Errorf("%s\nwant:\n%s", said(err), want)
	}
}

// As a lab sees it: the client's credentials are those of who called connect(2).
func TestAnotherUsersClientIsNotLetIn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	l := serving(t, Server{Handle: func(context.Context, *Call) Reply { return Reply{} }})
	var c *Conn
	as(t, 4242424, func() (err error) {
		var fd int
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		f := os.NewFile(uintptr(fd), "")
		defer f.Close()
		if err = l.at(socketFile, func(path string) error { return unix.Connect(fd, &unix.SockaddrUnix{Name: path}) }); err != nil {
			return err
		}
		conn, err := net.FileConn(f)
		if err == nil {
			c = &Conn{socket: conn.(*net.UnixConn), lab: "lab"}
		}
		return err
	})
	defer c.Close()
	if err := c.greet(endTimeout); !strings.Contains(said(err), "[NSL166]") {
		t.Errorf("greeted: %s", said(err))
	}
}

func listenAs(t *testing.T, l *net.UnixListener, uid int) {
	t.Helper()
	raw, err := l.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	as(t, uid, func() error {
		var errListen error
		err := raw.Control(func(fd uintptr) { errListen = unix.Listen(int(fd), 8) })
		return errors.Join(err, errListen)
	})
}

// as runs f on a thread that is another user but may do what root may.
func as(t *testing.T, uid int, f func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		// Never unlocked: the thread ends with this goroutine.
		runtime.LockOSThread()
		if _, _, errno := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_SECUREBITS, secureNoSetuidFixup, 0); errno != 0 {
			done <- errno
			return
		}
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			done <- errno
			return
		}
		done <- f()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// secureNoSetuidFixup keeps capabilities when the user changes (capabilities(7)).
const secureNoSetuidFixup = 1 << 2

// The other end of a lab's socket is a user, and one of another number is not
// let in.
func TestThePeerIsKnown(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[1])
	f := os.NewFile(uintptr(fds[0]), "")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &Conn{socket: conn.(*net.UnixConn)}
	if uid, err := c.peer(); err != nil || int(uid) != os.Geteuid() {
		t.Errorf("%d %v", uid, err)
	}
}
