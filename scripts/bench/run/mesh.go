package main

import (
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
func raceMesh(ctx context.Context, o options, dir string) *Race {
	mesh := &Race{Lab: "mesh", N: o.mesh}
	var able []contestant
	for _, c := range meshContestants(o, dir) {
		if !selected(o.only, c.name) {
			continue
		}
		if why := c.lacks(o.mesh); why != "" {
			mesh.Absent = append(mesh.Absent, c.name+" is left out: "+why)
			continue
		}
		able = append(able, c)
	}
	mesh.Results = race(ctx, able, trial{o.mesh, o.rounds, o.patience}, o.quiet)
	return mesh
}

// lacks says why a contestant cannot run here, "" when it can.
func (c contestant) lacks(n int) string {
	if c.name == mininet {
		for _, program := range []string{"mn", "brctl"} {
			if _, err := exec.LookPath(program); err != nil {
				return "it is not installed (Debian: mininet, bridge-utils)"
			}
		}
		if os.Geteuid() != 0 {
			return "it needs root"
		}
	}
	if c.neighbours != nil {
		return c.neighbours.lack(n)
	}
	return ""
}

const mininet = "mininet pingAll"

// meshContestants are the ways to ask every pair of a mesh. They time the asking
// alone, not the building, and tell the seconds.
func meshContestants(o options, dir string) []contestant {
	program := func(name string) func(context.Context, int) (outcome, error) {
		return func(ctx context.Context, n int) (outcome, error) {
			return lastLine(ctx, n*(n-1), name, strconv.Itoa(n))
		}
	}
	return []contestant{
		{name: "nsl", measure: func(ctx context.Context, n int) (outcome, error) { return meshByNsl(ctx, o.nsl, dir, n) }},
		{name: mininet, slow: true, neighbours: &limits{neighDefault}, measure: program("scripts/bench/mininet-pingall.py")},
		{name: "ping loop", slow: true, neighbours: &limits{neighDefault}, measure: program("scripts/bench/ping-loop.sh")},
	}
}

// lastLine runs a program whose last line are the seconds, and how many of the
// pings were lost. Each lost one takes a second that has nothing to do with the
// program: where it is more than one in a hundred, the time says nothing.
func lastLine(ctx context.Context, pings int, argv ...string) (outcome, error) {
	text, _, err := output(ctx, argv...)
	if err != nil {
		return outcome{}, err
	}
	line := strings.TrimSpace(text)
	var o outcome
	var seconds float64
	if _, err := fmt.Sscan(line[strings.LastIndex(line, "\n")+1:], &seconds, &o.lost); err != nil {
		return o, fmt.Errorf("%s tells no time: %w", argv[0], err)
	}
	o.took = time.Duration(seconds * float64(time.Second))
	if 100*o.lost > pings {
		return o, fmt.Errorf("%d of %d pings were lost, in %.1f s", o.lost, pings, seconds)
	}
	return o, nil
}

// meshByNsl is the time of the one expectation of a script, which has to hold.
func meshByNsl(ctx context.Context, nsl, dir string, n int) (outcome, error) {
	script := filepath.Join(dir, fmt.Sprintf("mesh-%d.nsl", n))
	if err := os.WriteFile(script, []byte(starScript(n)+"expect ping * -> *\n"), 0o644); err != nil {
		return outcome{}, err
	}
	out, _, err := output(ctx, nsl, "test", "--format", "json", script)
	if err != nil {
		return outcome{}, err
	}
	for line := range strings.Lines(out) {
		var e struct {
			Type    string
			Answers []struct{ Holds bool }
			Seconds float64
		}
		if json.Unmarshal([]byte(line), &e) == nil && e.Type == "expect" && len(e.Answers) == n*(n-1) {
			return outcome{took: time.Duration(e.Seconds * float64(time.Second))}, nil
		}
	}
	return outcome{}, fmt.Errorf("nsl test reported no mesh of %d", n)
}
