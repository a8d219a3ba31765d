package attack

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// attacker is how a hostile lab is started.
type attacker struct {
	name string
	uid  int
	// landless: the kernel has no Landlock.
	landless bool
}

// attackers are root, an ordinary user, and one on a kernel without Landlock; or
// the user who runs the test, where that is not root.
func attackers(t *testing.T) []attacker {
	t.Helper()
	me := os.Geteuid()
	if me != 0 {
		return []attacker{{"user", me, false}, {"user without Landlock", me, true}}
	}
	return []attacker{{"root", 0, false}, {"user", ordinary(), false}, {"user without Landlock", ordinary(), true}}
}

// ordinary is the ID of a user to become, who need not exist.
func ordinary() int {
	if u, err := user.Lookup("student"); err == nil {
		if uid, err := strconv.Atoi(u.Uid); err == nil {
			return uid
		}
	}
	return 54321
}

// victim is a person with files, sockets, processes and secrets, who runs labs.
type victim struct {
	attacker
	bin    string
	home   string
	env    []string
	secret string
	host   string
	places *strings.Replacer
	files  map[string]string // as they were
	dirs   []string
}

func newVictim(t *testing.T, a attacker) *victim {
	t.Helper()
	secret := rand.Text()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{attacker: a, bin: binary(t), secret: secret, host: host, files: map[string]string{}}
	v.home = v.dir(t, "/var/tmp")
	tmp, run := v.dir(t, "/tmp"), v.dir(t, runtimeDir(a.uid))
	v.file(t, filepath.Join(v.home, "secret"), secret)
	v.file(t, filepath.Join(v.home, ".bashrc"), "# nothing\n")
	v.file(t, filepath.Join(v.home, "writable"), "as it was\n")
	v.file(t, filepath.Join(tmp, "secret"), secret)
	v.file(t, filepath.Join(run, "secret"), secret)
	for _, dir := range []string{v.home, tmp, run} {
		v.listen(t, "unix", filepath.Join(dir, "socket"))
	}
	docker := v.docker(t)
	abstract := "nsl-attack-" + rand.Text()
	v.listen(t, "unix", "@"+abstract)
	port := v.listen(t, "tcp", "127.0.0.1:0").(*net.TCPAddr).Port
	pid := v.process(t)
	v.env = []string{"HOME=" + v.home, "XDG_RUNTIME_DIR=" + run, "SSH_AUTH_SOCK=" + filepath.Join(tmp, "socket"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(run, "socket"), "CLIENT_SECRET=" + secret,
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "LANG=C.UTF-8", "TERM=dumb"}
	v.places = strings.NewReplacer("@HOME@", v.home, "@TMP@", tmp, "@RUN@", run, "@ABSTRACT@", abstract, "@DOCKER@", docker,
		"@PORT@", strconv.Itoa(port), "@PID@", strconv.Itoa(pid), "@UID@", strconv.Itoa(a.uid),
		"@SOCKETS@", strings.Join([]string{filepath.Join(v.home, "socket"), filepath.Join(tmp, "socket"), filepath.Join(run, "socket")}, " "))
	return v
}

// docker is the socket of a server in /run that obeys whoever may connect, as members of
// the group docker may: Docker's own name, where that is free.
func (v *victim) docker(t *testing.T) string {
	t.Helper()
	name := "/run/docker.sock"
	if os.Geteuid() != 0 {
		return name
	}
	if _, err := os.Lstat(name); err == nil {
		name = "/run/nsl-attack-" + rand.Text() + ".sock"
	}
	v.listen(t, "unix", name)
	return name
}

// runtimeDir is the user's own, below /run where there is one.
func runtimeDir(uid int) string {
	dir := fmt.Sprintf("/run/user/%d", uid)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Geteuid() == 0 {
		return "/run"
	}
	return "/tmp"
}

// dir makes a directory of the victim's.
func (v *victim) dir(t *testing.T, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "nsl-attack-")
	if err == nil {
		err = os.Chown(dir, v.uid, v.uid)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	v.dirs = append(v.dirs, dir)
	return dir
}

func (v *victim) file(t *testing.T, name, text string) {
	t.Helper()
	err := os.WriteFile(name, []byte(text), 0o600)
	if err == nil {
		err = os.Chown(name, v.uid, v.uid)
	}
	if err != nil {
		t.Fatal(err)
	}
	v.files[name] = text
}

// listen tells the secret to everybody who connects.
func (v *victim) listen(t *testing.T, network, address string) net.Addr {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if filepath.IsAbs(address) {
		if err := errors.Join(os.Chmod(address, 0o777), os.Chown(address, v.uid, v.uid)); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(v.secret + "\n"))
			_ = c.Close()
		}
	}()
	return l.Addr()
}

// process is one of the victim's outside, with a secret in its environment.
func (v *victim) process(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Env = []string{"CLIENT_SECRET=" + v.secret}
	cmd.SysProcAttr = v.credential()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		select {
		case <-ended:
			t.Error("a process outside was ended")
		default:
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	return cmd.Process.Pid
}

func (v *victim) credential() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != v.uid {
		attr.Credential = &syscall.Credential{Uid: uint32(v.uid), Gid: uint32(v.uid)}
	}
	return attr
}

// command is nsl as the victim starts it.
func (v *victim) command(ctx context.Context, args ...string) *exec.Cmd {
	argv := append([]string{v.bin}, args...)
	if v.landless {
		argv = append([]string{"/proc/self/exe", withoutLandlock}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = v.home, v.env, v.credential()
	return cmd
}

// run runs a script and returns what it printed.
func (v *victim) run(t *testing.T, script string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	name := filepath.Join(v.home, "hostile.nsl")
	v.file(t, name, script)
	cmd := v.command(ctx, "run", "--max-programs", "300", "--max-memory", "256", name)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// unharmed fails the test when an attack has succeeded.
func (v *victim) unharmed(t *testing.T, out string) {
	t.Helper()
	if harm := v.harm(out); harm != "" {
		t.Errorf("%s\n%s", harm, out)
	}
}

// harm is what an attack has done, or "".
func (v *victim) harm(out string) string {
	switch {
	case strings.Contains(out, v.secret):
		return "a secret was read"
	case strings.Contains(out, broken):
		return "it says that it succeeded"
	}
	if name, err := os.Hostname(); name != v.host {
		return fmt.Sprintf("the machine is called %s now: %v, %v", name, err, unix.Sethostname([]byte(v.host)))
	}
	for name, was := range v.files {
		if now, err := os.ReadFile(name); err != nil || string(now) != was {
			_ = os.WriteFile(name, []byte(was), 0o600)
			return fmt.Sprintf("%s was changed: %v", name, err)
		}
	}
	for _, dir := range v.dirs {
		var more []string
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && v.files[path] == "" {
				more = append(more, path)
				_ = os.Remove(path)
			}
			return nil
		})
		if len(more) > 0 {
			return fmt.Sprintf("files were made: %v", more)
		}
	}
	for _, name := range canaries() {
		if _, err := os.Lstat(name); err == nil {
			_ = os.Remove(name)
			return name + " was made"
		}
	}
	return ""
}

// canaries are files that an attack makes where only root may.
func canaries() []string { return []string{"/etc/nsl-attack", "/usr/nsl-attack", "/nsl-attack"} }
