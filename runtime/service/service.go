// Package service brings the services of package plan to life: real servers in
// this process whose sockets are inside a node's network namespace.
//
// A socket stays in the namespace it was opened in, so only opening one happens
// on a thread inside ([Node.Inside]); everything else runs on ordinary
// goroutines. Nothing in here starts a program.
package service

import (
	"errors"
	"fmt"

	"nsl/runtime/files"
	"nsl/runtime/plan"
	"nsl/runtime/service/capture"
)

// Node is the place that a service runs in.
type Node struct {
	Name string
	// Inside runs f on a thread inside the node's network namespace and waits for
	// it, as long as the service runs. Goroutines that f starts are not inside.
	Inside func(f func() error) error
	// Hosts are the lines of the node's /etc/hosts as they are at that moment.
	Hosts func() ([]plan.HostLine, error)
	// InsideOf does it in another node, and only while Start runs.
	InsideOf func(node string, f func() error) error
	// Files opens the files that the service names.
	Files files.Opener
}

// Handle is a service that runs.
type Handle interface {
	// Done is closed once the service has ended, of its own accord or by Close.
	Done() <-chan struct{}
	// Err is why it ended of its own accord; nil after Close.
	Err() error
	// Close ends it: when it returns no goroutine and no descriptor of it is
	// left. It may be called more than once.
	Close() error
}

// Start starts a server; its sockets are open when it returns. An error is the
// kernel's (errors.Is with a syscall.Errno: EADDRINUSE for a port that is
// taken), or errors.ErrUnsupported for a service that is none of this package.
func Start(n Node, s plan.Service) (Handle, error) {
	switch s := s.(type) {
	case plan.HTTP:
		return startHTTP(n, s)
	case plan.Echo:
		if s.Proto == "udp" {
			return startUDPEcho(n, s)
		}
		return startTCPEcho(n, s)
	case plan.DNS:
		return startDNS(n, s)
	case plan.DHCP:
		return startDHCP(n, s)
	case plan.DHCPRelay:
		return startRelay(n, s)
	case plan.RA:
		return startRA(n, s)
	case plan.Capture:
		return startCapture(n, s, capture.Start)
	case plan.Program: // no server
	}
	return nil, fmt.Errorf("%T: %w", s, errors.ErrUnsupported)
}

// Restart closes a server and opens its sockets again, where its interfaces are by
// then. A DHCP server keeps its leases, a capture goes on in its file.
func Restart(n Node, s plan.Service, old Handle) (Handle, error) {
	if err := old.Close(); err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case plan.DHCP:
		if o, ok := old.(*lending); ok {
			return serveDHCP(n, s, o.server)
		}
	case plan.Capture:
		return startCapture(n, s, capture.Resume)
	case plan.HTTP, plan.Echo, plan.DNS, plan.DHCPRelay, plan.RA, plan.Program:
	}
	return Start(n, s)
}

// startCapture opens the sockets where the interfaces are.
func startCapture(n Node, s plan.Capture, start func(plan.Capture, []capture.Port, files.Opener) (*capture.Capture, error)) (Handle, error) {
	var ports []capture.Port
	for _, r := range s.Ports {
		p := capture.Port{Ref: r, Inside: n.Inside}
		if r.Node != n.Name {
			p.Inside = func(f func() error) error { return n.InsideOf(r.Node, f) }
		}
		ports = append(ports, p)
	}
	c, err := start(s, ports, n.Files)
	if err != nil {
		return nil, err // not c: a nil pointer in an interface is not nil
	}
	return c, nil
}
