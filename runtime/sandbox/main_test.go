package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// As in nsl's main: a thread that is to end must not be the main one, which Go
// cannot end.
func init() { runtime.LockOSThread() }

// TestMain makes the test binary what nsl is: inside a sandbox it does one of
// the tasks below, and with "supervise" it is the supervisor of one, with "trust"
// of one that is trusted; "without
// CALL supervise" makes it one whose system call filter forbids that call; "wrong"
// is one that has nothing to run.
func TestMain(m *testing.M) {
	// Under the race detector every process would sleep a second at its end.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	if IsChild() {
		Child(nil, func(inside *Inside, err error) int {
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return codeCannot
			}
			return perform(inside, os.Args[1:])
		})
	}
	if len(os.Args) > 2 && os.Args[1] == "without" {
		if err := forbid(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Args = append(os.Args[:1], os.Args[3:]...)
	}
	if len(os.Args) > 1 && slices.Contains([]string{"supervise", "trust", "wrong"}, os.Args[1]) {
		c := Config{Args: os.Args[2:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(), Trusted: os.Args[1] == "trust"}
		if os.Args[1] == "wrong" {
			c.Prepare = func() ([]byte, error) { return nil, errWrongScript }
		}
		exit, err := Run(context.Background(), c)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(codeCannot)
		}
		os.Exit(exit)
	}
	os.Exit(m.Run())
}

// perform does a task inside and returns the exit code.
func perform(in *Inside, args []string) int {
	tasks := map[string]func(*Inside, []string) int{
		"exit": taskExit, "ask": taskAsk, "sh": taskShell, "state": taskState, "payload": taskPayload, "events": taskEvents,
		"signals": taskSignals, "children": taskChildren, "daemons": taskDaemons,
	}
	return tasks[args[0]](in, args[1:])
}

func taskExit(_ *Inside, args []string) int { return number(args[0]) }

func taskShell(_ *Inside, args []string) int {
	cmd := exec.Command("sh", "-c", args[0])
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return cmd.ProcessState.ExitCode()
	}
	return 0
}

// taskAsk reads files outside, and keeps their names.
func taskAsk(in *Inside, args []string) int {
	if in.Outside == nil {
		return 3
	}
	for _, name := range args {
		f, err := in.Outside.OpenFile(name, os.O_RDONLY, 0)
		var text []byte
		if err == nil {
			text, _ = io.ReadAll(f)
			f.Close()
		}
		fmt.Printf("%s %v\n", text, err)
		if err := in.Outside.Keep(name); err != nil {
			return 4
		}
	}
	return 0
}

// state is what a process inside sees.
type state struct {
	PID, Parent, UID int
	Interfaces       map[string]string
	Cwd, Name        string
	Notes            []string
	Descriptors      []string
	Namespaces       map[string]string
	Umask            int
}

func taskState(in *Inside, _ []string) int {
	s := state{
		PID: os.Getpid(), Parent: os.Getppid(), UID: os.Getuid(), Notes: in.Notes,
		Interfaces: map[string]string{}, Namespaces: map[string]string{},
		Descriptors: openDescriptors(),
	}
	s.Cwd, _ = os.Getwd()
	s.Umask = unix.Umask(0)
	links, err := net.Interfaces()
	if err != nil {
		return 1
	}
	for _, l := range links {
		s.Interfaces[l.Name] = l.Flags.String()
	}
	for _, kind := range namespaceKinds {
		s.Namespaces[kind], _ = os.Readlink("/proc/self/ns/" + kind)
	}
	if json.NewEncoder(os.Stdout).Encode(s) != nil {
		return 1
	}
	return 0
}

var namespaceKinds = [...]string{"user", "mnt", "net", "pid"}

// openDescriptors lists what is open, without the one that lists.
func openDescriptors() []string {
	var open []string
	for fd := range 64 {
		if target, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); err == nil {
			open = append(open, fmt.Sprintf("%d %s", fd, target))
		}
	}
	return open
}

func taskPayload(in *Inside, _ []string) int {
	fmt.Printf("%d %x", len(in.Payload), sha256.Sum256(in.Payload))
	return 0
}

// taskSignals prints each signal it gets, and ends when its input does.
func taskSignals(_ *Inside, _ []string) int {
	c := make(chan os.Signal, 64)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		for s := range c {
			fmt.Println(s)
		}
	}()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// taskChildren has many children with exit codes of their own, each of which
// leaves an orphan, and checks that every code arrives and no zombie stays.
func taskChildren(_ *Inside, args []string) int {
	var wg sync.WaitGroup
	wrong := make(chan string, 1000)
	for i := range number(args[0]) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			want := i % 100
			err := exec.Command("sh", "-c", fmt.Sprintf("(true & true &) ; exit %d", want)).Run()
			if got := exitOf(err); got != want {
				wrong <- fmt.Sprintf("child %d ended with %v, want %d", i, err, want)
			}
		}()
	}
	wg.Wait()
	close(wrong)
	for w := range wrong {
		fmt.Println(w)
	}
	if !eventually(func() bool { return len(zombies()) == 0 }) {
		fmt.Println("zombies:", zombies())
		return 1
	}
	fmt.Println("all ended")
	return 0
}

func exitOf(err error) int {
	if err == nil {
		return 0
	}
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	return -1
}

func zombies() []string {
	var found []string
	for _, pid := range processes1() {
		b, _ := os.ReadFile("/proc/" + pid + "/stat")
		if _, after, ok := strings.Cut(string(b), ") "); ok && after[0] == 'Z' {
			found = append(found, string(b))
		}
	}
	return found
}

// taskDaemons starts processes that leave session, group and parent,
// makes a named network namespace and a mount, and waits for ever.
func taskDaemons(_ *Inside, args []string) int {
	token := args[0]
	script := `ip netns add ` + token + ` && mkdir /tmp/` + token + ` && mount -t tmpfs x /tmp/` + token + `
		setsid sh -c '(setsid sleep 1000 &) ; (ip netns exec ` + token + ` setsid sleep 1000 &)'`
	cmd := exec.Command("sh", "-c", script)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	fmt.Println("ready")
	for {
		_ = unix.Pause() // an empty select is a deadlock to the runtime
	}
}
