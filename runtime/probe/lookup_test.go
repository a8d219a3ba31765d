package probe

import (
	"encoding/binary"
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

// A message is an answer when it repeats the question.
func TestAnswersToOtherQuestions(t *testing.T) {
	question, err := query("blue.lab", dnsmessage.TypeA)
	if err != nil {
		t.Fatal(err)
	}
	name := func(s string, typ dnsmessage.Type) []dnsmessage.Question {
		return []dnsmessage.Question{{Name: dnsmessage.MustNewName(s), Type: typ, Class: dnsmessage.ClassINET}}
	}
	id := binary.BigEndian.Uint16(question)
	header := dnsmessage.Header{ID: id, Response: true}
	for what, c := range map[string]struct {
		m    dnsmessage.Message
		want bool
	}{
		"the answer":        {dnsmessage.Message{Header: header, Questions: name("blue.lab.", dnsmessage.TypeA)}, true},
		"in other letters":  {dnsmessage.Message{Header: header, Questions: name("BLUE.lab.", dnsmessage.TypeA)}, true},
		"another name":      {dnsmessage.Message{Header: header, Questions: name("red.lab.", dnsmessage.TypeA)}, false},
		"another type":      {dnsmessage.Message{Header: header, Questions: name("blue.lab.", dnsmessage.TypeAAAA)}, false},
		"no question":       {dnsmessage.Message{Header: header}, false},
		"another ID":        {dnsmessage.Message{Header: dnsmessage.Header{ID: id + 1, Response: true}, Questions: name("blue.lab.", dnsmessage.TypeA)}, false},
		"a question itself": {dnsmessage.Message{Header: dnsmessage.Header{ID: id}, Questions: name("blue.lab.", dnsmessage.TypeA)}, false},
		"unreadable to it":  {dnsmessage.Message{Header: dnsmessage.Header{ID: id, Response: true, RCode: dnsmessage.RCodeFormatError}}, true},
	} {
		if got := answers(c.m, question); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
