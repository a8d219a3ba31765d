// Package attack holds no code: its test runs hostile labs, each of which tries
// to reach what belongs to the person who runs it, and passes when none does.
//
// A program of testdata is run inside of a lab. It has succeeded when it prints
// a secret that the test keeps outside, when it prints BROKEN, or when something
// outside is not as it was.
package attack

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// broken is what a program prints when it could do what it must not.
const broken = "BROKEN"

func TestHostilePrograms(t *testing.T) {
	programs, err := filepath.Glob("testdata/*.??")
	if err != nil || len(programs) < 20 {
		t.Fatalf("%d programs, %v", len(programs), err)
	}
	for i, a := range attackers(t) {
		t.Run(a.name, func(t *testing.T) {
			v := newVictim(t, a)
			for j, program := range programs {
				for k, node := range []string{"host", "red"} {
					if !everyRun() && (i+j+k)%4 != 0 {
						continue
					}
					name := filepath.Base(program)
					t.Run(name+" in "+node, func(t *testing.T) {
						out, code := v.run(t, "ns red\n"+v.statement(t, node, program))
						if code < 0 || code > 128 || code == 2 || strings.Contains(out, "panic:") {
							t.Errorf("exit code %d", code)
						}
						v.unharmed(t, out)
						if t.Failed() || testing.Verbose() {
							t.Log(out)
						}
					})
				}
			}
		})
	}
}

// everyRun reports whether each program is to be run by each attacker in each node,
// or only a part of that.
func everyRun() bool { return os.Getenv("NSL_ATTACK") == "all" || os.Getenv("NSL_NIGHTLY") != "" }

// statement runs a program of testdata in a node.
func (v *victim) statement(t *testing.T, node, program string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	code := base64.StdEncoding.EncodeToString([]byte(v.places.Replace(string(text))))
	if filepath.Ext(program) == ".py" {
		return fmt.Sprintf("exec %s --may-fail python3 -c 'import base64;exec(base64.b64decode(%q))'\n", node, code)
	}
	return fmt.Sprintf("exec %s --may-fail bash -c 'eval \"$(echo %s | base64 -d)\"'\n", node, code)
}
