package watch

import (
	"encoding/binary"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// await waits until the kernel notes the time of each packet as it passes. It begins
// to some time after the first socket asks for it (net_enable_timestamp,
// net/core/dev.c); a packet without a time gets that at which it is read. The
// calling thread is in a namespace whose loopback is up; elsewhere nothing is
// waited for.
func await() error {
	const limit, pause = 200 * time.Millisecond, time.Millisecond
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer func() { _ = unix.Close(fd) }()
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1}).As4()
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: loopback}); err != nil {
		return nil //nolint:nilerr // no loopback
	}
	self, err := unix.Getsockname(fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	again := time.NewTicker(pause)
	defer again.Stop()
	for end := time.Now().Add(limit); !stamped(fd, self) && time.Now().Before(end); {
		<-again.C
	}
	return nil
}

// stamped sends a datagram to the socket itself, and reports whether it has a time
// before that at which it is read.
func stamped(fd int, self unix.Sockaddr) bool {
	payload, oob := binary.BigEndian.AppendUint64(nil, 0), make([]byte, 128)
	if err := unix.Sendto(fd, payload, 0, self); err != nil {
		return true // nothing passes: nothing to wait for
	}
	before := time.Now()
	_, n, _, _, err := unix.Recvmsg(fd, payload, oob, unix.MSG_DONTWAIT)
	return err == nil && timeOf(oob[:n]).Before(before)
}
