package importing

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// tools are the programs whose commands are recorded.
func tools() []string {
	return []string{"ip", "bridge", "tc", "ss", "brctl", "ifconfig", "route", "arp", "sysctl", "tee", "ethtool",
		"iptables", "ip6tables", "iptables-restore", "ip6tables-restore", "iptables-legacy", "iptables-nft", "nft",
		"ping", "ping6", "curl", "wget", "nc", "ncat", "netcat", "telnet", "dig", "nslookup", "traceroute", "tracepath",
		"tunctl", "vconfig", "ipset", "wg", "sudo", "modprobe", "insmod", "sh", written}
}

// written is the tool by which the shell reports that a setting was written.
const written = "nsl-written"

// IsTool reports whether a script started this program as one of its tools.
func IsTool() bool {
	self, err := os.Executable()
	return err == nil && strings.HasPrefix(self, dir+"/")
}

// Tool does what the tool would, and lets the recording know. It returns the exit code.
func Tool() int {
	argv := slices.Clone(os.Args)
	argv[0] = filepath.Base(argv[0])
	code, err := tool(argv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", argv[0], err)
	}
	return code
}

// The exit codes of programs that could not be started are the shell's.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

func tool(argv []string) (int, error) {
	switch argv[0] {
	case "modprobe", "insmod":
		return 0, nil // the kernel loads what an interface needs, or cannot
	case "ping", "ping6":
		argv = limited(argv)
	case "sudo":
		return become(withoutSudo(argv))
	case "sh": // bash says where each command of the script is
		return become(append([]string{"bash", "-O", "xpg_echo"}, argv[1:]...))
	}
	if b, ok := batchOf(argv); ok {
		return b.run()
	}
	if starts(argv) {
		return becomeNoted(argv)
	}
	input, err := inputOf(argv)
	if err != nil {
		return exitNotExecutable, err
	}
	return noted(argv, input)
}

// limited is a ping that ends: no one is there to press Ctrl-C.
func limited(argv []string) []string {
	for _, w := range argv[1:] {
		if letters, is := strings.CutPrefix(w, "-"); is && strings.ContainsAny(letters, "cwVh") {
			return argv
		}
	}
	return slices.Insert(slices.Clone(argv), 1, "-c", "3", "-w", "5")
}

// withoutSudo is the command of sudo; variables before it are set.
func withoutSudo(argv []string) []string {
	rest := argv[1:]
	for len(rest) > 0 {
		name, value, isVariable := strings.Cut(rest[0], "=")
		switch {
		case rest[0] == "--":
			return rest[1:]
		case slices.Contains([]string{"-u", "-g", "-h", "-p", "-C", "-r", "-t"}, rest[0]) && len(rest) > 1:
			rest = rest[2:]
		case strings.HasPrefix(rest[0], "-"):
			rest = rest[1:]
		case isVariable:
			_ = os.Setenv(name, value)
			rest = rest[1:]
		default:
			return rest
		}
	}
	return rest
}

// starts reports a command that starts another in a node: that one is noted, too, if it
// is a tool.
func starts(argv []string) bool {
	w := withoutOptions(argv)
	return argv[0] == "ip" && len(w) > 3 && abbreviates(w[0], "netns", 3) && abbreviates(w[1], "exec", 1)
}

// withoutOptions are the words of a command of ip from its object on.
func withoutOptions(argv []string) []string {
	rest := argv[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		takes := strings.TrimLeft(rest[0], "-")
		rest = rest[1:]
		if len(rest) > 0 && (abbreviates(takes, "netns", 1) || abbreviates(takes, "family", 1)) {
			rest = rest[1:]
		}
	}
	return rest
}

func abbreviates(text, whole string, n int) bool {
	return len(text) >= n && strings.HasPrefix(whole, text)
}

// inputOf reads the commands that a program takes from its standard input.
func inputOf(argv []string) (string, error) {
	reads := strings.HasSuffix(argv[0], "-restore") && !slices.ContainsFunc(argv[1:], func(w string) bool { return !strings.HasPrefix(w, "-") })
	if i := slices.Index(argv, "-f"); argv[0] == plan.NftProgram && i > 0 && i+1 < len(argv) {
		reads = argv[i+1] == "-" || argv[i+1] == "/dev/stdin"
	}
	if !reads {
		return "", nil
	}
	text, err := io.ReadAll(io.LimitReader(os.Stdin, maxInput))
	return string(text), err
}

const maxInput = 1 << 20

// realFile is the file of the program itself.
func realFile(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, d := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin") {
		if d == bin || !filepath.IsAbs(d) {
			continue
		}
		if file, err := exec.LookPath(filepath.Join(d, name)); err == nil {
			return file, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// become executes another program instead of this one; tools are those of the recording.
func become(argv []string) (int, error) {
	if len(argv) == 0 {
		return 1, errors.New("no command")
	}
	file := filepath.Join(bin, argv[0])
	if !slices.Contains(tools(), argv[0]) {
		var err error
		if file, err = realFile(argv[0]); err != nil {
			return exitNotFound, err
		}
	}
	return exitNotExecutable, unix.Exec(file, argv, os.Environ())
}

// becomeNoted notes a command and then becomes it.
func becomeNoted(argv []string) (int, error) {
	c, a, err := ask(argv, "")
	if err != nil {
		return exitNotExecutable, err
	}
	defer c.Close()
	file, err := realFile(argv[0])
	if err != nil {
		return a.Code, nil //nolint:nilerr // nsl did it, or has said why not
	}
	return exitNotExecutable, unix.Exec(file, argv, os.Environ())
}

func ask(argv []string, input string) (conn, answer, error) {
	c, err := dial()
	if err != nil {
		return c, answer{}, err
	}
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/net", &st); err != nil {
		return c, answer{}, err
	}
	var a answer
	err = c.Encode(request{Argv: argv, At: os.Getenv("NSL_AT"), Stdin: input, Inode: st.Ino, PID: os.Getpid()})
	if err == nil {
		err = c.Decode(&a)
	}
	return c, a, err
}

// noted runs the program between two notes.
func noted(argv []string, input string) (int, error) {
	c, a, err := ask(argv, input)
	if err != nil {
		return exitNotExecutable, err
	}
	defer c.Close()
	code := a.Code
	if _, err := realFile(argv[0]); a.Own && err != nil {
		_, _ = os.Stdout.WriteString(a.Out)
	} else if argv[0] != written {
		code, err = execute(argv, input)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", argv[0], err)
		}
	}
	if err := c.Encode(done{code}); err != nil {
		return code, err
	}
	return code, c.Decode(&a)
}

// execute runs the program itself; signals go to it.
func execute(argv []string, input string) (int, error) {
	file, err := realFile(argv[0])
	if err != nil {
		return exitNotFound, errors.New("command not found")
	}
	cmd := exec.Command(file, argv[1:]...)
	cmd.Args[0], cmd.Stdin, cmd.Stdout, cmd.Stderr = argv[0], os.Stdin, os.Stdout, os.Stderr
	if input != "" {
		cmd.Stdin = strings.NewReader(input)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return exitNotExecutable, err
	}
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s)
		}
	}()
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
			return 128 + int(st.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	return 0, err
}
