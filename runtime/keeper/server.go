package keeper

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"nsl/runtime/terminal"
)

// Request is what a client asks of a lab.
type Request struct {
	// Do names what is to be done.
	Do string
	// Body says more about it.
	Body json.RawMessage
}

// Reply is the lab's answer, when all has been done.
type Reply struct {
	// Code is the client's exit code.
	Code int
	Body json.RawMessage
	// Running, in the reply to the one who builds the lab, keeps it running.
	Running bool
}

// event is what a client sends while its request is being done.
type event struct{ Signal syscall.Signal }

// Call is a request and how it came.
type Call struct {
	Request
	// Files are the client's descriptors; they are closed after the reply.
	Files []*os.File
	// Signals are those that the client passes on.
	Signals <-chan syscall.Signal

	conn *Conn
}

// Abandoned reports whether the client is gone, also before its end has reached
// the context.
func (c *Call) Abandoned() bool { return c.conn.hungUp() }

// Server answers the clients of a lab, inside.
type Server struct {
	// Version is sent to clients, which may speak another protocol.
	Version string
	// Build answers the first client, which builds the lab. Unless its reply says
	// that the lab is running, and arrives, the lab ends.
	Build func(context.Context, *Call) Reply
	// Handle answers every other one. Its context ends when the client is gone.
	Handle func(context.Context, *Call) Reply
	// Handshake is how long a client may take to send its request; 0 is 30 s.
	Handshake time.Duration
}

// Serve answers clients until ctx ends, or what the first one builds does not
// keep running. It takes the listener over. Requests still being done are not waited
// for.
func (s *Server) Serve(ctx context.Context, l *net.UnixListener) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer l.Close()
	context.AfterFunc(ctx, func() { l.Close() })
	first, err := l.AcceptUnix()
	if err != nil {
		return
	}
	// The first client made the socket. In a lab that root runs, root has no ID: the
	// kernel shows the overflow ID (user_namespaces(7)).
	owner, err := (&Conn{socket: first}).peer()
	if err != nil {
		first.Close()
		return
	}
	go func() {
		if !s.serve(ctx, first, owner, s.Build) {
			end()
		}
	}()
	s.serveMore(ctx, l, owner)
}

// ServeMore answers clients inside with Handle until ctx ends. It takes the
// listener over.
func (s *Server) ServeMore(ctx context.Context, l *net.UnixListener) {
	s.serveMore(ctx, l, uint32(os.Geteuid()))
}

// serveMore answers clients of this user.
func (s *Server) serveMore(ctx context.Context, l *net.UnixListener, owner uint32) {
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	acceptAll(ctx, l.AcceptUnix, func(c *net.UnixConn) { go s.serve(ctx, c, owner, s.Handle) })
}

// The shortest and the longest pause after a connection that could not be taken.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// acceptAll hands connections to serve until ctx ends or the listener is closed. Another
// error, as EMFILE when there are too many descriptors, stays until some are closed: it is
// tried again after a pause, longer each time.
func acceptAll(ctx context.Context, accept func() (*net.UnixConn, error), serve func(*net.UnixConn)) {
	pause := firstPause
	for {
		c, err := accept()
		switch {
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			if err == nil {
				c.Close()
			}
			return
		case err == nil:
			pause = firstPause
			serve(c)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}

// serve answers one client; running is a reply that says so and arrived.
func (s *Server) serve(ctx context.Context, socket *net.UnixConn, owner uint32, answer func(context.Context, *Call) Reply) (running bool) {
	c := &Conn{socket: socket}
	defer c.Close()
	// Others cannot enter the directory of the socket; this is for the day that
	// its owner opens it to them.
	if uid, err := c.peer(); err != nil || uid != owner {
		return false
	}
	call := &Call{conn: c}
	files, err := c.handshake(hello{protocol, s.Version}, &call.Request, cmp.Or(s.Handshake, starting))
	defer closeAll(files)
	if err != nil {
		return false
	}
	asked, gone := context.WithCancel(ctx)
	defer gone()
	signals := make(chan syscall.Signal, 16)
	call.Files, call.Signals = files, signals
	go listen(c, signals, gone)
	reply := answer(asked, call)
	if ctx.Err() != nil {
		return false // the lab ended it, and not by itself: the closed connection says so
	}
	return c.send(reply) == nil && reply.Running
}

// doTerminal asks for a terminal in the lab, for the request that follows on the
// connection: its name means something to the programs there (ttyname(3)).
const doTerminal = "terminal"

// sendTerminal makes a terminal and sends master and slave.
func (c *Conn) sendTerminal() error {
	outer, inner, err := terminal.Open()
	if err != nil {
		return err
	}
	defer closeAll([]*os.File{outer, inner})
	return c.send(Reply{}, outer, inner)
}

// handshake greets a client and receives its request, within a time: one that says nothing
// would be kept for ever.
func (c *Conn) handshake(h hello, r *Request, within time.Duration) (files []*os.File, err error) {
	if err := c.socket.SetDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	if err := c.send(h); err != nil {
		return nil, err
	}
	files, err = c.receive(r)
	if err == nil && r.Do == doTerminal {
		closeAll(files)
		if err := c.sendTerminal(); err != nil {
			return nil, err
		}
		files, err = c.receive(r)
	}
	if err != nil {
		return files, err
	}
	return files, c.socket.SetDeadline(time.Time{})
}

// listen reads what a client sends, until it is gone.
func listen(c *Conn, signals chan<- syscall.Signal, gone func()) {
	defer gone()
	for {
		var e event
		files, err := c.receive(&e)
		closeAll(files)
		if err != nil {
			return
		}
		select {
		case signals <- e.Signal:
		default: // no one listens; a person who presses Ctrl-C for the 17th time is no reason to wait
		}
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
