package sandbox

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var errWrongScript = errors.New("the script is wrong")

// The payload is made while the processes of the sandbox are there already.
func TestPrepareWhileTheSandboxIsMade(t *testing.T) {
	token := newToken(t)
	exit, out := inside(t, Config{
		Args: []string{"payload"}, Env: append(os.Environ(), token),
		Prepare: func() ([]byte, error) {
			if !eventually(func() bool { return running(token, childName) == 1 }) {
				return nil, errors.New("the child does not start before its payload is made")
			}
			return []byte("late"), nil
		},
	})
	if exit != 0 || !strings.HasPrefix(out, "4 ") {
		t.Errorf("exit %d, %q", exit, out)
	}
}

// Its failure is Run's, nothing is said besides, and nothing is left.
func TestPrepareFails(t *testing.T) {
	requireSandbox(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	token := newToken(t)
	_, err = Run(context.Background(), Config{
		Args: []string{"sh", "echo ran"}, Env: append(os.Environ(), token), Stdout: w, Stderr: w,
		Prepare: func() ([]byte, error) {
			eventually(func() bool { return running(token, childName) == 1 })
			return nil, errWrongScript
		},
	})
	w.Close()
	said := make([]byte, 100)
	n, _ := r.Read(said)
	if !errors.Is(err, errWrongScript) || n > 0 || len(holding(token)) > 0 {
		t.Errorf("%v, left %v, said %q", err, holding(token), said[:n])
	}
}

// What is wrong with the script comes before what the machine refuses.
func TestPrepareFailsOnAMachineThatRefuses(t *testing.T) {
	requireSandbox(t)
	for _, call := range []string{"clone", "mount"} {
		out, err := exec.Command("/proc/self/exe", "without", call, "wrong").CombinedOutput()
		if exitOf(err) != codeCannot || string(out) != errWrongScript.Error()+"\n" {
			t.Errorf("without %s: %v: %s", call, err, out)
		}
	}
}
