package main

import (
	"os"
	"path/filepath"
	"testing"
)

// At the prompt a lab becomes what a script says, and asks what it expects; diff says what
// apply would do, and undo undoes it. So it is in a running lab, where another program has
// made something besides.
func TestApplyAtThePrompt(t *testing.T) {
	s, home := promptScreen(t)
	written(t, home, toApply())
	s.answers("load one.nsl", "nsl:2> ")
	appliesTwo(s)
	s.leaves()
}

func TestApplyInARunningLab(t *testing.T) {
	script := labHome(t)
	dir := filepath.Dir(script)
	files := toApply()
	files["lab.nsl"] = files["one.nsl"]
	written(t, dir, files)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("NO_COLOR", "1")
	t.Setenv("HOME", t.TempDir())
	cmd := nslCommand("X=", "repl", "lab")
	cmd.Dir = dir
	s := onTerminal(t, cmd)
	s.asks("nsl:2> ")
	appliesTwo(s)
	s.leaves()
}

func toApply() map[string]string {
	return map[string]string{
		"one.nsl": "ns red blue\nlink red <-> blue\nexpect ping red -> blue\n",
		"two.nsl": "ns red blue green\nlink red <-> blue\nlink blue <-> green\nforward blue\nexpect ping blue -> green\nexpect not ping red -> 10.1.1.1\n",
		"bad.nsl": "ns red blue\nlink red <-> bleu\n",
	}
}

// appliesTwo applies two.nsl in a lab of one.nsl, and undoes that.
func appliesTwo(s *screen) {
	s.t.Helper()
	s.types("diff one.nsl\r")
	s.shows("nothing differs: the lab is as one.nsl says")
	s.answers("diff two.nsl", "nsl:2> ")
	s.shows("ns green")
	s.shows("forward blue")
	s.types("apply two.nsl\r")
	s.shows("forward blue")
	s.shows("ok  expect ping blue -> green")
	s.shows("ok  expect not ping red -> 10.1.1.1")
	s.asks("nsl:3> ")
	s.answers("apply bad.nsl", "nsl:3> ")
	s.shows("did you mean \"blue\"?")
	s.types("diff two.nsl\r")
	s.shows("nothing differs: the lab is as two.nsl says")
	s.asks("nsl:3> ")
	s.types("undo\r")
	s.shows("undone: apply two.nsl")
	s.types("diff one.nsl\r")
	s.shows("nothing differs: the lab is as one.nsl says")
	s.asks("nsl:2> ")
	s.types("redo\r")
	s.shows("again: apply two.nsl")
	s.types("diff two.nsl\r")
	s.shows("nothing differs: the lab is as two.nsl says")
	s.asks("nsl:3> ")
}

// What a shell has made is saved too; where a program may have made it, the lab is saved as it
// is. Both scripts build the same network.
func TestSaveAsItIs(t *testing.T) {
	needProgram(t, "ip")
	s, home := promptScreen(t)
	s.answers("ns red blue", "nsl:2> ")
	s.answers("link red <-> blue", "nsl:2> ")
	s.types("sh red\r")
	s.shows("[red] ")
	s.types("ip addr add 10.9.9.9/24 dev lo; exit\r")
	s.asks("nsl:2> ")
	s.types("save one.nsl\r")
	s.shows("one.nsl: 2 statements, and 1 more for what else the lab has; nsl run one.nsl builds the same lab")
	s.asks("nsl:2> ")
	s.answers("exec red ip link add name br7 type bridge", "nsl:2> ")
	s.answers("expect ping red -> blue", "nsl:2> ")
	s.types("save two.nsl\r")
	s.shows("two.nsl: the lab as it is, whoever made it; nsl run two.nsl builds the same network")
	s.shows("without what these did besides: exec red ip link add name br7 type bridge")
	s.asks("nsl:2> ")
	s.leaves()
	for name, want := range map[string]string{
		"one.nsl": "ns red blue\nlink red <-> blue\n\n# What no statement of the prompt has made:\naddr red:lo 10.9.9.9/24\n",
		"two.nsl": "ns blue red\nlink red <-> blue\nbridge red:br7 noaddr\ndown red:br7\naddr red:lo 10.9.9.9/24\nexpect ping red -> blue\n",
	} {
		text, err := os.ReadFile(filepath.Join(home, name))
		if err != nil || string(text) != want {
			t.Errorf("%v: %s is\n%s\nwant\n%s", err, name, text, want)
		}
		if out, err := nslCommand("X=", "run", filepath.Join(home, name)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
