package kernel

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// Sockets are the sockets of a node that wait for others, with the programs that
// hold them; those of this process have none.
func (w *World) Sockets(node string) ([]plan.Socket, error) {
	return look(w, node, func(h *handle) ([]plan.Socket, error) {
		found, err := h.sockets()
		nameOwners(h.ID, found)
		return sockets(found), err
	})
}

// Sockets are the sockets of the namespace that wait for others, without the
// programs that hold them.
func (n Namespace) Sockets() ([]plan.Socket, error) {
	found, err := n.sockets()
	return sockets(found), err
}

func (n Namespace) sockets() (found []held, err error) {
	err = n.Inside(func() error {
		found, err = heldSockets()
		return err
	})
	return found, err
}

func sockets(found []held) []plan.Socket {
	list := make([]plan.Socket, len(found))
	for i, s := range found {
		list[i] = s.Socket
	}
	return list
}

// held is a socket and the inode by which processes have it.
type held struct {
	plan.Socket
	inode string
}

// heldSockets reads the tables of the calling thread's namespace (proc(5),
// /proc/net/tcp). A kernel without IPv6 has only two of them.
func heldSockets() ([]held, error) {
	var all []held
	for _, proto := range []string{"tcp", "udp"} {
		for _, version := range []string{"", "6"} {
			text, err := os.ReadFile("/proc/thread-self/net/" + proto + version)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			all = append(all, parseSockets(proto, text)...)
		}
	}
	nameDevices(all)
	return all, nil
}

// nameDevices finds the interfaces that sockets of the calling thread's namespace are bound to
// (sock_diag(7)). Without that part of the kernel none is known.
func nameDevices(sockets []held) {
	if len(sockets) == 0 {
		return
	}
	at := map[string]uint32{}
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		tcp, err := netlink.SocketDiagTCP(family)
		udp, err2 := netlink.SocketDiagUDP(family)
		if errors.Join(err, err2) != nil {
			continue
		}
		for _, s := range slices.Concat(tcp, udp) {
			at[strconv.FormatUint(uint64(s.INode), 10)] = s.ID.Interface
		}
	}
	for i, s := range sockets {
		if index := at[s.inode]; index != 0 {
			if dev, err := net.InterfaceByIndex(int(index)); err == nil {
				sockets[i].Dev = dev.Name
			}
		}
	}
}

// The states of sockets that wait: TCP_LISTEN, and for UDP the state of a socket
// that is not connected (TCP_CLOSE; include/net/tcp_states.h).
const (
	tcpListens = "0A"
	udpOpen    = "07"
)

func parseSockets(proto string, text []byte) []held {
	var list []held
	want := tcpListens
	if proto == "udp" {
		want = udpOpen
	}
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		if len(f) < 10 || f[3] != want {
			continue
		}
		if local, ok := parseLocal(f[1]); ok {
			s := plan.Socket{Proto: proto, Local: local}
			if _, queue, ok := strings.Cut(f[4], ":"); ok && proto == "tcp" {
				n, _ := strconv.ParseUint(queue, 16, 32)
				s.Waiting = int(n)
			}
			list = append(list, held{s, f[9]})
		}
	}
	return list
}

// parseLocal reads 0100007F:0050: the address in words of 32 bits, each in the
// machine's own order.
func parseLocal(text string) (netip.AddrPort, bool) {
	a, p, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(a)
	port, bad := strconv.ParseUint(p, 16, 16)
	if err != nil || bad != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	addr, ok := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(addr, uint16(port)), ok
}

// nameOwners finds the processes that have the sockets open.
func nameOwners(home ID, sockets []held) {
	if len(sockets) == 0 {
		return
	}
	owners := map[string]int{}
	for _, pid := range pidsIn(home) {
		for _, inode := range openSockets(pid) {
			owners[inode] = pid
		}
	}
	for i, s := range sockets {
		if pid := owners[s.inode]; pid != 0 {
			sockets[i].PID, sockets[i].Program = pid, comm(pid)
		}
	}
}

// pidsIn are the processes whose network namespace it is, this one left out.
func pidsIn(home ID) []int {
	return slices.DeleteFunc(proc.PIDs(), func(pid int) bool {
		var st unix.Stat_t
		return pid == os.Getpid() || unix.Stat(proc.Path(pid, "ns/net"), &st) != nil || (ID{st.Dev, st.Ino}) != home
	})
}

// openSockets are the inodes of a process's sockets.
func openSockets(pid int) []string {
	dir := proc.Path(pid, "fd/")
	entries, _ := os.ReadDir(dir)
	var list []string
	for _, e := range entries {
		to, _ := os.Readlink(dir + e.Name())
		if inode, found := strings.CutPrefix(to, "socket:["); found {
			list = append(list, strings.TrimSuffix(inode, "]"))
		}
	}
	return list
}

// comm is the name of a process.
func comm(pid int) string { return strings.TrimSpace(proc.Read(pid, "comm")) }

// Processes are the programs that run in a node, by their PIDs. This process
// and the one that started it are left out.
func (w *World) Processes(node string) (list []plan.Process, err error) {
	id, err := w.IDOf(node)
	if err != nil {
		return nil, err
	}
	for _, pid := range pidsIn(id) {
		if p, ok := ReadProcess(pid); ok && pid != os.Getppid() {
			p.Node = node
			list = append(list, p)
		}
	}
	return list, nil
}

// ReadProcess is what is known of a process; false for one that has ended.
func ReadProcess(pid int) (plan.Process, bool) {
	p := plan.Process{PID: pid, Inner: pid, Name: comm(pid)}
	if proc.Ended(pid) {
		return p, false
	}
	if inner := strings.Fields(proc.Status(pid, "NSpid")); len(inner) > 0 {
		p.Inner, _ = strconv.Atoi(inner[len(inner)-1])
	}
	p.Stopped = strings.HasPrefix(proc.Status(pid, "State"), "T")
	p.Argv = strings.Split(strings.TrimSuffix(proc.Read(pid, "cmdline"), "\x00"), "\x00")
	return p, true
}
