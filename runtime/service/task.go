package service

import (
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
)

// task is a Handle for goroutines that end when what they read from is closed.
type task struct {
	done chan struct{}

	mu     sync.Mutex
	closed bool
	// open is what Close closes, first to last.
	open []io.Closer
	err  error
}

// run starts a task that f does. F returns when the closers were closed, or why
// it could not go on.
func run(f func() error, open ...io.Closer) *task {
	t := &task{done: make(chan struct{}), open: open}
	go func() {
		defer close(t.done)
		err := f()
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.closed {
			t.err = err
		}
	}()
	return t
}

// Done is closed when the task has ended.
func (t *task) Done() <-chan struct{} { return t.done }

// Err is why it ended by itself.
func (t *task) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Close ends it and waits.
func (t *task) Close() error {
	t.mu.Lock()
	open := t.open
	t.open, t.closed = nil, true
	t.mu.Unlock()
	var errs []error
	for _, c := range open {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	<-t.done
	return errors.Join(errs...)
}

// conns are the connections of a server, so that its end ends them too.
type conns struct {
	mu     sync.Mutex
	closed bool
	open   map[*tracked]struct{}
	wait   sync.WaitGroup
}

// tracked is a connection that its server knows of until it is closed.
type tracked struct {
	net.Conn
	of *conns
}

// Close closes it.
func (t *tracked) Close() error {
	t.of.mu.Lock()
	delete(t.of.open, t)
	t.of.mu.Unlock()
	return t.Conn.Close()
}

// track takes a connection over. One that comes too late is closed at once.
func (c *conns) track(conn net.Conn) *tracked {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &tracked{conn, c}
	if c.closed {
		_ = conn.Close()
		return t
	}
	if c.open == nil {
		c.open = map[*tracked]struct{}{}
	}
	c.open[t] = struct{}{}
	return t
}

// serve lets f have a connection, on a goroutine of its own, and closes it. It
// must not be called any more once wait is waited for.
func (c *conns) serve(conn net.Conn, f func(net.Conn)) {
	t := c.track(conn)
	c.wait.Go(func() {
		f(t)
		_ = t.Close()
	})
}

// Close closes the connections.
func (c *conns) Close() error {
	c.mu.Lock()
	c.closed = true
	list := slices.Collect(maps.Keys(c.open))
	c.mu.Unlock()
	for _, t := range list {
		_ = t.Close()
	}
	return nil
}
