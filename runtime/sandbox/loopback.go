package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// loopbackUp sets lo of the calling thread's network namespace up, as
// "ip link set lo up" does (netdevice(7)). A new namespace has it down.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req); err != nil {
		return os.NewSyscallError("ioctl SIOCGIFFLAGS", err)
	}
	req.SetUint16(req.Uint16() | unix.IFF_UP)
	return os.NewSyscallError(opLoopback, unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req))
}

// opLoopback names the step in errors; see Explain.
const opLoopback = "set lo up"
