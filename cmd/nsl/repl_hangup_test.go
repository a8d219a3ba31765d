package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"nsl/runtime/labtest"
)

// promptStarts are commands of a shell that start a prompt: nsl is %.
var promptStarts = []string{"exec -a nsl %", "trap '' HUP; (exec -a nsl %); true", "exec setsid -w bash -c 'exec -a nsl %'"}

// A terminal that is closed takes the prompt and its lab along, also where no SIGHUP
// comes: it is ignored, or the terminal is not the controlling one.
func TestClosedTerminal(t *testing.T) {
	labtest.NeedSandbox(t)
	needProgram(t, "bash")
	for _, start := range promptStarts {
		for _, term := range []string{"xterm", "dumb"} {
			for _, last := range []string{"print ready\r", "exec red sh -c 'echo rea''dy; exec sleep 1000'\r"} {
				p := startPrompt(t, t.TempDir(), start, term)
				p.types(last, "\nready")
				p.tty.Close()
				waitFor(t, gone(p.token))
			}
		}
	}
}

// A prompt that is at a question ends with its terminal, and by SIGTERM. Neither is a yes:
// no file is replaced, and no lab begins anew.
func TestClosedAtAQuestion(t *testing.T) {
	labtest.NeedSandbox(t)
	needProgram(t, "bash")
	dir := t.TempDir()
	written(t, dir, map[string]string{"mine": "mine", "asks.nsl": "grant read \"mine\"\nns asked\n"})
	questions := map[string]string{
		"\x04": "N] ", "exit\r": "N] ", "quit\r": "N] ", "\x00\x04": "N] ", // Ctrl-Space is no end
		"reset\r": "N] ", "save mine\r": "N] ", "load asks.nsl\r": "N] ", "capture red:lo mine\r": "N] ", "help\r": "q ends -- ",
	}
	ends := []struct {
		start, term, halfTyped string
		end                    func(p closing)
	}{
		{promptStarts[1], "xterm", "y", func(p closing) { p.tty.Close() }},
		{promptStarts[1], "dumb", "", func(p closing) { p.tty.Close() }},
		{promptStarts[0], "xterm", "", func(p closing) { _ = p.cmd.Process.Signal(syscall.SIGTERM) }},
	}
	for keys, question := range questions {
		for _, e := range ends {
			if e.term == "dumb" && keys[0] == 0 {
				continue // the kernel's NUL is a part of the line
			}
			p := startPrompt(t, dir, e.start, e.term)
			p.types(keys, question)
			p.types(e.halfTyped, e.halfTyped)
			e.end(p)
			waitFor(t, gone(p.token))
		}
	}
	if mine, err := os.ReadFile(filepath.Join(dir, "mine")); string(mine) != "mine" {
		t.Errorf("the file was replaced: %q, %v", mine, err)
	}
}

// closing is a prompt whose terminal has no reader in the end: the kernel would wait for it
// when the terminal is closed.
type closing struct {
	t     *testing.T
	cmd   *exec.Cmd
	tty   *os.File
	text  *bytes.Buffer
	token string
}

// startPrompt starts a prompt in a directory by a shell's command, with a node.
func startPrompt(t *testing.T, dir, start, term string) closing {
	t.Helper()
	self, _ := os.Executable()
	p := closing{t: t, cmd: exec.Command("bash", "-c", strings.ReplaceAll(start, "%", self)), text: &bytes.Buffer{}, token: token()}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), p.token, "TERM="+term, "NO_COLOR=1", "NSL_HISTORY=", "HOME="+dir)
	var err error
	if p.tty, err = pty.StartWithSize(p.cmd, &pty.Winsize{Rows: 33, Cols: 111}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait(); p.tty.Close() })
	p.types("", "nsl:0>")
	p.types("ns red\r", "nsl:1>")
	return p
}

// types types keys, and reads until a text is shown.
func (p closing) types(keys, shown string) {
	p.t.Helper()
	_, _ = p.tty.WriteString(keys)
	chunk := make([]byte, 4096)
	for !bytes.Contains(p.text.Bytes(), []byte(shown)) {
		n, err := p.tty.Read(chunk)
		if err != nil {
			p.t.Fatalf("%v: %s", err, p.text)
		}
		p.text.Write(chunk[:n])
	}
	p.text.Reset()
}
