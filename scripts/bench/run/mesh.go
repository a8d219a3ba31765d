package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// raceMesh lets the contestants take turns, as far as this machine has them.
func raceMesh(ctx context.Context, o options, dir string) *Star {
	var able []contestant
	for _, c := range meshContestants(o, dir) {
		if why := lacks(c.name); why != "" {
			fmt.Fprintf(os.Stdout, "\n%s is left out: %s\n", c.name, why)
		} else if selected(o.only, c.name) {
			able = append(able, c)
		}
	}
	return &Star{N: o.mesh, Results: race(ctx, able, o.mesh, o.rounds, waitQuiet)}
}

// lacks says why a contestant cannot run here.
func lacks(name string) string {
	if name != mininet {
		return ""
	}
	for _, program := range []string{"mn", "brctl"} {
		if _, err := exec.LookPath(program); err != nil {
			return "it is not installed (Debian: mininet, bridge-utils)"
		}
	}
	if os.Geteuid() != 0 {
		return "it needs root"
	}
	return ""
}

const mininet = "mininet pingAll"

// meshContestants are the ways to ask every pair of a star. They time the asking
// alone, not the building, and tell the seconds.
func meshContestants(o options, dir string) []contestant {
	n := strconv.Itoa
	return []contestant{
		{name: "nsl", measure: func(ctx context.Context, members int) (time.Duration, error) {
			return meshByNsl(ctx, o.nsl, dir, members)
		}},
		{name: mininet, slow: true, measure: func(ctx context.Context, members int) (time.Duration, error) {
			return lastLine(ctx, "scripts/bench/mininet-pingall.py", n(members))
		}},
		{name: "ping loop", slow: true, measure: func(ctx context.Context, members int) (time.Duration, error) {
			return lastLine(ctx, "scripts/bench/ping-loop.sh", n(members))
		}},
	}
}

// lastLine runs a program whose last line are the seconds.
func lastLine(ctx context.Context, argv ...string) (time.Duration, error) {
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return 0, withLastLine(err, string(out))
	}
	lines := strings.Fields(string(out))
	if len(lines) == 0 {
		return 0, fmt.Errorf("%s tells no time", argv[0])
	}
	return time.ParseDuration(lines[len(lines)-1] + "s")
}

// meshByNsl is the time of the one expectation of a script, which has to hold.
func meshByNsl(ctx context.Context, nsl, dir string, n int) (time.Duration, error) {
	script := filepath.Join(dir, fmt.Sprintf("mesh-%d.nsl", n))
	if err := os.WriteFile(script, []byte(starScript(n)+"expect ping * -> *\n"), 0o644); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, nsl, "test", "--format", "json", script).Output()
	if err != nil {
		return 0, withLastLine(err, string(out))
	}
	for line := range bytes.Lines(out) {
		var e struct {
			Type    string
			Answers []struct{ Holds bool }
			Seconds float64
		}
		if json.Unmarshal(line, &e) == nil && e.Type == "expect" && len(e.Answers) == n*(n-1) {
			return time.Duration(e.Seconds * float64(time.Second)), nil
		}
	}
	return 0, fmt.Errorf("nsl test told of no mesh of %d", n)
}
