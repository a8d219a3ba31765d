package node

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// lender is a server in blue that has three addresses to lend, and is the router
// and the resolver of its clients.
func lender() plan.DHCP {
	return plan.DHCP{Link: "veth-blue", Server: pfx("10.0.0.254/24"), First: ip("10.0.0.100"), Last: ip("10.0.0.102"),
		Router: ip("10.0.0.254"), Resolvers: []netip.Addr{ip("10.0.0.254")}, Domain: "lab"}
}

// withLender is two nodes on a cable, with a name server and a DHCP server in blue.
func withLender() []plan.Op {
	return base(plan.AddAddr{Node: "blue", Link: "veth-blue", Addr: pfx("10.0.0.254/24")},
		plan.Start{Node: "blue", ID: "dhcp", Service: lender()},
		plan.Start{Node: "blue", ID: "dns", Service: plan.DNS{Domain: "lab", Records: []string{"www.lab. 60 IN A 10.0.0.9"}}})
}

// A lease brings address, route and resolver; giving it back takes all of them,
// and leaves no socket and no goroutine.
func TestLease(t *testing.T) {
	w := newWorld(t)
	apply(t, w, withLender()...)
	before, none := descriptors(t), goleak.IgnoreCurrent()
	for range 3 {
		lease := plan.Lease{Node: "red", Link: "veth-red", Want: plan.Leased{Addr: pfx("10.0.0.101/24")}}
		apply(t, w, lease)
		l, err := w.Link("red", "veth-red")
		if err != nil || !slices.Contains(l.Addrs, pfx("10.0.0.101/24")) {
			t.Fatalf("the address that was wished for: %v %v", l.Addrs, err)
		}
		if r, err := w.RouteTo("red", plan.RouteQuery{Dst: ip("192.0.2.1")}); err != nil || r.Hops[0].Via != ip("10.0.0.254") {
			t.Errorf("the default route: %v %v", r, err)
		}
		r, err := w.Lookup(t.Context(), plan.Lookup{Node: "red", Name: "www", Wait: 2 * time.Second})
		if err != nil || !slices.Equal(r.Addrs, []netip.Addr{ip("10.0.0.9")}) {
			t.Errorf("through the resolver: %+v %v", r, err)
		}
		apply(t, w, lease.Inverse()...)
		goleak.VerifyNone(t, none)
		if now := descriptors(t); now != before {
			t.Errorf("%d descriptors, before %d", now, before)
		}
	}
	l, err := w.Link("red", "veth-red")
	if err != nil || slices.Contains(l.Addrs, pfx("10.0.0.101/24")) {
		t.Errorf("the address is there still: %v %v", l.Addrs, err)
	}
	if _, err := w.RouteTo("red", plan.RouteQuery{Dst: ip("192.0.2.1")}); !errors.Is(err, unix.ENETUNREACH) {
		t.Errorf("the route is there still: %v", err)
	}
	if r, err := w.Resolver("red"); err != nil || !r.IsZero() {
		t.Errorf("the resolver is there still: %v %v", r, err)
	}
	if err := w.Apply(context.Background(), plan.Release{Node: "red", Link: "veth-red"}); !errors.Is(err, unix.ESRCH) {
		t.Errorf("a lease that is not there: %v", err)
	}
}

// No server answers: the error says so when the time is up, and nothing is left.
func TestNobodyLends(t *testing.T) {
	w := newWorld(t)
	apply(t, w, withLender()...)
	apply(t, w, plan.Stop{Node: "blue", ID: "dhcp"})
	before, none := descriptors(t), goleak.IgnoreCurrent()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := w.Apply(ctx, plan.Lease{Node: "red", Link: "veth-red"}); !errors.Is(err, plan.ErrNoLease) {
		t.Error(err)
	}
	goleak.VerifyNone(t, none)
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors, before %d", now, before)
	}
}

// An interface has one DHCP server, a node one name server; the error says whose
// the port is. Two interfaces of a node may have a DHCP server each.
func TestNameServersClash(t *testing.T) {
	w := newWorld(t)
	apply(t, w, withLender()...)
	err := w.Apply(context.Background(), plan.Start{Node: "blue", ID: "b", Service: plan.DNS{}})
	if !errors.Is(err, plan.ErrPortTaken) {
		t.Errorf("a second name server: %v", err)
	}
	if err := w.Apply(context.Background(), plan.Start{Node: "blue", ID: "c", Service: lender()}); !errors.Is(err, unix.EADDRINUSE) && !errors.Is(err, plan.ErrPortTaken) {
		t.Errorf("a second DHCP server: %v", err)
	}
	other := lender()
	other.Link = "lo"
	apply(t, w, plan.Start{Node: "blue", ID: "d", Service: other})
}

// A veth cable computes no checksums, and leaves those of UDP sockets undone: who
// reads raw packets, as many DHCP clients do, would find them wrong. The answers
// of the server are whole.
func TestLeaseAnswersHaveChecksums(t *testing.T) {
	w := newWorld(t)
	apply(t, w, withLender()...)
	var raw int
	err := w.Inside("red", func() (err error) {
		raw, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(binary.BigEndian.Uint16([]byte{0, 8}))) // ETH_P_IP in network order
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(raw) }()
	apply(t, w, plan.Lease{Node: "red", Link: "veth-red"})
	answers := 0
	for buf := make([]byte, 2000); ; {
		n, _, err := unix.Recvfrom(raw, buf, unix.MSG_DONTWAIT)
		if err != nil {
			break // all has come: the lease is there
		}
		p := buf[:n]
		if len(p) < 28 || p[9] != unix.IPPROTO_UDP || binary.BigEndian.Uint16(p[20:]) != plan.DHCPPort {
			continue
		}
		answers++
		if sum := udpSum(p); sum != 0xffff {
			t.Errorf("an answer with a wrong checksum: %#x", sum)
		}
	}
	if answers < 2 {
		t.Errorf("%d answers were seen, an offer and an acknowledgement must be", answers)
	}
}

// udpSum is the sum over a UDP packet and its pseudo header: 0xffff when its
// checksum is right (RFC 768). The IP header has no options.
func udpSum(p []byte) uint32 {
	udp := p[20:binary.BigEndian.Uint16(p[2:])]
	sum := uint32(unix.IPPROTO_UDP) + uint32(len(udp))
	for _, part := range [][]byte{p[12:20], udp} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(part[i]) << 8
			if i+1 < len(part) {
				sum += uint32(part[i+1])
			}
		}
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return sum
}
