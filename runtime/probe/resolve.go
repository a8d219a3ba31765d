package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Resolve asks for hardware addresses; see [plan.AddressResolver]. A question is repeated
// until the first answer comes.
func Resolve(ctx context.Context, inside Inside, list []plan.Resolve) ([][]string, error) {
	inside = oneAtATime(inside)
	found, errs := make([][]string, len(list)), make([]error, len(list))
	var all sync.WaitGroup
	for i, q := range list {
		all.Go(func() {
			r := &resolution{Resolve: q}
			if err := inside(q.Node, r.open); err != nil {
				errs[i] = fmt.Errorf("ask for %s on %s: %w", q.IP, plan.Place(q.Node, q.Dev), err)
				return
			}
			defer r.file.Close()
			errs[i] = r.run(ctx)
			found[i] = r.found
		})
	}
	all.Wait()
	return found, errors.Join(errors.Join(errs...), ctx.Err())
}

// resolution is one question under way. It reads whole frames: a neighbour's answer is
// also the kernel's, which may not want it.
type resolution struct {
	plan.Resolve
	ifi   *net.Interface
	fd    int
	file  *os.File
	found []string
}

// open runs inside the node.
func (r *resolution) open() (err error) {
	if r.ifi, err = net.InterfaceByName(r.Dev); err != nil {
		return err
	}
	if r.ifi.Flags&net.FlagUp == 0 {
		return unix.ENETDOWN
	}
	protocol := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, r.protocol()))
	r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: r.ifi.Index}); err != nil {
		return errors.Join(os.NewSyscallError("bind", err), unix.Close(r.fd))
	}
	r.file = os.NewFile(uintptr(r.fd), "packet")
	return nil
}

func (r *resolution) protocol() uint16 {
	if r.IP.Is4() {
		return unix.ETH_P_ARP
	}
	return unix.ETH_P_IPV6
}

// run asks, and collects answers until the time is up.
func (r *resolution) run(ctx context.Context) error {
	const again = 250 * time.Millisecond
	end := time.Now().Add(r.Wait)
	stop := context.AfterFunc(ctx, func() { _ = r.file.SetReadDeadline(time.Now()) })
	defer stop()
	var next time.Time
	buf := make([]byte, 2048)
	for ctx.Err() == nil && time.Now().Before(end) {
		if len(r.found) == 0 && !time.Now().Before(next) {
			if _, err := r.file.Write(r.question()); err != nil {
				return err
			}
			next = time.Now().Add(again)
		}
		deadline := end
		if len(r.found) == 0 && next.Before(end) {
			deadline = next
		}
		if err := r.file.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := r.file.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return err
		}
		if mac := r.answer(buf[:n]); mac != nil && !slices.Contains(r.found, mac.String()) {
			r.found = append(r.found, mac.String())
		}
	}
	return nil
}

func (r *resolution) question() []byte {
	if r.IP.Is4() {
		return arpFrame(r.ifi.HardwareAddr, r.Src, r.IP)
	}
	return solicitationFrame(r.ifi.HardwareAddr, r.Src, r.IP)
}

const (
	etherHeader = 14
	arpSize     = 28
	arpReply    = 2
)

// arpFrame is a request (RFC 826); without a source it is a probe (RFC 5227).
func arpFrame(mac net.HardwareAddr, src, ip netip.Addr) []byte {
	const request = 1
	if !src.IsValid() {
		src = netip.IPv4Unspecified()
	}
	put := binary.BigEndian
	b := append(bytes.Repeat([]byte{0xff}, 6), mac...)
	b = put.AppendUint16(b, unix.ETH_P_ARP)
	b = put.AppendUint16(b, unix.ARPHRD_ETHER)
	b = put.AppendUint16(b, unix.ETH_P_IP)
	b = append(b, 6, 4)
	b = put.AppendUint16(b, request)
	b = append(append(b, mac...), src.AsSlice()...)
	return append(append(b, make([]byte, 6)...), ip.AsSlice()...)
}

// solicitationFrame is a neighbour solicitation to the group of an address, from an
// address of the sender (RFC 4861, section 4.3).
func solicitationFrame(mac net.HardwareAddr, src, ip netip.Addr) []byte {
	const solicitation, sourceLinkLayer, hopLimit = 135, 1, 255
	group := netip.MustParseAddr("ff02::1:ff00:0").As16()
	of := ip.As16()
	copy(group[13:], of[13:])
	message := append([]byte{solicitation, 0, 0, 0, 0, 0, 0, 0}, ip.AsSlice()...)
	message = append(append(message, sourceLinkLayer, 1), mac...)
	put := binary.BigEndian
	ends := append(src.AsSlice(), group[:]...)
	pseudo := put.AppendUint32(bytes.Clone(ends), uint32(len(message)))
	pseudo = append(put.AppendUint32(pseudo, unix.IPPROTO_ICMPV6), message...)
	put.PutUint16(message[2:], internetChecksum(pseudo))
	b := append([]byte{0x33, 0x33}, group[12:]...)
	b = put.AppendUint16(append(b, mac...), unix.ETH_P_IPV6)
	b = put.AppendUint16(append(b, 0x60, 0, 0, 0), uint16(len(message)))
	b = append(append(b, unix.IPPROTO_ICMPV6, hopLimit), ends...)
	return append(b, message...)
}

// answer is the hardware address in a frame that answers the question, or nil.
func (r *resolution) answer(frame []byte) net.HardwareAddr {
	if len(frame) < etherHeader {
		return nil
	}
	sender, b := bytes.Clone(frame[6:12]), frame[etherHeader:]
	if r.IP.Is4() {
		if len(b) < arpSize || binary.BigEndian.Uint16(b[6:]) != arpReply || !bytes.Equal(b[14:18], r.IP.AsSlice()) {
			return nil
		}
		return bytes.Clone(b[8:14])
	}
	const advertisement, header = 136, 40
	if len(b) < header+24 || b[6] != unix.IPPROTO_ICMPV6 || b[header] != advertisement || !bytes.Equal(b[header+8:header+24], r.IP.AsSlice()) {
		return nil
	}
	if option := b[header+24:]; len(option) >= 8 && option[0] == 2 {
		return bytes.Clone(option[2:8])
	}
	return sender
}
