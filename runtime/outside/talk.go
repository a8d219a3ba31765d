package outside

import (
	"encoding/json"
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// maxMessage bounds a question and an answer (bytes).
const maxMessage = 128 << 10

// The questions.
const (
	doOpen    = "open"
	doKeep    = "keep"
	doSuspend = "suspend"
)

// question is what is asked.
type question struct {
	Do string
	// Name, Flag and Perm are those of os.OpenFile.
	Name string `json:",omitempty"`
	Flag int    `json:",omitempty"`
	Perm uint32 `json:",omitempty"`
	// Below is a directory that the name must be below, "" for any.
	Below string `json:",omitempty"`
	// Line is one to keep.
	Line string `json:",omitempty"`
}

// answer is what comes back, beside an open file.
type answer struct {
	// Error is why it was not done, Errno the kernel's, if it was one.
	Error string     `json:",omitempty"`
	Errno unix.Errno `json:",omitempty"`
}

func answerOf(err error) (a answer) {
	if err != nil {
		a.Error = err.Error()
		errors.As(err, &a.Errno)
	}
	return a
}

// err is the error outside: one that errors.Is knows by its number.
func (a answer) err() error {
	switch {
	case a.Error == "":
		return nil
	case a.Errno != 0:
		return a.Errno
	}
	return errors.New(a.Error)
}

// Pair is a connection: ours is for Serve, theirs for Connect in another process,
// which inherits it. The caller closes theirs.
func Pair() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs = os.NewFile(uintptr(fds[1]), "questions")
	if ours, err = unixConn(os.NewFile(uintptr(fds[0]), "answers")); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// unixConn takes a socket over.
func unixConn(f *os.File) (*net.UnixConn, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(unix.ENOTSOCK, c.Close())
	}
	return u, nil
}

// send sends a message, and a file with it.
func send(c *net.UnixConn, message any, f *os.File) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(body) > maxMessage {
		return unix.EMSGSIZE
	}
	var rights []byte
	if f != nil {
		rights = unix.UnixRights(int(f.Fd()))
	}
	_, _, err = c.WriteMsgUnix(body, rights, nil)
	return err
}

// receive receives a message; the file may be nil.
func receive(c *net.UnixConn, message any) (*os.File, error) {
	body, rights := make([]byte, maxMessage), make([]byte, unix.CmsgSpace(4))
	n, oobn, flags, _, err := c.ReadMsgUnix(body, rights)
	if err != nil {
		return nil, err
	}
	if n == 0 || flags&unix.MSG_TRUNC != 0 {
		return nil, unix.ECONNRESET
	}
	f, err := parseFile(rights[:oobn])
	return f, errors.Join(err, json.Unmarshal(body[:n], message))
}

// parseFile is the descriptor that came with a message, or nil.
func parseFile(rights []byte) (*os.File, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(err, unix.EBADMSG)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(err, unix.EBADMSG)
	}
	unix.CloseOnExec(fds[0])
	return os.NewFile(uintptr(fds[0]), "outside"), nil
}
