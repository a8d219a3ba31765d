// Package trace tells the packets that pass an interface, a line for each, as
// they pass.
package trace

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// mostBytes is how much of each packet is read: enough for its headers and a
// question to a name server.
const mostBytes = 2048

// wake is how often a reader looks whether it is to end.
const wake = 100 * time.Millisecond

// Open opens a socket for all packets of an interface, in both directions, in the
// network namespace of the calling thread (packet(7)). The caller closes it.
func Open(link string) (*Socket, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := bind(fd, link); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &Socket{fd}, nil
}

// Socket is where the packets of one interface are read.
type Socket struct{ fd int }

// Close gives the socket back.
func (s *Socket) Close() error { return unix.Close(s.fd) }

func bind(fd int, link string) error {
	req, err := unix.NewIfreq(link)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req); err != nil {
		return os.NewSyscallError("ioctl", err)
	}
	timeout := unix.NsecToTimeval(int64(wake))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	return os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: int(req.Uint32())}))
}

// Packet is one that passed.
type Packet struct {
	// Out: the interface sent it.
	Out bool
	// Text is what it is, in one line.
	Text string
}

// Read hands each packet to f until ctx ends, which is no error, or the interface
// is gone.
func (s *Socket) Read(ctx context.Context, f func(Packet)) error {
	b := make([]byte, mostBytes)
	for ctx.Err() == nil {
		n, from, err := unix.Recvfrom(s.fd, b, 0)
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENETDOWN):
			continue // it may come up again
		case err != nil:
			return os.NewSyscallError("recvfrom", err)
		}
		out := false
		if ll, ok := from.(*unix.SockaddrLinklayer); ok {
			out = ll.Pkttype == unix.PACKET_OUTGOING
		}
		f(Packet{out, Summary(b[:n])})
	}
	return nil
}
