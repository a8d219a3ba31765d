package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A contestant is one way to build the star.
type contestant struct {
	name string
	// slow ones take fewer turns at large sizes.
	slow bool
	// command is what builds a star of n members.
	command func(n int) ([]string, error)
	// measure takes a time by itself, where the whole process is not what is meant;
	// nil otherwise. A slow one has one turn.
	measure func(ctx context.Context, n int) (outcome, error)
	// neighbours are raised for the time that it runs, if its size wants it; nil when
	// it gets on with what the machine has.
	neighbours *limits
}

// outcome is what came of a turn.
type outcome struct {
	took time.Duration
	// lost is how many pings had no reply.
	lost int
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

// trial is how often contestants take turns at a size, and how long each may take
// for all of its turns.
type trial struct {
	n, rounds int
	patience  time.Duration
}

// race lets the contestants take turns, each after settle said that nothing
// else goes on. One that failed, or whose time is used up, is out.
func race(ctx context.Context, contestants []contestant, t trial, settle func(context.Context) bool) []Result {
	results := make([]Result, len(contestants))
	left := make([]time.Duration, len(contestants))
	for round := range t.rounds {
		for i, c := range contestants {
			r := &results[i]
			if round == 0 {
				r.Name, left[i] = c.name, t.patience
			}
			if round >= c.turns(t.n, t.rounds) || r.Failed != "" || r.Cut != "" || ctx.Err() != nil {
				continue
			}
			if !settle(ctx) {
				r.Noisy++
			}
			start := time.Now()
			r.turn(ctx, c, t, left[i])
			left[i] -= time.Since(start)
		}
	}
	return results
}

// turn is one turn of a contestant, for as long as it has left.
func (r *Result) turn(ctx context.Context, c contestant, t trial, left time.Duration) {
	limited, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	o, err := c.run(limited, t.n)
	switch cut := fmt.Sprintf("cut off in turn %d: its %v for all turns were used up", len(r.Seconds)+1, t.patience); {
	case err == nil:
		r.Seconds = append(r.Seconds, o.took.Seconds())
		r.Lost += o.lost
	case limited.Err() == nil || ctx.Err() != nil:
		r.Failed = err.Error()
	case r.Seconds == nil:
		r.Failed = cut
	default:
		r.Cut = cut
	}
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
func (c contestant) run(ctx context.Context, n int) (o outcome, err error) {
	if c.neighbours != nil && c.neighbours.scarce(n) {
		restore, err := c.neighbours.raise()
		if err != nil {
			return o, err
		}
		defer func() { err = errors.Join(err, restore()) }()
	}
	if c.measure != nil {
		return c.measure(ctx, n)
	}
	argv, err := c.command(n)
	if err != nil {
		return o, err
	}
	start := time.Now()
	_, err = output(ctx, argv...)
	o.took = time.Since(start)
	return o, err
}

// output runs a program to its end, or to that of ctx, when all of its process
// group is killed: scripts leave processes that would go on.
func output(ctx context.Context, argv ...string) (string, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", withLastLine(err, string(out))
	}
	return string(out), nil
}

func withLastLine(err error, output string) error {
	output = strings.TrimSpace(output)
	if output == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, output[strings.LastIndex(output, "\n")+1:])
}
