package probe

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/net/icmp"
	"golang.org/x/sys/unix"
)

// family is what differs between ICMP and ICMPv6.
type family struct {
	domain, proto     int
	request, reply    icmp.Type
	requestType       uint8 // request on the wire
	errLevel, errType int
	setup             func(fd int) error
	filter            func(id uint16) []bpf.Instruction
	sockaddr          func(to netip.Addr, ifindex int) unix.Sockaddr
	control           func(f *flight) []byte
	// whole turns fragmentation of the socket's packets off, or on again.
	whole   func(fd int, on bool) error
	message func(packet []byte) []byte
}

// socket is the one raw socket that all echo requests of a node and a family
// leave by.
type socket struct {
	*family
	fd int
	// id is the echo identifier: random, because several nsl processes and
	// several calls of Ping may ask from one node at a time.
	id uint16
	// payload is what requests carry, cut to their size. It is random, so that
	// a reply to another's request with the same id and sequence is distinguished.
	payload []byte

	// sending guards isWhole, the last argument of whole.
	sending sync.Mutex
	isWhole bool

	mu      sync.Mutex
	next    uint16
	waiting map[uint16]*echo

	reader *reader
	// reading guards buf and oob.
	reading  sync.Mutex
	buf, oob []byte
}

// echo is one request that has been sent.
type echo struct {
	flight *flight
	to     netip.Addr
	size   int
	sent   time.Time
}

// openSocket opens a socket in the network namespace of the calling thread;
// the caller closes fd.
func openSocket(f *family, size int) (*socket, error) {
	fd, err := unix.Socket(f.domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, f.proto)
	if err != nil {
		return nil, err
	}
	s := &socket{family: f, fd: fd, payload: make([]byte, size), waiting: map[uint16]*echo{}}
	s.buf, s.oob = make([]byte, size+128), make([]byte, 256)
	if err := s.configure(); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return s, nil
}

func (s *socket) configure() error {
	var id [2]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	if _, err := rand.Read(s.payload); err != nil {
		return err
	}
	s.id = binary.BigEndian.Uint16(id[:])
	s.enlarge()
	return errors.Join(
		unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		s.setup(s.fd),
		attach(s.fd, s.filter(s.id)),
	)
}

// enlarge asks for room for a whole wave of replies. A refusal is no error: the
// kernel cuts the size to net.core.rmem_max, and sends are paced anyway.
func (s *socket) enlarge() {
	const room = 4 << 20
	for force, plain := range map[int]int{unix.SO_RCVBUFFORCE: unix.SO_RCVBUF, unix.SO_SNDBUFFORCE: unix.SO_SNDBUF} {
		if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, force, room) != nil {
			_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, plain, room)
		}
	}
}

// attach gives a socket a classic BPF program (socket(7), SO_ATTACH_FILTER).
func attach(fd int, program []bpf.Instruction) error {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// send sends one echo request; the reader may have its reply before send
// returns. The error is the kernel's, unix.ENOBUFS when nothing was at fault
// but room.
func (s *socket) send(f *flight) error {
	seq, e := s.expect(f)
	m := icmp.Message{Type: s.request, Body: &icmp.Echo{ID: int(s.id), Seq: int(seq), Data: s.payload[:e.size]}}
	b, err := m.Marshal(nil)
	if err == nil {
		err = s.transmit(b, f, e)
	}
	if err != nil {
		s.forget(seq, f)
	}
	return err
}

// expect takes a sequence number.
func (s *socket) expect(f *flight) (uint16, *echo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.waiting[s.next] != nil && len(s.waiting) < 1<<16 {
		s.next++
	}
	e := &echo{flight: f, to: f.To, size: f.Size}
	s.waiting[s.next] = e
	f.seqs = append(f.seqs, s.next)
	s.next++
	return s.next - 1, e
}

// awaits reports whether a request has no answer yet.
func (s *socket) awaits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) > 0
}

// forget gives a sequence number back, if f still has it.
func (s *socket) forget(seq uint16, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.waiting[seq]; e != nil && e.flight == f {
		delete(s.waiting, seq)
	}
}

// transmit notes the time and sends. An ICMP error that waits in the socket does
// not disturb it: raw sends never look at it (net/ipv4/ip_output.c,
// __ip_append_data: sock_wmalloc, for want of a transport header).
func (s *socket) transmit(b []byte, f *flight, e *echo) error {
	s.mu.Lock()
	e.sent = time.Now()
	s.mu.Unlock()
	err := s.out(b, f)
	if errors.Is(err, unix.EAGAIN) {
		return unix.ENOBUFS
	}
	return err
}

// out sends a message of a flight.
func (s *socket) out(b []byte, f *flight) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if f.DF != s.isWhole {
		if err := s.whole(s.fd, f.DF); err != nil {
			return err
		}
		s.isWhole = f.DF
	}
	_, err := unix.SendmsgN(s.fd, b, s.control(f), s.sockaddr(f.To, f.ifindex), 0)
	return err
}

// take finds the request that an answer is to, and strikes it off.
func (s *socket) take(seq uint16, match func(*echo) bool) *echo {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.waiting[seq]
	if e == nil || !match(e) {
		return nil
	}
	delete(s.waiting, seq)
	return e
}

// look reads replies that are there, until enough. An error that waits is left to
// the reader.
func (s *socket) look(enough func() bool) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for range fair {
		if enough() || s.readReply() != nil {
			return
		}
	}
}

// fair is how many packets of a socket are read at a time: a busy one does not
// keep others waiting, and the rest is read later.
const fair = 256

// drain reads what has come, without waiting.
func (s *socket) drain() {
	s.reading.Lock()
	defer s.reading.Unlock()
	for range fair {
		if !s.readError() {
			break
		}
	}
	for range fair {
		if errors.Is(s.readReply(), unix.EAGAIN) {
			break
		}
	}
}

// readReply reads one packet. An error other than EAGAIN is an older ICMP
// error that waited in the socket.
func (s *socket) readReply() error {
	n, oobn, _, from, err := unix.Recvmsg(s.fd, s.buf, s.oob, unix.MSG_DONTWAIT)
	if err != nil {
		return err
	}
	now := time.Now()
	b := s.message(s.buf[:n])
	if len(b) < 8 {
		return nil
	}
	m, err := icmp.ParseMessage(s.proto, b)
	if err != nil || m.Type != s.reply || m.Code != 0 {
		return nil
	}
	body, ok := m.Body.(*icmp.Echo)
	if !ok || body.ID != int(s.id) {
		return nil
	}
	e := s.take(uint16(body.Seq), func(e *echo) bool {
		return e.to.WithZone("") == sender(from) && bytes.Equal(body.Data, s.payload[:e.size])
	})
	if e != nil {
		e.flight.replied(e.roundTrip(now, arrival(s.oob[:oobn])))
	}
	return nil
}

// roundTrip is the time from the send to the kernel's stamp on the reply. The
// stamp is of the wall clock, which may be set at any moment: what the
// monotonic clock says bounds it.
func (e *echo) roundTrip(now, stamp time.Time) time.Duration {
	read := now.Sub(e.sent)
	if d := stamp.Sub(e.sent.Round(0)); !stamp.IsZero() && d > 0 && d < read {
		return d
	}
	return read
}

// arrival is the kernel's time stamp (socket(7), SO_TIMESTAMPNS), or the zero
// Time.
func arrival(oob []byte) time.Time {
	data := findControl(oob, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS)
	if len(data) < int(unsafe.Sizeof(unix.Timespec{})) {
		return time.Time{}
	}
	var t unix.Timespec
	if _, err := binary.Decode(data, binary.NativeEndian, &t); err != nil {
		return time.Time{}
	}
	return time.Unix(t.Unix())
}
