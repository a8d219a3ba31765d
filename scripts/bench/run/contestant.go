package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A contestant is one way to build a lab.
type contestant struct {
	name string
	// slow ones take fewer turns at large sizes.
	slow bool
	// command is what builds a lab of the size n.
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
	// cpu is the processor time of the process and all its children.
	cpu time.Duration
	// lost is how many pings had no reply.
	lost int
}

const floorName = "floor"

// compileFloor makes the program that all others are compared with.
func compileFloor(ctx context.Context, dir string) (string, error) {
	if _, err := exec.LookPath("cc"); err != nil {
		return "", errors.New("there is no C compiler (Debian: gcc, libc6-dev)")
	}
	file := filepath.Join(dir, floorName)
	if _, _, err := output(ctx, "cc", "-O2", "-o", file, "scripts/bench/floor.c"); err != nil {
		return "", fmt.Errorf("cc: %w", err)
	}
	return file, nil
}

// builders are those that build a topology; without a floor the others.
func (t topology) builders(o options, dir, floor string) (chosen []contestant) {
	var all []contestant
	if floor != "" {
		all = append(all, contestant{name: floorName, command: func(n int) ([]string, error) {
			return []string{floor, t.name, strconv.Itoa(n)}, nil
		}})
	}
	for _, f := range t.forms {
		name := strings.TrimSuffix("nsl, "+f.name, ", ")
		all = append(all, contestant{name: name, command: nslRun(o, dir, t.name+"-"+f.name, f.text)})
	}
	for _, name := range slices.Sorted(maps.Keys(t.others)) {
		all = append(all, contestant{name: name, slow: true, command: func(n int) ([]string, error) {
			return []string{t.others[name], strconv.Itoa(n)}, nil
		}})
	}
	return slices.DeleteFunc(all, func(c contestant) bool { return !selected(o.only, strings.Split(c.name, ",")[0]) })
}

// nslRun runs what text gives, from a file.
func nslRun(o options, dir, name string, text func(n int) string, flags ...string) func(n int) ([]string, error) {
	return func(n int) ([]string, error) {
		script := filepath.Join(dir, fmt.Sprintf("%s-%d.nsl", name, n))
		return slices.Concat([]string{o.nsl, "run"}, flags, []string{script}), os.WriteFile(script, []byte(text(n)), 0o644)
	}
}

// fixed is a script of one size.
func fixed(text string) func(int) string { return func(int) string { return text } }

func selected(only, name string) bool {
	return only == "" || slices.Contains(strings.Split(only, ","), name)
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
		r.CPU = append(r.CPU, o.cpu.Seconds())
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

// run builds the lab once. The error of one that fails tells the last line
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
	_, o.cpu, err = output(ctx, argv...)
	o.took = time.Since(start)
	return o, err
}

// output runs a program to its end, or to that of ctx, when all of its process
// group is killed: scripts leave processes that would go on. Its processor time is with
// that of its children.
func output(ctx context.Context, argv ...string) (text string, cpu time.Duration, err error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", 0, withLastLine(err, string(out))
	}
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func withLastLine(err error, output string) error {
	output = strings.TrimSpace(output)
	if output == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, output[strings.LastIndex(output, "\n")+1:])
}
