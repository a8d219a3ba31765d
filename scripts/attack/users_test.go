package attack

import (
	"context"
	"errors"
	"fmt"
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

// two are two users of one machine who have no runtime directory: the name that nsl gives
// the labs of one of them in /tmp is the other's to take first.
type two struct {
	t *testing.T
	// home is the victim's, and place where nsl keeps the victim's labs.
	home, place      string
	victim, attacker int
	bin              string
}

func newTwo(t *testing.T) *two {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	u := &two{t: t, victim: 54322, attacker: ordinary(), bin: binary(t)}
	u.place = fmt.Sprintf("/tmp/nsl-%d", u.victim)
	if _, err := os.Lstat(u.place); err == nil {
		t.Skipf("%s is there", u.place)
	}
	t.Cleanup(func() { _ = os.RemoveAll(u.place) })
	u.home = u.dir("thesis")
	u.write(filepath.Join(u.home, "thesis", "chapter1"), "text")
	return u
}

// dir makes a directory of the victim's, with one in it.
func (u *two) dir(below string) string {
	u.t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "nsl-users-")
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	u.must(os.Mkdir(filepath.Join(dir, below), 0o700), u.give(dir, u.victim), u.give(filepath.Join(dir, below), u.victim))
	return dir
}

func (u *two) must(errs ...error) {
	u.t.Helper()
	if err := errors.Join(errs...); err != nil {
		u.t.Fatal(err)
	}
}

func (u *two) give(name string, uid int) error { return os.Lchown(name, uid, uid) }

func (u *two) write(name, text string) {
	u.t.Helper()
	u.must(os.WriteFile(name, []byte(text), 0o600), u.give(name, u.victim))
}

// nsl runs nsl as a user, and fails the test when it hangs.
func (u *two) nsl(uid int, env string, args ...string) (out string, code int) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, u.bin, args...)
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + u.home, "LANG=C.UTF-8", env}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	cmd.Stdin = strings.NewReader("ns red\n")
	b, err := cmd.CombinedOutput()
	if ctx.Err() != nil || cmd.ProcessState == nil {
		u.t.Fatalf("nsl %v: %v\n%s", args, errors.Join(err, ctx.Err()), b)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// refused has the victim use nsl, which must refuse the place, and take nothing away.
func (u *two) refused(env, code string) {
	u.t.Helper()
	for _, args := range [][]string{{"ls"}, {"down", "--all"}, {"down", "rooms"}, {"up", "-", "--name", "rooms"}, {"exec", "rooms", "red", "true"}} {
		if out, exit := u.nsl(u.victim, env, args...); exit == 0 || !strings.Contains(out, code) {
			u.t.Errorf("nsl %v: exit %d: %s", args, exit, out)
		}
	}
	if text, err := os.ReadFile(filepath.Join(u.home, "thesis", "chapter1")); string(text) != "text" {
		u.t.Errorf("the victim's file: %q %v", text, err)
	}
}

// What another user has put where a user's labs are to be is neither followed, nor waited
// for, nor believed.
func TestAnotherUserTakesTheNameFirst(t *testing.T) {
	for name, take := range map[string]func(u *two) (code string){
		"a symbolic link": func(u *two) string {
			u.must(os.Symlink(u.home, u.place), u.give(u.place, u.attacker))
			return "[NSL167]"
		},
		"a named pipe": func(u *two) string {
			u.must(unix.Mkfifo(u.place, 0o666), u.give(u.place, u.attacker))
			return "[NSL167]"
		},
		"a directory": func(u *two) string {
			lab := filepath.Join(u.place, "rooms")
			u.must(os.MkdirAll(lab, 0o777), os.WriteFile(filepath.Join(lab, "lock"), []byte(strconv.Itoa(os.Getpid())), 0o666),
				unix.Mkfifo(filepath.Join(lab, "lab.json"), 0o666), os.Chmod(u.place, 0o777), u.give(u.place, u.attacker))
			return "[NSL162]"
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := newTwo(t)
			u.refused("X=", take(u))
		})
	}
}

// A stale lock of a user's own, and a lab of another user's.
func TestAnotherUsersLab(t *testing.T) {
	u := newTwo(t)
	theirs := u.dir("nsl")
	u.must(u.give(theirs, u.attacker), u.give(filepath.Join(theirs, "nsl"), u.attacker), os.Chmod(theirs, 0o755))
	env := "XDG_RUNTIME_DIR=" + theirs
	if out, exit := u.nsl(u.attacker, env, "up", "-", "--name", "rooms"); exit != 0 {
		t.Fatalf("exit %d: %s", exit, out)
	}
	t.Cleanup(func() { u.nsl(u.attacker, env, "down", "--all") })
	u.refused(env, "[NSL162]")
	if out, exit := u.nsl(u.attacker, env, "exec", "rooms", "red", "true"); exit != 0 {
		t.Errorf("the lab of the other user: exit %d: %s", exit, out)
	}
	mine := u.dir("nsl")
	sleeper := exec.Command("sleep", "1000")
	sleeper.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(u.victim), Gid: uint32(u.victim)}}
	u.must(sleeper.Start())
	t.Cleanup(func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() })
	lab := filepath.Join(mine, "nsl", "rooms")
	u.must(os.Mkdir(lab, 0o700), u.give(lab, u.victim))
	for name, text := range map[string]string{filepath.Join(mine, "nsl", ".lock"): "", filepath.Join(lab, "lab.json"): "{}", filepath.Join(lab, "lock"): strconv.Itoa(sleeper.Process.Pid)} {
		u.write(name, text)
	}
	if out, exit := u.nsl(u.victim, "XDG_RUNTIME_DIR="+mine, "down", "rooms"); exit != 0 || !strings.Contains(out, "was dead already") {
		t.Errorf("a stale lock: exit %d: %s", exit, out)
	}
	if err := sleeper.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a process was ended: %v", err)
	}
}
