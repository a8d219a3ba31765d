package keeper

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// protocol is raised when a client and a lab of before could misunderstand one
// another.
const protocol = 1

// maxMessage bounds a message (bytes), maxFiles the descriptors that go with it:
// an environment may have 2 MiB, a script 16.
const (
	maxMessage = 128 << 20
	maxFiles   = 8
)

// Conn is a connection between a client and a lab. A message is its length (four
// bytes, big endian) and a JSON value; descriptors go with the length.
type Conn struct {
	socket *net.UnixConn
	lab    string
	mu     sync.Mutex // held while sending
}

// hello is the lab's first message.
type hello struct {
	Protocol int
	Version  string
}

// Close ends the connection. A lab kills what it was doing for its client.
func (c *Conn) Close() error { return c.socket.Close() }

func (c *Conn) send(v any, files ...*os.File) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(body) > maxMessage {
		return fmt.Errorf("a message of %d bytes: %w", len(body), unix.EMSGSIZE)
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		rights = unix.UnixRights(fds...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	head := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	if _, _, err := c.socket.WriteMsgUnix(head, rights, nil); err != nil {
		return err
	}
	_, err = c.socket.Write(body)
	return err
}

// receive reads a message. The caller closes the files, also after an error.
func (c *Conn) receive(v any) (files []*os.File, err error) {
	head, rights := make([]byte, 4), make([]byte, unix.CmsgSpace(4*maxFiles))
	n, oobn, flags, _, err := c.socket.ReadMsgUnix(head, rights)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	if files, err = parseFiles(rights[:oobn]); err != nil {
		return files, err
	}
	if flags&unix.MSG_CTRUNC != 0 {
		return files, fmt.Errorf("more than %d descriptors: %w", maxFiles, unix.EMSGSIZE)
	}
	if _, err := io.ReadFull(c.socket, head[n:]); err != nil {
		return files, err
	}
	size := binary.BigEndian.Uint32(head)
	if size > maxMessage {
		return files, fmt.Errorf("a message of %d bytes: %w", size, unix.EMSGSIZE)
	}
	// Not make(size): what was announced may never come.
	body, err := io.ReadAll(io.LimitReader(c.socket, int64(size)))
	if err == nil && len(body) < int(size) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return files, err
	}
	return files, json.Unmarshal(body, v)
}

func parseFiles(rights []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(rights)
	var files []*os.File
	for i := range messages {
		fds, errFDs := unix.ParseUnixRights(&messages[i])
		err = errors.Join(err, errFDs)
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "client"))
		}
	}
	return files, err
}

// peer is the user at the other end (SO_PEERCRED, unix(7)), as numbered in this
// process's user namespace.
func (c *Conn) peer() (uid uint32, err error) {
	raw, err := c.socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	errCall := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err := errors.Join(errCall, err); err != nil {
		return 0, err
	}
	return cred.Uid, nil
}

// hungUp reports whether the other end is closed (poll(2)).
func (c *Conn) hungUp() bool {
	raw, err := c.socket.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	err = raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(p, 0)
		closed = err == nil && n > 0 && p[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
	})
	return closed || err != nil
}

// greet checks which user answers, and that it does within the time.
func (c *Conn) greet(within time.Duration) error {
	uid, err := c.peer()
	switch {
	case err != nil:
		return silentLab(c.lab, err)
	case uid != uint32(os.Geteuid()):
		return foreignLab(c.lab, uid)
	}
	if err := c.socket.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	var h hello
	_, err = c.receive(&h)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return silentLab(c.lab, fmt.Errorf("no word from it in %v", within))
	case err != nil:
		return goneLab(c.lab)
	case h.Protocol != protocol:
		return otherVersion(c.lab, h.Version)
	}
	return c.socket.SetReadDeadline(time.Time{})
}
