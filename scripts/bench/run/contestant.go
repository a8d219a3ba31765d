package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Long enough for 1000 members by bash on a slow machine.
const patience = 5 * time.Minute

// A contestant is one way to build the star.
type contestant struct {
	name string
	// slow ones take fewer turns at large sizes.
	slow bool
	// command is what builds a star of n members.
	command func(n int) ([]string, error)
	// measure takes a time by itself, where the whole process is not what is meant;
	// nil otherwise. A slow one has one turn.
	measure func(ctx context.Context, n int) (time.Duration, error)
}

// prepare builds the floor and names who takes part.
func prepare(ctx context.Context, o options, dir string) ([]contestant, error) {
	floor := filepath.Join(dir, "floor")
	build := exec.CommandContext(ctx, "go", "build", "-o", floor, "./scripts/bench/floor")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the floor: %w\n%s", err, out)
	}
	withSize := func(program string) func(int) ([]string, error) {
		return func(n int) ([]string, error) { return []string{program, strconv.Itoa(n)}, nil }
	}
	all := []contestant{
		{name: "floor", command: withSize(floor)},
		{name: "nsl", command: func(n int) ([]string, error) {
			script := filepath.Join(dir, fmt.Sprintf("star-%d.nsl", n))
			return []string{o.nsl, "run", script}, os.WriteFile(script, []byte(starScript(n)), 0o644)
		}},
		{name: "ip -batch", slow: true, command: withSize("scripts/bench/ip-batch.sh")},
		{name: "bash + ip", slow: true, command: withSize("scripts/bench/bash-ip.sh")},
	}
	chosen := slices.DeleteFunc(all, func(c contestant) bool { return !selected(o.only, c.name) })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-only %s: there are floor, nsl, ip -batch, bash + ip", o.only)
	}
	return chosen, nil
}

func selected(only, name string) bool {
	return only == "" || slices.Contains(strings.Split(only, ","), name)
}

// starScript is the star in two statements of nsl.
func starScript(n int) string {
	var names strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&names, " h%d", i)
	}
	members := names.String()
	return "ns" + members + "\nbridge sw <" + members[1:] + ">\n"
}

// race lets the contestants take turns, each after settle said that nothing
// else goes on. One that failed is out.
func race(ctx context.Context, contestants []contestant, n, rounds int, settle func(context.Context) bool) []Result {
	results := make([]Result, len(contestants))
	for round := range rounds {
		for i, c := range contestants {
			results[i].Name = c.name
			if round >= c.turns(n, rounds) || results[i].Failed != "" || ctx.Err() != nil {
				continue
			}
			if !settle(ctx) {
				results[i].Noisy++
			}
			took, err := c.run(ctx, n)
			if err != nil {
				results[i].Failed = err.Error()
				continue
			}
			results[i].Seconds = append(results[i].Seconds, took.Seconds())
		}
	}
	return results
}

func (c contestant) turns(n, rounds int) int {
	if c.slow && c.measure != nil {
		return 1
	}
	if !c.slow || n <= 100 {
		return rounds
	}
	return min(rounds, max(2, rounds*100/n))
}

// run builds the star once. The error of one that fails tells the last line
// that it wrote.
func (c contestant) run(ctx context.Context, n int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if c.measure != nil {
		return c.measure(ctx, n)
	}
	argv, err := c.command(n)
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err = cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, withLastLine(err, out.String())
	}
	return took, nil
}

func withLastLine(err error, output string) error {
	output = strings.TrimSpace(output)
	if output == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, output[strings.LastIndex(output, "\n")+1:])
}
