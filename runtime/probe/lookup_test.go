package probe

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"nsl/runtime/plan"
)

// answering is a name server on the loopback that gives each name its code; a
// name without one does not exist.
func answering(t *testing.T, codes map[string]dnsmessage.RCode) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil {
				continue
			}
			m.Response, m.RCode = true, dnsmessage.RCodeNameError
			if code, ok := codes[m.Questions[0].Name.String()]; ok {
				m.RCode = code
			}
			answer, err := m.Pack()
			if err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
}

// A server that could not find out has said nothing about the name, whatever it
// says of the name with a search domain after it.
func TestAServersFailureIsNotTheEndOfAName(t *testing.T) {
	answering(t, map[string]dnsmessage.RCode{"news.example.": dnsmessage.RCodeServerFailure})
	names := NodeNames{Resolver: plan.Resolver{Servers: []netip.Addr{netip.MustParseAddr("127.0.0.53")}, Search: []string{"lab"}}}
	here := func(_ string, f func() error) error { return f() }
	for name, want := range map[string]struct {
		nosuch bool
		err    string
	}{
		"news.example": {false, "SERVFAIL"},
		"none.example": {true, "knows no address"},
	} {
		r, err := Lookup(t.Context(), here, names, plan.Lookup{Name: name, Wait: 5 * time.Second})
		if err != nil || r.NoSuch != want.nosuch || !strings.Contains(r.Err, want.err) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
