package main

import (
	"strings"
	"testing"

	"nsl/lang/diag"
)

// Each command refuses fewer and more arguments than its usage has, and says how it is
// used; it takes what its usage has.
func TestArguments(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	takes := map[string][2]int{"apply": {2, 2}, "check": {1, 9}, "clean": {0, 0}, "commands": {0, 0}, "confirm": {0, 0}, "diff": {1, 2}, "do": {1, 2}, "doctor": {0, 0}, "down": {1, 9}, "exec": {3, 9},
		"explain": {1, 1}, "export": {1, 1}, "fmt": {0, 9}, "import": {1, 1}, "install-service": {1, 1}, "logs": {1, 1}, "ls": {0, 0}, "lsp": {0, 0}, "repl": {0, 1}, "run": {0, 9}, "save": {0, 1}, "sh": {2, 2}, "show": {1, 3},
		"test": {0, 9}, "trust": {0, 0}, "up": {1, 1}, "version": {0, 0}, "host-watch": {2, 2}, "keeper": {1, 1}, "prompt": {1, 1}}
	for _, c := range rootCommand().Commands() {
		want, known := takes[c.Name()]
		if !known {
			if c.Name() != "completion" && c.Name() != "help" {
				t.Errorf("%s has no place in this table", c.Name())
			}
			continue
		}
		for n := range 10 {
			args := strings.Fields("a b c d e f g h i")[:n]
			err := c.Args(c, args)
			list, _ := diag.FromError(err)
			switch {
			case n >= want[0] && n <= want[1]:
				if err != nil {
					t.Errorf("nsl %s %v: %v", c.Name(), args, err)
				}
			case len(list) != 1, !strings.HasPrefix(list[0].Summary, "nsl "+c.Name()+": "), !strings.HasPrefix(list[0].Help, "usage: nsl "+c.Name()):
				t.Errorf("nsl %s %v: %v", c.Name(), args, err)
			}
		}
	}
}
