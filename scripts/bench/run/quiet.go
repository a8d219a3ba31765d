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
	quietWindow = 100 * time.Millisecond
	// How much of one processor's time may be used in a quiet machine.
	quietShare = 0.10
	// USER_HZ, the unit of /proc/stat, is 100 on every Linux that Go runs on.
	ticksPerSecond = 100
)

// waitQuiet waits until the kernel and other programs have next to nothing to do, and
// reports whether that came to be in time.
func waitQuiet(ctx context.Context, most time.Duration) bool {
	deadline := time.Now().Add(most)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		before := busyTicks()
		<-time.After(quietWindow)
		busy := float64(busyTicks()-before) / ticksPerSecond / quietWindow.Seconds()
		if busy <= quietShare && !deletingNamespaces() {
			return true
		}
	}
	return false
}

// busyTicks is the time that all processors were busy: user, nice, system, irq and
// softirq of the first line of /proc/stat (proc_stat(5)).
func busyTicks() int {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	sum := 0
	for i, field := range strings.Fields(line) {
		if i >= 1 && i <= 3 || i == 6 || i == 7 {
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
