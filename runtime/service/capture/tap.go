package capture

import (
	"encoding/binary"
	"errors"
	"os"

	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// snapLength is the longest packet that is recorded whole, in bytes: more than
// any that the kernel makes of several (GSO_MAX_SIZE, 64 KiB).
const snapLength = 1 << 18

// bufferSize is asked for each socket's queue, in bytes; the kernel may give
// less (net.core.rmem_max).
const bufferSize = 4 << 20

// tap is a packet socket on an interface.
type tap struct {
	Port
	linkType layers.LinkType
	index    int
	fd       int
	// gone reports that the interface is not there any more.
	gone bool
}

// counted are the packets that passed the filter, and those of them that were
// lost for want of room.
type counted struct{ packets, drops uint64 }

// open makes the socket inside the namespace. It gets nothing before its filter
// is there and it is bound.
func open(p Port, filter []bpf.RawInstruction) (*tap, error) {
	t := &tap{Port: p}
	err := p.Inside(func() (err error) {
		t.fd, err = t.socket(filter)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (t *tap) socket(filter []bpf.RawInstruction) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := t.identify(fd); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	if t.linkType == layers.LinkTypeRaw {
		// Without a link-layer header there may be a private one: leave it out.
		cooked, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err = errors.Join(err, unix.Close(fd)); err != nil {
			return -1, os.NewSyscallError("socket", err)
		}
		fd = cooked
	}
	if err := prepare(fd, filter, t.index); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// identify finds the interface's number and kind (netdevice(7)).
func (t *tap) identify(fd int) error {
	req, err := unix.NewIfreq(t.Link)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req); err != nil {
		return os.NewSyscallError("ioctl", err)
	}
	t.index = int(req.Uint32())
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return os.NewSyscallError("ioctl", err)
	}
	t.linkType = layers.LinkTypeRaw
	switch req.Uint16() { // the family of the hardware address
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		t.linkType = layers.LinkTypeEthernet
	}
	return nil
}

func prepare(fd int, filter []bpf.RawInstruction, index int) error {
	// A smaller queue is no reason not to record.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := attach(fd, filter); err != nil {
		return err
	}
	// A bridge hands itself frames for others only when a reader wants all.
	everything := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &everything); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	return os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}))
}

func attach(fd int, filter []bpf.RawInstruction) error {
	if len(filter) == 0 {
		return nil
	}
	list := make([]unix.SockFilter, len(filter))
	for i, in := range filter {
		list[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	prog := unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]}
	return os.NewSyscallError("setsockopt", unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog))
}

// counted is what passed the filter.
func (t *tap) counted() counted {
	s, err := unix.GetsockoptTpacketStats(t.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return counted{}
	}
	return counted{uint64(s.Packets), uint64(s.Drops)}
}

// Close closes the socket.
func (t *tap) Close() error { return unix.Close(t.fd) }
