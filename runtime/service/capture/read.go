package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"
)

// packet is one that was seen.
type packet struct {
	// port is the number of the interface in the file.
	port int
	at   time.Time
	// size is the number of bytes on the wire, data what there is of them.
	size int
	data []byte
}

// reader reads packets from taps, one at a time.
type reader struct{ buf, oob []byte }

func newReader() *reader { return &reader{make([]byte, snapLength), make([]byte, 256)} }

// most is the number of packets that are read from a tap before the others have
// their turn: more than its queue holds.
const most = 1 << 14

// drain hands on what is in a tap's queue.
func (r *reader) drain(t *tap, port int, take func(packet)) {
	for range most {
		n, oobn, _, _, err := unix.Recvmsg(t.fd, r.buf, r.oob, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return
		case errors.Is(err, unix.EINTR):
		case err != nil:
			if t.gone = !t.exists(); t.gone { // ENETDOWN: it went down, or away
				return
			}
		default:
			take(r.packet(t, port, n, r.oob[:oobn]))
		}
	}
}

// macs is the length of the two hardware addresses, after which a tag comes
// (IEEE 802.1Q).
const macs = 12

func (r *reader) packet(t *tap, port, n int, oob []byte) packet {
	p := packet{port: port, at: time.Now(), size: n, data: bytes.Clone(r.buf[:min(n, len(r.buf))])}
	tag := p.control(oob)
	if tag != nil && t.linkType == layers.LinkTypeEthernet && len(p.data) >= macs {
		p.size += len(tag)
		p.data = append(p.data[:macs:macs], append(tag, p.data[macs:]...)...)
	}
	return p
}

// control reads when a packet came, and the tag that the kernel took out of it
// (packet(7), PACKET_AUXDATA).
func (p *packet) control(oob []byte) (tag []byte) {
	for len(oob) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			return tag
		}
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS && len(data) >= 16:
			p.at = time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
		case h.Level == unix.SOL_PACKET && h.Type == unix.PACKET_AUXDATA && len(data) >= auxSize:
			tag = tagOf(data)
		}
		oob = rest
	}
	return tag
}

// auxSize is that of struct tpacket_auxdata (<linux/if_packet.h>).
const auxSize = 20

func tagOf(aux []byte) []byte {
	status := binary.NativeEndian.Uint32(aux)
	if status&unix.TP_STATUS_VLAN_VALID == 0 {
		return nil
	}
	proto := uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		proto = binary.NativeEndian.Uint16(aux[18:])
	}
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, proto), binary.NativeEndian.Uint16(aux[16:]))
}

// exists reports whether the interface is still in the socket's namespace.
func (t *tap) exists() bool {
	req, err := unix.NewIfreq(t.Link)
	if err != nil {
		return false
	}
	return unix.IoctlIfreq(t.fd, unix.SIOCGIFINDEX, req) == nil && int(req.Uint32()) == t.index
}
