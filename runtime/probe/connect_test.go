package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// listenIn opens a listener inside a node; f gets each connection.
func listenIn(t *testing.T, node, addr string, f func(net.Conn)) {
	t.Helper()
	var l net.Listener
	err := inside(node, func() (err error) {
		l, err = net.Listen("tcp", addr)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f(c)
			_ = c.Close()
		}
	}()
}

// echoIn answers datagrams inside a node.
func echoIn(t *testing.T, node, addr string) {
	t.Helper()
	var c net.PacketConn
	err := inside(node, func() (err error) {
		c, err = net.ListenPacket("udp", addr)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = c.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 100)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(b[:n], from)
		}
	}()
}

// says sends a text after a request's header.
func says(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = c.Write([]byte(text))
		}
	}
}

func to(proto, addr string) plan.Connect {
	return plan.Connect{Node: "red", Proto: proto, To: netip.MustParseAddrPort(addr), Payload: []byte("x"), Wait: patience}
}

func get(addr, path string) plan.Connect {
	c := to("tcp", addr)
	c.HTTP = &plan.HTTPRequest{Host: "blue:80", Path: path}
	return c
}

// TestConnect asks through a router for what is there and what is not; whatever
// is definite is reported before the time is up.
func TestConnect(t *testing.T) {
	routed(t)
	batch(t, "-n r route add prohibit 10.9.0.0/24", "-n r route add unreachable fd09::/64", "-n red route add prohibit 10.8.0.0/24")
	listenIn(t, "blue", "10.2.0.2:80", says("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry"))
	listenIn(t, "blue", "[fd02::2]:80", says("HTTP/1.0 200 OK\r\n\r\nto the end"))
	listenIn(t, "blue", "10.2.0.2:81", says("SSH-2.0-x\r\n"))
	listenIn(t, "blue", "10.2.0.2:82", func(net.Conn) {})
	echoIn(t, "blue", "10.2.0.2:7")
	echoIn(t, "blue", "[fd02::2]:7")
	router4, router6 := netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("fd01::1")
	for name, c := range map[string]struct {
		ask  plan.Connect
		want plan.ConnectReply
	}{
		"tcp":              {to("tcp", "10.2.0.2:80"), plan.ConnectReply{Connected: true}},
		"tcp6":             {to("tcp", "[fd02::2]:80"), plan.ConnectReply{Connected: true}},
		"udp":              {to("udp", "10.2.0.2:7"), plan.ConnectReply{Connected: true}},
		"udp6":             {to("udp", "[fd02::2]:7"), plan.ConnectReply{Connected: true}},
		"a closed port":    {to("tcp", "10.2.0.2:83"), plan.ConnectReply{Err: plan.PingError{What: "Connection refused", Errno: unix.ECONNREFUSED}}},
		"a closed port, 6": {to("tcp", "[fd02::2]:83"), plan.ConnectReply{Err: plan.PingError{What: "Connection refused", Errno: unix.ECONNREFUSED}}},
		"a closed UDP port": {to("udp", "10.2.0.2:83"), plan.ConnectReply{Err: plan.PingError{What: "Destination Port Unreachable",
			From: netip.MustParseAddr("10.2.0.2"), Type: 3, Code: 3, Errno: unix.ECONNREFUSED}}},
		"a router refuses": {to("tcp", "10.9.0.1:80"), plan.ConnectReply{Err: plan.PingError{What: "Packet filtered",
			From: router4, Type: 3, Code: 13, Errno: unix.EHOSTUNREACH}}},
		"a router refuses, 6": {to("udp", "[fd09::1]:80"), plan.ConnectReply{Err: plan.PingError{What: "Destination unreachable: No route",
			From: router6, Type: 1, Code: 0, Errno: unix.ENETUNREACH}}},
		"the own kernel refuses": {to("tcp", "10.8.0.1:80"), plan.ConnectReply{Err: plan.PingError{What: "Permission denied", Errno: unix.EACCES}}},
		"http":                   {get("10.2.0.2:80", "/x"), plan.ConnectReply{Connected: true, HTTP: &plan.HTTPReply{Status: 404, Header: map[string]string{"Content-Length": "5"}, Body: "sorry"}}},
		"http6, up to its end": {get("[fd02::2]:80", "/"), plan.ConnectReply{Connected: true,
			HTTP: &plan.HTTPReply{Status: 200, Body: "to the end"}}},
		"no http":      {get("10.2.0.2:81", "/"), plan.ConnectReply{Connected: true, Broken: `the answer is not HTTP (malformed HTTP response "SSH-2.0-x")`}},
		"no http port": {get("10.2.0.2:83", "/"), plan.ConnectReply{Err: plan.PingError{What: "Connection refused", Errno: unix.ECONNREFUSED}}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got, err := Connect(t.Context(), inside, []plan.Connect{c.ask})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got[0], cmpopts.IgnoreFields(plan.ConnectReply{}, "RTT", "Pacing"), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Error(diff)
			}
			if d := time.Since(start); d > patience/2 {
				t.Errorf("it took %v", d)
			}
		})
	}
	t.Run("a server that closes", func(t *testing.T) {
		got, err := Connect(t.Context(), inside, []plan.Connect{get("10.2.0.2:82", "/")})
		if err != nil || !got[0].Connected || got[0].HTTP != nil || got[0].Broken == "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestHTTPAnswers has answers that are unusual and right, and some that are neither.
func TestHTTPAnswers(t *testing.T) {
	routed(t)
	hang := make(chan struct{})
	defer close(hang)
	held := func(text string) func(net.Conn) {
		return func(c net.Conn) { says(text)(c); <-hang }
	}
	listenIn(t, "blue", "10.2.0.2:80", says("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	listenIn(t, "blue", "10.2.0.2:81", held("HTTP/1.1 204 No Content\r\n\r\n"))
	listenIn(t, "blue", "10.2.0.2:82", held("HTTP/1.1 200 OK\r\n\r\npart"))
	listenIn(t, "blue", "10.2.0.2:83", held("HTTP/1.1 200 OK\r\n\r\n"))
	listenIn(t, "blue", "10.2.0.2:84", says("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", maxHeader)+"\r\n\r\n"))
	listenIn(t, "blue", "10.2.0.2:85", says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"))
	listenIn(t, "blue", "10.2.0.2:86", func(c net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		user, password, _ := req.BasicAuth()
		text := fmt.Sprintf("%s:%s@%s%s", user, password, req.Host, req.RequestURI)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	})
	authorized := get("10.2.0.2:86", "/a%20b?c=d")
	authorized.HTTP.Host, authorized.HTTP.User, authorized.HTTP.Password = "[fe80::5]", "me", "se:cret"
	tests := []struct {
		name   string
		ask    plan.Connect
		want   *plan.HTTPReply
		broken string
	}{
		{"interim responses come first", get("10.2.0.2:80", "/"), &plan.HTTPReply{Status: 200, Header: map[string]string{"Content-Length": "2"}, Body: "ok"}, ""},
		{"no body, the connection stays", get("10.2.0.2:81", "/"), &plan.HTTPReply{Status: 204}, ""},
		{"a body without an end", get("10.2.0.2:82", "/"), &plan.HTTPReply{Status: 200, Body: "part", Cut: true}, ""},
		{"a header and nothing after it", get("10.2.0.2:83", "/"), &plan.HTTPReply{Status: 200, Cut: true}, ""},
		{"an endless header", get("10.2.0.2:84", "/"), nil, "the header of the answer is longer than 64 KiB"},
		{"a body that breaks off", get("10.2.0.2:85", "/"), &plan.HTTPReply{Status: 200, Header: map[string]string{"Content-Length": "9"}, Body: "short", Cut: true}, ""},
		{"user and password", authorized, &plan.HTTPReply{Status: 200, Header: map[string]string{"Content-Length": "30"}, Body: "me:se:cret@[fe80::5]/a%20b?c=d"}, ""},
	}
	var requests []plan.Connect
	for _, c := range tests {
		c.ask.Wait = 3 * time.Second // three of them take all of it
		requests = append(requests, c.ask)
	}
	replies, err := Connect(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range tests {
		got := replies[i]
		if diff := cmp.Diff(c.want, got.HTTP); diff != "" || got.Broken != c.broken {
			t.Errorf("%s: %s\n%q, want %q", c.name, diff, got.Broken, c.broken)
		}
		if got.HTTP != nil && got.RTT >= requests[i].Wait {
			t.Errorf("%s: the answer took %v, with its body", c.name, got.RTT)
		}
	}
}

// What gets no answer ends with its Wait, or with the context; the replies are in
// the order of the requests, and nothing is left.
func TestConnectEnds(t *testing.T) {
	routed(t)
	batch(t, "-n r route add blackhole 10.9.0.0/24")
	hang := make(chan struct{})
	listenIn(t, "blue", "10.2.0.2:80", func(net.Conn) { <-hang })
	before, none := len(entries(t)), goleak.IgnoreCurrent()

	silent, refused, hangs := to("tcp", "10.9.0.1:80"), to("tcp", "10.2.0.2:83"), get("10.2.0.2:80", "/")
	silent.Wait, hangs.Wait = 50*time.Millisecond, 2*time.Second
	var requests []plan.Connect
	for range 40 { // more than are asked at a time
		requests = append(requests, silent, refused, hangs)
	}
	got, err := Connect(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		ok := r.Err.What == "" && !r.Connected
		switch i % 3 {
		case 1:
			ok = r.Err.Errno == unix.ECONNREFUSED
		case 2:
			ok = r.Connected && r.HTTP == nil && r.Broken == "no answer came"
		}
		if !ok {
			t.Errorf("reply %d: %+v", i, r)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	silent.Wait = patience
	start := time.Now()
	if _, err := Connect(ctx, inside, []plan.Connect{silent, get("10.2.0.2:80", "/")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("it took %v to stop", d)
	}
	if _, err := Connect(t.Context(), inside, []plan.Connect{{Node: "silent", Proto: "tcp", To: silent.To, Wait: patience}}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	close(hang) // the server's own end of a connection
	goleak.VerifyNone(t, none)
	late, tick := time.After(patience), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(entries(t)) != before {
		select {
		case <-late:
			t.Fatalf("%d descriptors, before %d", len(entries(t)), before)
		case <-tick.C:
		}
	}
}

func entries(t *testing.T) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A body of more than a MiB is cut, and what is sent is what was asked.
func TestHTTPRequest(t *testing.T) {
	routed(t)
	listenIn(t, "blue", "10.2.0.2:80", func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		head := fmt.Sprintf("%s %s %s %s %s;", r.Method, r.Host, r.RequestURI, r.UserAgent(), r.RemoteAddr)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", 2<<20, head, strings.Repeat("x", 2<<20-len(head)))
	})
	got, err := Connect(t.Context(), inside, []plan.Connect{get("10.2.0.2:80", "/a/b?c=d")})
	if err != nil || got[0].HTTP == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	body := got[0].HTTP.Body
	if len(body) != maxBody || !strings.HasPrefix(body, "GET blue:80 /a/b?c=d nsl ;") {
		t.Errorf("%d bytes: %.60s", len(body), body)
	}
}
