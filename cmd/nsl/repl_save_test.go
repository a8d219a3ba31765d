package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written writes files below a directory.
func written(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A saved script finds its modules from where it is; what save says of it is true.
func TestSaveFindsModules(t *testing.T) {
	s, home := promptScreen(t)
	written(t, home, map[string]string{
		"one/m.nsl":   "def two(a, b) { ns $a $b; link $a <-> $b }\n",
		"two/lab.nsl": "use \"n.nsl\"\nthree c\n",
		"two/n.nsl":   "def three(a) { ns $a }\n",
		"other/.keep": "",
	})
	s.answers(`use "one/m.nsl"`, "nsl:0> ")
	s.answers("two a b", "nsl:2> ")
	s.answers("load two/lab.nsl", "nsl:3> ")
	s.types("save other/s.nsl\r")
	s.shows("other/s.nsl: 4 statements")
	s.shows("it uses ../one/m.nsl, which is not below its directory")
	s.asks("nsl:3> ")
	s.types("save s.nsl\r")
	s.shows("s.nsl: 4 statements; nsl run s.nsl builds the same lab")
	s.asks("nsl:3> ")
	s.answers("!true", "nsl:3> ")
	s.types("sh a\r")
	s.shows("[a] ")
	s.types("exit\r")
	s.asks("nsl:3> ")
	s.answers("exec b true", "nsl:3> ")
	s.answers("undo", "nsl:3> ")
	s.types("save other/t.nsl\r")
	s.shows("other/t.nsl: 4 statements; nsl run other/t.nsl builds the same lab") // programs have changed nothing
	s.asks("nsl:3> ")
	s.types("redo\r") // what a program did was not undone, so it is not run again
	s.shows("in effect again, without running it: exec b true")
	s.asks("nsl:3> ")
	s.leaves()
	for name, up := range map[string]string{"s.nsl": "", "other/s.nsl": "../"} {
		text, err := os.ReadFile(filepath.Join(home, name))
		if want := "use \"" + up + "one/m.nsl\"\ntwo a b\nuse \"" + up + "two/n.nsl\"\nthree c\n"; err != nil || string(text) != want {
			t.Errorf("%v: the script is\n%s\nwant\n%s", err, text, want)
		}
	}
	if out, err := nslCommand("X=", "run", filepath.Join(home, "s.nsl")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// In a running lab the script that built it is saved as well; what another client took
// away is undone with one line.
func TestSaveAndUndoInARunningLab(t *testing.T) {
	script := labHome(t)
	dir := filepath.Dir(script)
	written(t, dir, map[string]string{"sub/m.nsl": "def two(a, b) { ns $a $b; link $a <-> $b }\n", "lab.nsl": "use \"sub/m.nsl\"\ntwo ${arg(1)} blue\n"})
	if out, err := nslCommand("X=", "up", script, "--", "red").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("HOME", t.TempDir())
	cmd := nslCommand("X=", "repl", "lab")
	cmd.Dir = dir
	s := onTerminal(t, cmd)
	s.asks("nsl:2> ")
	s.answers("ns green", "nsl:3> ")
	s.answers("link green <-> red 10.5.0.0/24", "nsl:3> ")
	saved := filepath.Join(dir, "sub", "s.nsl")
	written(t, dir, map[string]string{"sub/.keep": ""})
	s.types("save sub/s.nsl\r")
	s.shows("the script of the lab and 2 statements of this prompt; nsl run sub/s.nsl -- red builds the same lab")
	s.asks("nsl:3> ")
	cmd = nslCommand("X=", "do", "lab")
	cmd.Stdin = strings.NewReader("delete green\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.types("undo\r")
	s.shows("nothing was left to undo of link green <-> red 10.5.0.0/24 (another prompt or a program has deleted it)\r\n")
	s.types("undo\r")
	s.shows("nothing was left to undo of ns green (another prompt or a program has deleted it)\r\n")
	s.asks("nsl:2> ")
	s.leaves()
	text, _ := os.ReadFile(saved)
	want := "# The script of the lab: " + script + "\nuse \"m.nsl\"\ntwo ${arg(1)} blue\n\nns green\nlink green <-> red 10.5.0.0/24\n"
	if string(text) != want {
		t.Errorf("the script is\n%s\nwant\n%s", text, want)
	}
	if out, err := nslCommand("X=", "run", saved, "--", "red").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
