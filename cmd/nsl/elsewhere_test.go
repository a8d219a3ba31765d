package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/doc"
)

// elsewhere builds nsl as it is on systems that run no labs, and returns a function
// that runs it.
func elsewhere(t *testing.T) func(args ...string) (out, errs string, exit int) {
	t.Helper()
	nsl := filepath.Join(t.TempDir(), "nsl")
	if text, err := exec.Command("go", "build", "-tags", "nolabs", "-o", nsl, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return func(args ...string) (string, string, int) {
		var out, errs strings.Builder
		c := exec.Command(nsl, args...)
		c.Stdout, c.Stderr = &out, &errs
		err := c.Run()
		if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		return out.String(), errs.String(), c.ProcessState.ExitCode()
	}
}

// Where no lab runs, scripts are checked, formatted and explained all the same, and
// the commands that run labs say where they do.
func TestElsewhere(t *testing.T) {
	nsl := elsewhere(t)
	const lab = "../../scripts/labs/bridge-and-nat.nsl"
	for _, args := range [][]string{{"check", lab}, {"fmt", "-d", lab}, {"version"}, {"--help"}} {
		if _, errs, exit := nsl(args...); exit != diag.ExitOK {
			t.Errorf("%v: exit code %d\n%s", args, exit, errs)
		}
	}
	if out, _, _ := nsl("explain", lab); !strings.Contains(out, "\nip link add name ") {
		t.Errorf("explain prints:\n%s", out)
	}
	if out, _, _ := nsl("help", "ping"); !strings.Contains(out, "echo replies") {
		t.Errorf("help ping prints:\n%s", out)
	}
	for _, args := range [][]string{{"run", "-v", lab}, {"up", "--name", "x", lab}, {lab}, {"test"}, {"sh", "x", "red"}} {
		out, errs, exit := nsl(args...)
		if exit != diag.ExitMachine || out != "" || !strings.Contains(errs, diag.ContainerFlags) || !strings.Contains(errs, "virtual machine:  limactl") {
			t.Errorf("%v: exit code %d\n%s%s", args, exit, out, errs)
		}
	}
	if help := diag.OnlyLinux("nsl run", "windows").Help; !strings.Contains(help, "virtual machine:  wsl") {
		t.Errorf("on Windows: %s", help)
	}
	out, _, _ := nsl("commands")
	var all doc.Command
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	if here, there := names(describeCommand(rootCommand())), names(all); !slices.Equal(here, there) {
		t.Errorf("the commands are %v, on Linux %v", there, here)
	}
}

func names(c doc.Command) (list []string) {
	for _, sub := range c.Commands {
		list = append(list, sub.Use[:len(sub.Use)-len(strings.TrimLeft(sub.Use, "abcdefghijklmnopqrstuvwxyz"))])
	}
	return list
}
