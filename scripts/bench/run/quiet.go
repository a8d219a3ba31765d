package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The kernel takes a star down long after the process that made it has ended:
// its workers delete namespaces, and what is still to be deleted slows down
// whoever comes next.
const (
	quietWindow   = 100 * time.Millisecond
	quietDeadline = 15 * time.Second
	// How much of one processor's time the kernel may take in a quiet machine.
	quietShare = 0.10
	// USER_HZ, the unit of /proc/stat, is 100 on every Linux that Go runs on.
	ticksPerSecond = 100
)

// waitQuiet waits until the kernel has nothing left to do, and reports whether
// that came to be within the deadline.
func waitQuiet(ctx context.Context) bool {
	deadline := time.Now().Add(quietDeadline)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		before := kernelTicks()
		<-time.After(quietWindow)
		busy := float64(kernelTicks()-before) / ticksPerSecond / quietWindow.Seconds()
		if busy <= quietShare && !deletingNamespaces() {
			return true
		}
	}
	return false
}

// kernelTicks is the time all processors spent in the kernel: system, irq and
// softirq of the first line of /proc/stat (proc_stat(5)).
func kernelTicks() int {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	sum := 0
	for i, field := range strings.Fields(line) {
		if i == 3 || i == 6 || i == 7 {
			ticks, _ := strconv.Atoi(field)
			sum += ticks
		}
	}
	return sum
}

// deletingNamespaces reports whether a kernel worker is at the workqueue of
// that name just now, which its name tells: kworker/u8:2+netns.
func deletingNamespaces() bool {
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, file := range files {
		comm, err := os.ReadFile(file)
		if err == nil && bytes.Contains(comm, []byte("+netns")) {
			return true
		}
	}
	return false
}
