package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	prefixBits = 16
	// Interface numbers are chosen here, which saves asking for them: a member's
	// numbers are these plus its own, on either side of its cable.
	bridgeIndex = 2000
	portIndex   = 10000
	memberIndex = 20000
	// Enough requests a sendmsg to make the system call cheap, far below the
	// socket's send buffer (about 200 kB).
	perBatch = 250
)

// A member is one namespace of the star.
type member struct {
	number int
	ns     int  // a file descriptor of the namespace
	route  conn // a route socket inside
}

func (m member) name() string { return "h" + strconv.Itoa(m.number) }

// address is 10.0.0.1 for the first member, and so on.
func address(number int) []byte {
	a := [4]byte{10, 0, byte(number >> 8), byte(number)}
	return netip.AddrFrom4(a).AsSlice()
}

// buildStar makes n namespaces, and a bridge with a cable to each of them;
// everything is created first and brought up afterwards.
func buildStar(n, threads int) error {
	root, err := dial()
	if err != nil {
		return err
	}
	members, err := makeMembers(n, threads)
	if err != nil {
		return err
	}
	if err := makeBridge(root); err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	if err := inBatches(root, members, addCable); err != nil {
		return fmt.Errorf("cables: %w", err)
	}
	if err := inParallel(members, threads, bringUp); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	return bridgeUp(root)
}

func makeMembers(n, threads int) ([]member, error) {
	members := make([]member, n)
	for i := range members {
		members[i].number = i + 1
	}
	err := inParallel(members, threads, (*member).create)
	return members, err
}

// inParallel gives each thread a share of the members. The threads end with
// it, as they are left in some member's namespace.
func inParallel(members []member, threads int, do func(*member) error) error {
	errs := make([]error, threads)
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() {
			runtime.LockOSThread()
			for i := t; i < len(members) && errs[t] == nil; i += threads {
				errs[t] = do(&members[i])
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// create makes the namespace and its name, as `ip netns add` does.
func (m *member) create() error {
	file := "/run/netns/" + m.name()
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "create", Path: file, Err: err}
	}
	unix.Close(fd)
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	const self = "/proc/thread-self/ns/net"
	if err := unix.Mount(self, file, "", unix.MS_BIND, ""); err != nil {
		return &os.PathError{Op: "mount", Path: file, Err: err}
	}
	if m.ns, err = unix.Open(self, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return &os.PathError{Op: "open", Path: self, Err: err}
	}
	m.route, err = dial()
	return err
}

func makeBridge(root conn) error {
	var b batch
	b.request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, linkInfo(bridgeIndex, 0),
		text(unix.IFLA_IFNAME, "sw"),
		attr{kind: unix.IFLA_LINKINFO, nest: []attr{text(unix.IFLA_INFO_KIND, "bridge")}})
	addAddress(&b, bridgeIndex, []byte{10, 0, 255, 254})
	b.request(unix.RTM_NEWLINK, 0, linkInfo(1, unix.IFF_UP))
	return root.do(&b)
}

// addCable makes a veth pair in one request: the port, already on the bridge,
// and its peer, already in the member. The port is asked to be up, which the
// kernel refuses for the peer; it has no carrier until the peer is up.
func addCable(b *batch, m *member) {
	const vethInfoPeer = 1 // VETH_INFO_PEER of linux/veth.h
	peer := attr{kind: vethInfoPeer, value: linkInfo(memberIndex+m.number, 0), nest: []attr{
		text(unix.IFLA_IFNAME, "veth-"+m.name()),
		number(unix.IFLA_NET_NS_FD, uint32(m.ns)),
	}}
	b.request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, linkInfo(portIndex+m.number, unix.IFF_UP),
		text(unix.IFLA_IFNAME, "veth-"+m.name()+"-br"),
		number(unix.IFLA_MASTER, bridgeIndex),
		attr{kind: unix.IFLA_LINKINFO, nest: []attr{
			text(unix.IFLA_INFO_KIND, "veth"),
			{kind: unix.IFLA_INFO_DATA, nest: []attr{peer}},
		}})
}

func bringUp(m *member) error {
	var b batch
	b.request(unix.RTM_NEWLINK, 0, linkInfo(1, unix.IFF_UP))
	addAddress(&b, memberIndex+m.number, address(m.number))
	b.request(unix.RTM_NEWLINK, 0, linkInfo(memberIndex+m.number, unix.IFF_UP))
	if err := m.route.do(&b); err != nil {
		return fmt.Errorf("%s: %w", m.name(), err)
	}
	return nil
}

func addAddress(b *batch, index int, ip []byte) {
	broadcast := []byte{10, 0, 255, 255}
	b.request(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, addrInfo(index, prefixBits),
		attr{kind: unix.IFA_LOCAL, value: ip},
		attr{kind: unix.IFA_ADDRESS, value: ip},
		attr{kind: unix.IFA_BROADCAST, value: broadcast})
}

func bridgeUp(root conn) error {
	var b batch
	b.request(unix.RTM_NEWLINK, 0, linkInfo(bridgeIndex, unix.IFF_UP))
	return root.do(&b)
}

func inBatches(c conn, members []member, add func(*batch, *member)) error {
	for len(members) > 0 {
		var b batch
		share := min(perBatch, len(members))
		for i := range members[:share] {
			add(&b, &members[i])
		}
		if err := c.do(&b); err != nil {
			return err
		}
		members = members[share:]
	}
	return nil
}
