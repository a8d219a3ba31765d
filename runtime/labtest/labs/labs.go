// Package labs runs labs on the kernel, each in a sandbox of its own, for the tests
// of the verbs. Only tests import it.
package labs

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"nsl/runtime/labtest"
)

// Main is TestMain of a package that runs labs, some of them in parts of its own.
// Its value is the exit code.
func Main(m *testing.M, own labtest.Parts) int {
	labtest.ManyAtOnce()
	parts := labtest.Parts{plain: Part(statements)}
	maps.Copy(parts, own)
	return parts.Main(m)
}

// Job is a lab to run.
type Job struct {
	Script string
	// Files: what the script writes is kept, where the test was started.
	Files bool
	// Modules stand in for those of the library.
	Modules map[string]string
}

// Result is what comes back.
type Result struct {
	// Err is what stopped the script, "" if nothing did; Out has it, too, as a
	// person would read it.
	Out, Err     string
	Held, Failed int
	// Fixed is the script with the edit that the first failure proposes, "" without one.
	Fixed string
	// State is labtest.Dump of the lab as the script leaves it.
	State string
}

// plain is the part that runs a lab as nsl run does.
const plain = "lab"

// Do runs a lab in a sandbox that ends with it.
func Do(t testing.TB, j Job) Result {
	t.Helper()
	return In(t, plain, j)
}

// In runs a lab in a part that [Part] made.
func In(t testing.TB, part string, j Job) Result {
	t.Helper()
	payload, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var result Result
	if err := json.Unmarshal([]byte(labtest.InSandbox(t, part, string(payload))), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// Run runs a script. The error is what stopped it; expectations that do not hold
// are counted, and reported in out.
func Run(t testing.TB, script string) (out string, held, failed int, err error) {
	t.Helper()
	r := Do(t, Job{Script: script})
	if r.Err != "" {
		err = errors.New(r.Err)
	}
	return r.Out, r.Held, r.Failed, err
}

// Hold runs a script whose expectations must all hold, and gives what it wrote.
func Hold(t testing.TB, script string) (out string) {
	t.Helper()
	out, held, failed, err := Run(t, script)
	if err != nil || failed > 0 || held == 0 {
		t.Errorf("%s\n%v: %d held, %d failed\n%s", script, err, held, failed, out)
	}
	return out
}

// Output is what a run says of a lab in which something fails.
func Output(t testing.TB, script string) string {
	t.Helper()
	out, _, _, err := Run(t, script)
	if err != nil {
		out += "stopped: " + err.Error()
	}
	return out
}
