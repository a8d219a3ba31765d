package dns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"nsl/runtime/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial reaches servers of the test, whatever port they were given: their
// addresses are 127.0.0.0/8 ones, and ports are looked up.
type wires map[netip.Addr]int

func (w wires) dial(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	port, ok := w[to.Addr()]
	if !ok {
		port = 1 // tcpmux: no process listens
	}
	var d net.Dialer
	return d.DialContext(ctx, network, netip.AddrPortFrom(to.Addr(), uint16(port)).String())
}

// serve starts a server on an address of the loopback, UDP and TCP.
func (w wires) serve(t *testing.T, addr string, c Config) *Server {
	t.Helper()
	a := netip.MustParseAddr(addr)
	tcp, err := net.Listen("tcp", netip.AddrPortFrom(a, 0).String())
	if err != nil {
		t.Fatal(err)
	}
	w[a] = tcp.Addr().(*net.TCPAddr).Port
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.Dial = w.dial
	s := NewServer(c)
	s.Serve(udp, tcp)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func zone(t *testing.T, origins []string, records ...string) *Zone {
	t.Helper()
	z, err := NewZone(origins, records)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// ask is one question over the network, as one line: rcode, flags and records.
func (w wires) ask(t *testing.T, server, name string, qtype uint16) string {
	t.Helper()
	r, err := Exchange(t.Context(), w.dial, netip.AddrPortFrom(netip.MustParseAddr(server), plan.DNSPort), question(name, qtype), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return line(r)
}

func line(r *dns.Msg) string {
	text := dns.RcodeToString[r.Rcode]
	if r.Authoritative {
		text += " aa"
	}
	for _, rr := range r.Answer {
		text += " | " + strings.ReplaceAll(rr.String(), "\t", " ")
	}
	return text
}

func TestServerAnswers(t *testing.T) {
	w := wires{}
	w.serve(t, "127.0.0.1", Config{
		Domain: "lab",
		Hosts: func() []plan.HostLine {
			return []plan.HostLine{
				{Addr: netip.MustParseAddr("10.0.0.1"), Names: []string{"red", "red-2"}},
				{Addr: netip.MustParseAddr("fd00::1"), Names: []string{"red"}},
				{Addr: netip.MustParseAddr("10.0.0.2"), Names: []string{"Blue", "www.example.com"}},
			}
		},
		Zone: zone(t, []string{"corp.example."},
			"www.corp.example. 300 IN CNAME web.corp.example.", "web.corp.example. 300 IN A 10.9.0.1",
			"corp.example. 300 IN MX 10 mail.corp.example.", `corp.example. 300 IN TXT "hello there"`,
			"a.b.corp.example. 300 IN A 10.9.0.3", "loop.corp.example. 60 IN CNAME loop.corp.example.",
			"out.corp.example. 60 IN CNAME elsewhere.example."),
	})
	for _, test := range []struct{ name, qtype, want string }{
		{"red", "A", "NOERROR aa | red. 60 IN A 10.0.0.1"},
		{"red.lab", "A", "NOERROR aa | red.lab. 60 IN A 10.0.0.1"},
		{"RED.Lab", "AAAA", "NOERROR aa | RED.Lab. 60 IN AAAA fd00::1"},
		{"blue.lab", "AAAA", "NOERROR aa"},
		{"www.example.com", "A", "NOERROR aa | www.example.com. 60 IN A 10.0.0.2"},
		{"green.lab", "A", "NXDOMAIN aa"},
		{"lab", "A", "NXDOMAIN aa"},
		{"1.0.0.10.in-addr.arpa", "PTR", "NOERROR aa | 1.0.0.10.in-addr.arpa. 60 IN PTR red.lab. | 1.0.0.10.in-addr.arpa. 60 IN PTR red-2.lab."},
		{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "PTR",
			"NOERROR aa | 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 60 IN PTR red.lab."},
		{"www.corp.example", "A", "NOERROR aa | www.corp.example. 300 IN CNAME web.corp.example. | web.corp.example. 300 IN A 10.9.0.1"},
		{"www.corp.example", "CNAME", "NOERROR aa | www.corp.example. 300 IN CNAME web.corp.example."},
		{"corp.example", "MX", "NOERROR aa | corp.example. 300 IN MX 10 mail.corp.example."},
		{"corp.example", "TXT", `NOERROR aa | corp.example. 300 IN TXT "hello there"`},
		{"b.corp.example", "A", "NOERROR aa"},
		{"none.corp.example", "A", "NXDOMAIN aa"},
		{"elsewhere.example", "A", "REFUSED"},
		{"out.corp.example", "A", "REFUSED aa | out.corp.example. 60 IN CNAME elsewhere.example."},
	} {
		if got := w.ask(t, "127.0.0.1", test.name, dns.StringToType[test.qtype]); got != test.want {
			t.Errorf("%s %s:\n%s, want\n%s", test.name, test.qtype, got, test.want)
		}
	}
	if got := w.ask(t, "127.0.0.1", "loop.corp.example", dns.TypeA); !strings.HasPrefix(got, "SERVFAIL") {
		t.Errorf("a loop of aliases: %s", got)
	}
}

func TestReadingBadRecords(t *testing.T) {
	if _, err := NewZone(nil, []string{"www.lab. 60 IN A nonsense"}); err == nil {
		t.Error("a record that is none is taken")
	}
}

// send sends a packet to the server 127.0.0.1 and returns what it answers.
func (w wires) send(t *testing.T, packet []byte) []byte {
	t.Helper()
	c, err := w.dial(t.Context(), "udp", netip.MustParseAddrPort("127.0.0.1:53"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(packet); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 512)
	n, err := c.Read(answer)
	if err != nil {
		t.Fatalf("%q: %v", packet, err)
	}
	return answer[:n]
}

// A header announces a question, and the packet ends: miekg/dns lets it pass.
func TestAQuestionThatIsMissingIsRefused(t *testing.T) {
	w := wires{}
	w.serve(t, "127.0.0.1", Config{Domain: "lab"})
	for _, packet := range []string{
		"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00",
		"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01",
	} {
		answer := w.send(t, []byte(packet))
		if len(answer) < 12 || answer[3]&0xf != dns.RcodeFormatError {
			t.Errorf("%q: %q", packet, answer)
		}
	}
	if got, want := w.ask(t, "127.0.0.1", "x.lab", dns.TypeA), "NXDOMAIN aa"; got != want {
		t.Errorf("afterwards: %s, want %s", got, want)
	}
}

// TestOverTCP has an answer that no packet of UDP holds.
func TestOverTCP(t *testing.T) {
	var records []string
	for i := range 400 {
		records = append(records, fmt.Sprintf("many.lab. 60 IN A 10.0.%d.%d", i/250, 1+i%250))
	}
	w := wires{}
	w.serve(t, "127.0.0.1", Config{Zone: zone(t, []string{"lab."}, records...)})
	if got := w.ask(t, "127.0.0.1", "many.lab", dns.TypeA); strings.Count(got, " A 10.0.") != 400 {
		t.Errorf("%d of 400 records", strings.Count(got, " A 10.0."))
	}
	m := question("many.lab", dns.TypeA)
	r, err := exchangeOver(t.Context(), "udp", w.dial, netip.MustParseAddrPort("127.0.0.1:53"), m, time.Now().Add(5*time.Second))
	if err == nil {
		r.Compress = true // as it was sent
	}
	if err != nil || !r.Truncated || r.Len() > dns.DefaultMsgSize {
		t.Errorf("over UDP: %v, truncated %v, %d bytes", err, r.Truncated, r.Len())
	}
}

// TestForwardAndCache counts what reaches the other server.
func TestForwardAndCache(t *testing.T) {
	var now atomic.Int64
	clock := func() time.Time { return time.Unix(now.Load(), 0) }
	w := wires{}
	upstream := w.serve(t, "127.0.0.2", Config{Zone: zone(t, []string{"."}, "example.com. 100 IN A 93.184.215.14")})
	server := w.serve(t, "127.0.0.1", Config{Now: clock, Domain: "lab",
		Forward: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.3:53"), netip.MustParseAddrPort("127.0.0.2:53")}})
	if got, want := w.ask(t, "127.0.0.1", "example.com", dns.TypeA), "NOERROR | example.com. 100 IN A 93.184.215.14"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := w.ask(t, "127.0.0.1", "none.example", dns.TypeA), "NXDOMAIN"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := w.ask(t, "127.0.0.1", "green.lab", dns.TypeA), "NXDOMAIN aa"; got != want {
		t.Errorf("a name of its own domain was asked elsewhere: %s", got)
	}
	if err := upstream.Close(); err != nil {
		t.Fatal(err)
	}
	delete(w, netip.MustParseAddr("127.0.0.2"))
	now.Add(40)
	if got, want := w.ask(t, "127.0.0.1", "Example.com", dns.TypeA), "NOERROR | example.com. 60 IN A 93.184.215.14"; got != want {
		t.Errorf("from the cache: %s, want %s", got, want)
	}
	if got := w.ask(t, "127.0.0.1", "none.example", dns.TypeA); got != "NXDOMAIN" {
		t.Errorf("a name that is not there, from the cache: %s", got)
	}
	now.Add(60)
	if got := w.ask(t, "127.0.0.1", "example.com", dns.TypeA); got != "SERVFAIL" {
		t.Errorf("an expired answer: %s", got)
	}
	if n := len(server.cache.entries); n != 0 && n != 1 {
		t.Errorf("%d answers in the cache", n)
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache(time.Now)
	for i := range cacheSize + 10 {
		m := question(fmt.Sprintf("h%d.example", i), dns.TypeA)
		r := new(dns.Msg)
		r.SetReply(m)
		r.Answer = addressRecords(m.Question[0].Name, dns.TypeA, []netip.Addr{netip.MustParseAddr("10.0.0.1")})
		c.put(m.Question[0], r)
	}
	if len(c.entries) != cacheSize {
		t.Errorf("%d answers, want %d", len(c.entries), cacheSize)
	}
}

// TestServerThatFails reports who asked why, if that one understands it.
func TestServerThatFails(t *testing.T) {
	w := wires{}
	w.serve(t, "127.0.0.1", Config{Forward: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.3:53")}})
	r, err := Exchange(t.Context(), w.dial, netip.MustParseAddrPort("127.0.0.1:53"), question("example.com", dns.TypeA), 5*time.Second)
	if err != nil || r.Rcode != dns.RcodeServerFailure || r.IsEdns0() == nil {
		t.Fatalf("%v %v", r, err)
	}
	e, ok := r.IsEdns0().Option[0].(*dns.EDNS0_EDE)
	if !ok || e.InfoCode != dns.ExtendedErrorCodeNetworkError || !strings.Contains(e.ExtraText, "127.0.0.3") {
		t.Errorf("%v", r.IsEdns0())
	}
}

// TestCloseEndsWhatIsUnderWay asks for what another server never answers.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.5:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	w := wires{netip.MustParseAddr("127.0.0.5"): silent.LocalAddr().(*net.UDPAddr).Port}
	s := w.serve(t, "127.0.0.1", Config{Forward: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.5:53")}})
	answer := make(chan *dns.Msg)
	go func() {
		q := question("example.com", dns.TypeA)
		answer <- s.answer(s.life, q)
	}()
	if _, _, err := silent.ReadFrom(make([]byte, 512)); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if r := <-answer; r.Rcode != dns.RcodeServerFailure {
		t.Errorf("%v", r)
	}
	if took := time.Since(start); took > forwardWait/2 {
		t.Errorf("it took %v", took)
	}
}

// FuzzServer: whatever arrives at port 53, the answer is one that a client can read.
func FuzzServer(f *testing.F) {
	for _, name := range []string{"red.lab.", "1.0.0.10.in-addr.arpa.", "loop.corp.example.", ".", "x.ip6.arpa."} {
		packet, err := question(name, dns.TypeANY).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packet)
	}
	f.Add([]byte("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"))
	z, err := NewZone([]string{"corp.example."}, []string{"loop.corp.example. 60 IN CNAME loop.corp.example.", "*.corp.example. 60 IN A 10.0.0.9"})
	if err != nil {
		f.Fatal(err)
	}
	s := NewServer(Config{Domain: "lab", Zone: z, Hosts: func() []plan.HostLine {
		return []plan.HostLine{{Addr: netip.MustParseAddr("10.0.0.1"), Names: []string{"red"}}}
	}})
	f.Fuzz(func(t *testing.T, packet []byte) {
		q := new(dns.Msg)
		if q.Unpack(packet) != nil {
			return
		}
		r := s.answer(t.Context(), q)
		r.Truncate(dns.MinMsgSize)
		packed, err := r.Pack()
		if err != nil {
			return // a name that came in no form that can be sent back; the client gets nothing
		}
		if err := new(dns.Msg).Unpack(packed); err != nil {
			t.Fatalf("%v: %v", q, err)
		}
	})
}

// Servers that forward to each other ask a question once, and not one more time for each
// time that it comes back.
func TestALoopOfServersAsksOnce(t *testing.T) {
	w, asked := wires{}, atomic.Int32{}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := netip.MustParseAddrPort(udp.LocalAddr().String())
	w[own.Addr()] = int(own.Port())
	s := NewServer(Config{Forward: []netip.AddrPort{own}, Dial: func(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
		asked.Add(1)
		return w.dial(ctx, network, to)
	}})
	s.Serve(udp, nil)
	_, err = Exchange(t.Context(), w.dial, own, question("www.example.com", dns.TypeA), 200*time.Millisecond)
	if n := asked.Load(); err == nil || n < 1 || n > 2 {
		t.Errorf("it asked itself %d times: %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
