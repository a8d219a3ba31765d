// Package watch sees packets pass the interfaces of many nodes: one packet socket
// in each namespace, whose timestamps are of one clock (packet(7)). With the
// sockets all of it ends, also after kill -9.
package watch

import (
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Inside runs f on a thread inside a node.
type Inside func(node string, f func() error) error

// eye is the socket of a node.
type eye struct {
	node string
	fd   int
}

// During calls ask, and returns what passed the interfaces of the nodes meanwhile;
// see [plan.Watcher].
func During(inside Inside, nodes []string, ask func() error) ([]plan.Sighting, error) {
	var eyes []eye
	defer func() { closeAll(eyes) }()
	for _, n := range nodes {
		e := eye{node: n}
		err := inside(n, func() (err error) {
			e.fd, err = open()
			return err
		})
		if err != nil {
			return nil, err
		}
		eyes = append(eyes, e)
	}
	if err := inside(plan.Host, await); err != nil {
		return nil, err
	}
	err := ask()
	var list []plan.Sighting
	for _, e := range eyes {
		list = append(list, e.drain()...)
	}
	return list, err
}

// open opens a socket for the packets of all interfaces of the calling thread's
// namespace, without their link-layer headers.
func open() (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all}))
	if err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// closeAll closes the sockets at once: each waits until no processor uses it any
// more (synchronize_net), and they wait together.
func closeAll(eyes []eye) {
	var done sync.WaitGroup
	for _, e := range eyes {
		done.Go(func() { _ = unix.Close(e.fd) })
	}
	done.Wait()
}

// snapLength is how much of a packet is read, in bytes: its headers, and those of
// one that it quotes.
const snapLength = 256

// drain reads what the socket has.
func (e eye) drain() []plan.Sighting {
	var list []plan.Sighting
	buf, oob := make([]byte, snapLength), make([]byte, 128)
	for {
		n, oobn, _, from, err := unix.Recvmsg(e.fd, buf, oob, unix.MSG_DONTWAIT)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENETDOWN):
			continue
		case err != nil:
			return list
		}
		at, ok := from.(*unix.SockaddrLinklayer)
		if !ok {
			continue
		}
		s := plan.Sighting{Node: e.node, Index: at.Ifindex, Out: at.Pkttype == unix.PACKET_OUTGOING, At: timeOf(oob[:oobn])}
		if read(&s, buf[:n]) {
			list = append(list, s)
		}
	}
}

// timeOf is the time at which the kernel had a packet (socket(7), SO_TIMESTAMPNS).
func timeOf(oob []byte) time.Time {
	for len(oob) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			break
		}
		if h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS && len(data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
		}
		oob = rest
	}
	return time.Time{}
}
