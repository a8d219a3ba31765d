package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/creack/pty"

	"nsl/runtime/labtest"
)

// A terminal that is closed takes the prompt and its lab along, also where no SIGHUP
// comes: it is ignored, or the terminal is not the controlling one.
func TestClosedTerminal(t *testing.T) {
	labtest.NeedSandbox(t)
	needProgram(t, "bash")
	self, _ := os.Executable()
	for _, start := range []string{"exec -a nsl %", "trap '' HUP; (exec -a nsl %); true", "exec setsid -w bash -c 'exec -a nsl %'"} {
		for _, term := range []string{"xterm", "dumb"} {
			for _, last := range []string{"print ready\r", "exec red sh -c 'echo rea''dy; exec sleep 1000'\r"} {
				own := token()
				cmd := exec.Command("bash", "-c", string(bytes.ReplaceAll([]byte(start), []byte("%"), []byte(self))))
				cmd.Env = append(os.Environ(), own, "TERM="+term, "NO_COLOR=1", "NSL_HISTORY=", "HOME="+t.TempDir())
				closeWhenReady(t, cmd, last)
				waitFor(t, gone(own))
			}
		}
	}
}

// closeWhenReady types keys, and closes the terminal when a line says ready. Nothing
// may read it then, or the kernel would wait for the reader.
func closeWhenReady(t *testing.T, cmd *exec.Cmd, keys string) {
	t.Helper()
	f, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var text []byte
	chunk := make([]byte, 4096)
	until := func(what string) {
		for !bytes.Contains(text, []byte(what)) {
			n, err := f.Read(chunk)
			if err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			text = append(text, chunk[:n]...)
		}
	}
	until("nsl:0>")
	_, _ = f.WriteString("ns red\r")
	until("nsl:1>")
	_, _ = f.WriteString(keys)
	until("\nready")
	f.Close()
}
