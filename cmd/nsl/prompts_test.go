package main

import (
	"strings"
	"testing"
)

// Two prompts in one lab see each other's changes, servers too, and both leave
// it as it is.
func TestTwoPromptsInOneLab(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("HOME", t.TempDir())
	one, two := onTerminal(t, nslCommand("X=", "repl", "lab")), onTerminal(t, nslCommand("X=", "repl", "lab"))
	one.shows("the lab lab, 2 nodes.")
	one.shows("nsl:2>")
	two.shows("nsl:2>")
	one.types("ns green\r")
	one.shows("nsl:3>")
	one.types("link green <-> red 10.1.0.0/24\r")
	one.shows("green:veth-green 10.1.0.1/24 <-> red:")
	one.shows("nsl:3>")
	two.types("expect ping red -> green\r")
	two.shows("answers in ")
	two.shows("nsl:3>")
	two.types("serve http green\r")
	two.shows("HTTP server on port 80 in green")
	two.shows("nsl:3>")
	two.leaves()
	one.types("expect http red -> http://green/\r")
	one.shows("answers 200 OK")
	one.shows("nsl:3>")
	one.types("exec red sh -c 'echo code $((6*7)); exit 5'\r")
	one.shows("code 42")
	one.shows("ended with exit code 5")
	one.shows("nsl:3>")
	two = onTerminal(t, nslCommand("X=", "repl", "lab"))
	two.shows("nsl:3>")
	two.types("name green www.lab\r")
	two.shows("name www.lab of green")
	two.shows("nsl:3>")
	one.types("expect exec red grep www.lab /etc/hosts\r")
	one.shows("ended with exit code 0")
	one.shows("nsl:3>")
	one.types("show listen green\r") // the server is the lab's, and so are the names
	one.shows("nsl http:80")
	one.shows("nsl:3>")
	one.types("sh red\r")
	one.shows("[lab red]")
	one.types("printf 'names=%d\\n' $(grep -c www.lab /etc/hosts); exit\r")
	one.shows("names=1")
	one.shows("nsl:3>")
	one.types("delete green\r")
	one.shows("nsl:2>")
	one.types("undo\r") // a server that was deleted with its node comes back too
	one.shows("nsl:3>")
	one.types("expect http red -> http://green/\r")
	one.shows("answers 200 OK")
	one.shows("nsl:3>")
	one.leaves()
	out, err := nslCommand("X=", "show", "lab", "services").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "green  http:80") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A prompt that is killed takes nothing along.
func TestKilledPrompt(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	own := token()
	s := onTerminal(t, nslCommand(own, "repl", "lab"))
	s.shows("nsl:2>")
	s.types("serve http red\r")
	s.shows("HTTP server on port 80 in red")
	_ = s.cmd.Process.Kill()
	waitFor(t, gone(own))
	out, err := nslCommand("X=", "show", "lab", "services").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "runs") {
		t.Errorf("%v\n%s", err, out)
	}
}
