package outside

import (
	"io/fs"
	"net"
	"os"
	"sync"
)

// Client asks. It is for several goroutines, one question at a time.
type Client struct {
	mu   sync.Mutex
	conn *net.UnixConn
}

// Connect takes over the end that was inherited. The caller closes the client.
func Connect(theirs *os.File) (*Client, error) {
	c, err := unixConn(theirs)
	if err != nil {
		return nil, err
	}
	return &Client{conn: c}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

func (c *Client) ask(q question) (*os.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := send(c.conn, q, nil); err != nil {
		return nil, err
	}
	var a answer
	f, err := receive(c.conn, &a)
	if err == nil {
		err = a.err()
	}
	if err != nil && f != nil {
		_ = f.Close()
		f = nil
	}
	return f, err
}

// OpenFile is as os.OpenFile for a name that the person typed. The error is an
// *fs.PathError.
func (c *Client) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return c.OpenBelow("", name, flag, perm)
}

// OpenBelow is OpenFile for a name that another file has: a relative one begins at the
// directory, and no link leads out of that.
func (c *Client) OpenBelow(dir, name string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := c.ask(question{Do: doOpen, Below: dir, Name: name, Flag: flag, Perm: uint32(perm.Perm())})
	if err == nil && f == nil {
		err = fs.ErrInvalid
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

// Keep keeps a line that was typed.
func (c *Client) Keep(line string) error {
	_, err := c.ask(question{Do: doKeep, Line: line})
	return err
}

// Suspend stops the person's job, and returns when it goes on.
func (c *Client) Suspend() { _, _ = c.ask(question{Do: doSuspend}) }
