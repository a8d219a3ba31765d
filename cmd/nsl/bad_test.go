package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/runtime/labtest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestBadInput runs scripts that are wrong, each with its exact message:
// testdata/bad.txtar holds NAME.nsl and NAME.txt, which NSL_UPDATE=1 renews.
// Nothing may be built before the error, so the scripts do not even need a
// machine that allows a sandbox.
func TestBadInput(t *testing.T) { compareScripts(t, "testdata/bad.txtar", runBad) }

// TestTutorialMistakes runs what learners type, the slips of the tutorials
// themselves included: some is refused before anything is built, some builds a
// network in which an expectation fails.
func TestTutorialMistakes(t *testing.T) {
	t.Parallel()
	labtest.NeedSandbox(t)
	compareScripts(t, "testdata/tutorial-mistakes.txtar", func(t *testing.T, script []byte) []byte {
		t.Helper()
		cmd := nslCommand("TERM=dumb", "run", "-")
		cmd.Stdin = bytes.NewReader(script)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != diag.ExitWrong && exit.ExitCode() != diag.ExitFailed {
			t.Errorf("ended with %v, want exit code %d or %d", err, diag.ExitFailed, diag.ExitWrong)
		}
		return regexp.MustCompile(`tried \d+ times in \S+ m?s`).ReplaceAll(out, []byte("tried N times in D"))
	})
}

// compareScripts runs each script of an archive and compares what is said.
func compareScripts(t *testing.T, path string, run func(t *testing.T, script []byte) []byte) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	update := os.Getenv("NSL_UPDATE") != ""
	for i := 0; i+1 < len(archive.Files); i += 2 {
		script, golden := archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(script.Name, ".nsl")
		if golden.Name != name+".txt" {
			t.Fatalf("%s is followed by %s", script.Name, golden.Name)
		}
		t.Run(name, func(t *testing.T) {
			if !update {
				t.Parallel()
			}
			got := run(t, expand(script.Data))
			if update {
				golden.Data = got
				return
			}
			if diff := cmp.Diff(string(golden.Data), string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// expand puts in what a text file cannot hold: <01> is the byte 0x01, <FF> the
// byte 0xff, and <1024 ports> a list of 1024 nodes.
func expand(script []byte) []byte {
	script = bytes.ReplaceAll(script, []byte("<01>"), []byte{1})
	script = bytes.ReplaceAll(script, []byte("<FF>"), []byte{0xff})
	ports := bytes.TrimSpace(bytes.Repeat([]byte("red "), 1024))
	return bytes.ReplaceAll(script, []byte("<1024 ports>"), append(append([]byte("<"), ports...), '>'))
}

// runBad runs a script that is expected to be wrong and returns its messages.
func runBad(t *testing.T, script []byte) []byte {
	t.Helper()
	cmd := nslCommand("TERM=dumb", "run", "-v", "-")
	cmd.Stdin = bytes.NewReader(script)
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != diag.ExitWrong {
		t.Errorf("ended with %v, want exit code %d", err, diag.ExitWrong)
	}
	if out.Len() > 0 {
		t.Errorf("something was run before the error:\n%s", out.Bytes())
	}
	for _, inner := range []string{"goroutine", "panic", "participle", "unexpected token", "EOF", "%!"} {
		if strings.Contains(messages.String(), inner) {
			t.Errorf("the message says %q:\n%s", inner, messages.Bytes())
		}
	}
	return messages.Bytes()
}
