package attack

import (
	"slices"
	"strings"
	"testing"
)

// hostileStatements reach for files of the person's without any program.
func hostileStatements() []string {
	var list []string
	for _, name := range []string{"@HOME@/.bashrc", "@HOME@/writable", "@HOME@/.ssh/authorized_keys", "~/.bashrc", "writable", "./new", "../new", "@TMP@/new", "@RUN@/new",
		"/proc/@PID@/cwd/new", "/proc/self/fd/3", "/etc/nsl-attack", "/usr/nsl-attack"} {
		list = append(list, "capture red \""+name+"\"\nexpect ping red -> red", "spawn red --log \""+name+"\" echo BROKEN")
	}
	for _, dir := range []string{"@HOME@", ".", "..", "/proc/@PID@/cwd", "/proc/self/root"} {
		list = append(list, "serve http red dir \""+dir+"\"\nexpect http red -> http://red/secret status 200\nexec red --may-fail curl -s http://red/secret")
	}
	return append(list, "use \"../secret\"", "use \"@RUN@/secret\"", "use \"@TMP@/secret\"")
}

func TestHostileStatements(t *testing.T) {
	for _, a := range attackers(t) {
		t.Run(a.name, func(t *testing.T) {
			v := newVictim(t, a)
			for i, statements := range hostileStatements() {
				if !everyRun() && i%4 != slices.Index([]string{"root", "user"}, a.name)+1 {
					continue
				}
				statements = v.places.Replace(statements)
				t.Run(strings.SplitN(statements, "\n", 2)[0], func(t *testing.T) {
					out, code := v.run(t, "ns red\nup red:lo\n"+statements+"\n")
					if code < 0 || code > 128 || strings.Contains(out, "panic:") || strings.Contains(out, "answers 200") {
						t.Errorf("exit code %d", code)
					}
					v.unharmed(t, strings.ReplaceAll(out, "echo BROKEN", ""))
					if t.Failed() {
						t.Log(out)
					}
				})
			}
		})
	}
}
