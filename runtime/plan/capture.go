package plan

import (
	"errors"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
)

// Capture records the packets of interfaces, in one node or several, in a
// pcapng file (draft-ietf-opsawg-pcapng).
type Capture struct {
	// File is its path, as the script has it. What it held is lost.
	File string
	// Ports are the interfaces, one at least.
	Ports  []Ref
	Filter CaptureFilter
}

// CaptureFilter says which packets are recorded: those that match all that is
// given.
type CaptureFilter struct {
	// Proto is "tcp", "udp", "icmp" (of both families), "arp", or "" for any.
	Proto string
	// Hosts are ends of the packets: of each, one of the prefixes is the source or
	// the destination.
	Hosts []CaptureHost
	// Port is the source or destination port of TCP or UDP, 0 for any.
	Port uint16
}

// CaptureHost is an end of packets: a node with all its addresses, say.
type CaptureHost struct {
	// Text is how the script has it.
	Text  string
	Addrs []netip.Prefix
}

// FileError is the error of a Start whose file or directory cannot be opened.
type FileError struct {
	Path string
	// Err is the kernel's error.
	Err error
	// Read: it was to be read, not written.
	Read bool
}

// NewFileError is the error of opening or writing a file, without what os adds
// to it (the name of the system call and the path).
func NewFileError(path string, err error, read bool) *FileError {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &FileError{Path: path, Err: err, Read: read}
}

// Error is the path and the kernel's own words.
func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap is the kernel's error.
func (e *FileError) Unwrap() error { return e.Err }

func (Capture) service() {}

// Kind is capture.
func (c Capture) Kind() string { return "capture" }

// String names the interfaces and the file.
func (c Capture) String() string {
	var ports []string
	for _, p := range c.Ports {
		ports = append(ports, p.String())
	}
	return "capture of " + strings.Join(ports, ", ") + " in " + c.File
}

// Listens is nothing.
func (c Capture) Listens() []Listen { return nil }

// String is the filter in the words of the script, which pcap-filter(7) knows too.
func (f CaptureFilter) String() string {
	var w []string
	if f.Proto != "" {
		w = append(w, f.Proto)
	}
	for _, h := range f.Hosts {
		w = append(w, "host "+h.Text)
	}
	if f.Port != 0 {
		w = append(w, "port "+strconv.Itoa(int(f.Port)))
	}
	return strings.Join(w, " ")
}

// expression is the filter as pcap-filter(7) has it.
func (f CaptureFilter) expression() string {
	var w []string
	switch f.Proto {
	case "":
	case "icmp":
		w = append(w, "(icmp or icmp6)")
	default:
		w = append(w, f.Proto)
	}
	for _, h := range f.Hosts {
		var ways []string
		for _, a := range h.Addrs {
			ways = append(ways, "net "+a.String())
		}
		w = append(w, "("+strings.Join(ways, " or ")+")")
	}
	if f.Port != 0 {
		w = append(w, "port "+strconv.Itoa(int(f.Port)))
	}
	return strings.Join(w, " and ")
}

func (c Capture) begin(Start) []Command {
	var cmds []Command
	for _, p := range c.Ports {
		words := []string{"tcpdump", "-i", p.Link, "-w", c.File}
		if e := c.Filter.expression(); e != "" {
			words = append(words, e)
		}
		cmds = append(cmds, note("nsl's own capture; much the same: %s &", Inside(p.Node, words...))...)
	}
	return cmds
}

func (c Capture) end(Stop) []Command { return note("the %s ends", c) }
