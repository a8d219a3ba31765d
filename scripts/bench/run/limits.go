package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// limits are those of the table of IPv4 neighbours, which all network namespaces
// of a machine share (arp(7), gc_thresh1 to gc_thresh3).
type limits struct {
	// dir is where they are: /proc/sys/net/ipv4/neigh/default.
	dir string
}

const neighDefault = "/proc/sys/net/ipv4/neigh/default"

// roomy is what Mininet raises them to by itself (mininet/util.py, fixLimits), but
// not in a network namespace of its own, where there are none.
var roomy = [3]string{"4096", "8192", "16384"}

// raise gives room for whoever talks to many neighbours in a short time: of 9,900
// entries in the 1024 of most machines most cannot be made, and each of those is a
// ping that is lost. restore puts back what was.
func (l limits) raise() (restore func() error, err error) {
	f, err := os.OpenFile(filepath.Join(l.dir, "gc_thresh3"), os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	// Of two that raise it at a time the second would put back what the first set.
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another benchmark has raised gc_thresh3: %w", err), f.Close())
	}
	was, err := l.read()
	if err == nil {
		err = l.write(roomy)
	}
	restore = func() error { return errors.Join(l.write(was), f.Close()) }
	if err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

func (l limits) files() (files [3]string) {
	for i := range files {
		files[i] = filepath.Join(l.dir, "gc_thresh"+strconv.Itoa(i+1))
	}
	return files
}

func (l limits) read() (values [3]string, err error) {
	for i, file := range l.files() {
		text, err := os.ReadFile(file)
		if err != nil {
			return values, err
		}
		values[i] = strings.TrimSpace(string(text))
	}
	return values, nil
}

func (l limits) write(values [3]string) error {
	var failed error
	for i, file := range l.files() {
		if values[i] != "" {
			failed = errors.Join(failed, os.WriteFile(file, []byte(values[i]+"\n"), 0))
		}
	}
	return failed
}

// scarce reports whether n nodes that all know each other take more than half of
// the table, which others use too.
func (l limits) scarce(n int) bool {
	values, err := l.read()
	room, noNumber := strconv.Atoi(values[2])
	return err == nil && noNumber == nil && 2*n*(n-1) > room
}

// lack says why n nodes cannot all know each other here, "" when they can.
func (l limits) lack(n int) string {
	if !l.scarce(n) || unix.Access(filepath.Join(l.dir, "gc_thresh3"), unix.W_OK) == nil {
		return ""
	}
	return fmt.Sprintf("the machine's table of neighbours (net.ipv4.neigh.default.gc_thresh3) is too small for %d, and only root may change it", n*(n-1))
}
