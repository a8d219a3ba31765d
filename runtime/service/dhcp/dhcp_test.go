package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"nsl/runtime/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func pool(first, last string) plan.DHCP {
	return plan.DHCP{Link: "eth0", Server: netip.MustParsePrefix("10.0.0.1/24"), First: ip(first), Last: ip(last),
		Router: ip("10.0.0.1"), Resolvers: []netip.Addr{ip("10.0.0.1"), ip("8.8.8.8")}, Domain: "lab"}
}

func mac(n int) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, byte(n >> 8), byte(n)} }

// message is one of a client, with options as "key=address".
func message(t testing.TB, client int, typ dhcpv4.MessageType, options ...string) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.New(dhcpv4.WithMessageType(typ), dhcpv4.WithHwAddr(mac(client)))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		switch a := net.ParseIP(value); key {
		case "wish":
			m.UpdateOption(dhcpv4.OptRequestedIPAddress(a))
		case "server":
			m.UpdateOption(dhcpv4.OptServerIdentifier(a))
		case "mine":
			m.ClientIPAddr = a
		case "id":
			m.UpdateOption(dhcpv4.OptClientIdentifier([]byte(value)))
		}
	}
	return m
}

func told(m *dhcpv4.DHCPv4) string {
	if m == nil {
		return "nothing"
	}
	return fmt.Sprint(m.MessageType(), " ", m.YourIPAddr)
}

// TestServer is a conversation: each line is a message and what it is answered.
func TestServer(t *testing.T) {
	now := time.Unix(0, 0)
	p := pool("10.0.0.100", "10.0.0.103")
	p.Except = []netip.Addr{ip("10.0.0.101")}
	s := NewServer(p, func() time.Time { return now })
	const (
		discover = dhcpv4.MessageTypeDiscover
		request  = dhcpv4.MessageTypeRequest
		release  = dhcpv4.MessageTypeRelease
		decline  = dhcpv4.MessageTypeDecline
	)
	for i, test := range []struct {
		client  int
		typ     dhcpv4.MessageType
		options string
		want    string
	}{
		{1, discover, "", "OFFER 10.0.0.100"},
		{1, discover, "", "OFFER 10.0.0.100"},                                  // asked again, the same
		{2, discover, "wish=10.0.0.103", "OFFER 10.0.0.103"},                   // as it wishes
		{3, discover, "wish=10.0.0.101", "OFFER 10.0.0.102"},                   // that one is not for lending
		{4, discover, "", "nothing"},                                           // all are offered
		{1, request, "wish=10.0.0.100 server=10.0.0.1", "ACK 10.0.0.100"},      // takes the offer
		{1, request, "mine=10.0.0.100", "ACK 10.0.0.100"},                      // renews it
		{1, request, "wish=10.0.0.100", "ACK 10.0.0.100"},                      // comes back
		{4, request, "wish=10.0.0.100 server=10.0.0.1", "NAK 0.0.0.0"},         // another's
		{4, request, "wish=10.9.9.9", "NAK 0.0.0.0"},                           // another subnet's
		{2, request, "wish=10.0.0.103 server=10.0.0.9", "nothing"},             // took another server's offer
		{4, discover, "", "OFFER 10.0.0.103"},                                  // so that one is free
		{4, request, "wish=10.0.0.103 server=10.0.0.1", "ACK 10.0.0.103"},      //
		{4, decline, "wish=10.0.0.103 server=10.0.0.1", "nothing"},             // another host uses it
		{5, discover, "wish=10.0.0.103", "nothing"},                            // so no client gets it
		{5, release, "mine=10.0.0.100", "nothing"},                             // not its own to give back
		{5, discover, "", "nothing"},                                           //
		{1, release, "mine=10.0.0.100", "nothing"},                             //
		{5, discover, "", "OFFER 10.0.0.100"},                                  //
		{5, request, "id=five wish=10.0.0.100 server=10.0.0.1", "NAK 0.0.0.0"}, // another identity
		{1, dhcpv4.MessageTypeInform, "mine=10.0.0.100", "ACK 0.0.0.0"},
	} {
		if got := told(s.Answer(message(t, test.client, test.typ, strings.Fields(test.options)...))); got != test.want {
			t.Errorf("line %d: client %d %s %s: %s, want %s", i+1, test.client, test.typ, test.options, got, test.want)
		}
	}
	now = now.Add(offerTime)
	if got := told(s.Answer(message(t, 6, discover))); got != "OFFER 10.0.0.100" {
		t.Errorf("an offer that no client took is kept: %s", got)
	}
}

// TestReservationsAndRelays is another conversation, with a relay at 10.0.1.254.
func TestReservationsAndRelays(t *testing.T) {
	p := pool("10.0.0.100", "10.0.0.101")
	p.Hosts = []plan.Reservation{{MAC: mac(1).String(), Addr: ip("10.0.0.7")}, {MAC: mac(2).String(), Addr: ip("10.0.0.100")}, {MAC: mac(1).String(), Addr: ip("10.0.1.9")}}
	p.Relayed = []plan.LentSubnet{{Net: netip.MustParsePrefix("10.0.1.0/24"), First: ip("10.0.1.1"), Last: ip("10.0.1.3"), Except: []netip.Addr{ip("10.0.1.2")}}}
	s := NewServer(p, nil)
	for i, test := range []struct {
		client  int
		typ     dhcpv4.MessageType
		relay   string
		options string
		want    string
	}{
		{1, dhcpv4.MessageTypeDiscover, "", "wish=10.0.0.101", "OFFER 10.0.0.7"},
		{1, dhcpv4.MessageTypeRequest, "", "wish=10.0.0.7 server=10.0.0.1", "ACK 10.0.0.7"},
		{1, dhcpv4.MessageTypeRequest, "", "wish=10.0.0.101", "NAK 0.0.0.0"},
		{3, dhcpv4.MessageTypeDiscover, "", "wish=10.0.0.100", "OFFER 10.0.0.101"}, // reserved for another
		{3, dhcpv4.MessageTypeRequest, "", "wish=10.0.0.7", "NAK 0.0.0.0"},
		{4, dhcpv4.MessageTypeDiscover, "", "", "nothing"},
		{2, dhcpv4.MessageTypeDiscover, "", "", "OFFER 10.0.0.100"},
		{4, dhcpv4.MessageTypeDiscover, "10.0.1.254", "", "OFFER 10.0.1.1"},
		{4, dhcpv4.MessageTypeRequest, "10.0.1.254", "wish=10.0.1.1 server=10.0.0.1", "ACK 10.0.1.1"},
		{4, dhcpv4.MessageTypeRequest, "", "mine=10.0.1.1", "ACK 10.0.1.1"}, // it renews without the relay
		{5, dhcpv4.MessageTypeDiscover, "10.0.1.254", "wish=10.0.1.2", "OFFER 10.0.1.3"},
		{1, dhcpv4.MessageTypeDiscover, "10.0.1.254", "", "OFFER 10.0.1.9"}, // it has moved
		{6, dhcpv4.MessageTypeDiscover, "10.0.2.254", "", "nothing"},        // an unknown subnet
	} {
		m := message(t, test.client, test.typ, strings.Fields(test.options)...)
		if test.relay != "" {
			m.GatewayIPAddr = net.ParseIP(test.relay)
		}
		if got := told(s.Answer(m)); got != test.want {
			t.Errorf("line %d: client %d %s %s: %s, want %s", i+1, test.client, test.typ, test.options, got, test.want)
		}
	}
}

func TestServerIgnoresAnswers(t *testing.T) {
	m := message(t, 1, dhcpv4.MessageTypeDiscover)
	m.OpCode = dhcpv4.OpcodeBootReply
	if got := told(NewServer(pool("10.0.0.100", "10.0.0.101"), nil).Answer(m)); got != "nothing" {
		t.Error(got)
	}
}

// TestNothingIsLentTwice lets clients do whatever comes to their minds.
func TestNothingIsLentTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewServer(pool("10.0.0.100", "10.0.0.103"), nil)
		has := map[string]int{}
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			client := rapid.IntRange(1, 6).Draw(t, "client")
			a := rapid.SampledFrom([]string{"10.0.0.100", "10.0.0.101", "10.0.0.102", "10.0.0.103", "10.0.0.9"}).Draw(t, "address")
			typ := rapid.SampledFrom([]dhcpv4.MessageType{dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeRelease}).Draw(t, "type")
			m, err := dhcpv4.New(dhcpv4.WithMessageType(typ), dhcpv4.WithHwAddr(mac(client)),
				dhcpv4.WithClientIP(net.ParseIP(a)))
			if err != nil {
				t.Fatal(err)
			}
			if typ == dhcpv4.MessageTypeDiscover {
				m.UpdateOption(dhcpv4.OptRequestedIPAddress(net.ParseIP(a)))
			}
			r := s.Answer(m)
			if typ == dhcpv4.MessageTypeRelease && has[a] == client {
				delete(has, a)
			}
			if r == nil || r.MessageType() != dhcpv4.MessageTypeAck {
				continue
			}
			lent := r.YourIPAddr.String()
			if other := has[lent]; other != 0 && other != client {
				t.Fatalf("%s is lent to %d and to %d", lent, other, client)
			}
			for old, c := range has {
				if c == client {
					delete(has, old)
				}
			}
			has[lent] = client
		}
	})
}

// wire is one end of a cable for datagrams.
type wire struct {
	in, out chan []byte
	closed  chan struct{}
}

func cable() (a, b *wire) {
	x, y := make(chan []byte, 16), make(chan []byte, 16)
	return &wire{x, y, make(chan struct{})}, &wire{y, x, make(chan struct{})}
}

func (w *wire) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-w.in:
		return copy(b, p), &net.UDPAddr{}, nil
	case <-w.closed:
		return 0, nil, net.ErrClosed
	}
}

func (w *wire) WriteTo(b []byte, _ net.Addr) (int, error) {
	w.out <- append([]byte{}, b...)
	return len(b), nil
}

func (w *wire) Close() error                     { close(w.closed); return nil }
func (w *wire) LocalAddr() net.Addr              { return &net.UDPAddr{} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// served runs a server at one end of a cable and gives the other.
func served(t *testing.T, s *Server) *wire {
	t.Helper()
	server, client := cable()
	done := make(chan error)
	go func() { done <- s.Serve(Sockets{UDP: server, Broadcast: server, Relays: server}) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return client
}

func TestClient(t *testing.T) {
	conn := served(t, NewServer(pool("10.0.0.100", "10.0.0.101"), nil))
	conn.out <- []byte("nonsense")
	got, err := Client{conn, mac(1), "red"}.Acquire(t.Context(), netip.Addr{})
	want := plan.Leased{Addr: netip.MustParsePrefix("10.0.0.100/24"), Server: ip("10.0.0.1"), Router: ip("10.0.0.1"),
		Resolvers: []netip.Addr{ip("10.0.0.1"), ip("8.8.8.8")}, Domain: "lab"}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}

func TestClientGivesBack(t *testing.T) {
	s := NewServer(pool("10.0.0.100", "10.0.0.100"), nil)
	conn := served(t, s)
	for client := 1; client <= 3; client++ {
		c := Client{&wire{conn.in, conn.out, make(chan struct{})}, mac(client), "red"}
		l, err := c.Acquire(t.Context(), ip("10.0.0.9"))
		if err != nil {
			t.Fatalf("client %d: %v", client, err)
		}
		m, err := Release(mac(client), l)
		if err != nil {
			t.Fatal(err)
		}
		conn.out <- m
	}
}

func TestNobodyAnswers(t *testing.T) {
	_, conn := cable()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Client{conn, mac(1), "red"}).Acquire(ctx, netip.Addr{}); !errors.Is(err, plan.ErrNoLease) {
		t.Errorf("%v", err)
	}
}
