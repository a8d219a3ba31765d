package node

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// descriptors counts the open files of this process.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// ask sends a text to an address from inside a node and reads what comes back.
func ask(t *testing.T, w *world, node, network, addr, text string) (string, error) {
	t.Helper()
	var c net.Conn
	err := w.Inside(node, func() (err error) {
		c, err = net.DialTimeout(network, addr, 2*time.Second)
		return err
	})
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	if network == "tcp" {
		_ = c.(*net.TCPConn).CloseWrite()
		b, err := io.ReadAll(c)
		return string(b), err
	}
	b := make([]byte, 100)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func twoWith(services ...plan.Service) []plan.Op {
	ops := base(
		plan.AddAddr{Node: "blue", Link: "veth-blue", Addr: pfx("192.168.15.2/24")},
		plan.AddAddr{Node: "blue", Link: "veth-blue", Addr: pfx("192.168.15.3/24")},
		plan.AddAddr{Node: "blue", Link: "veth-blue", Addr: pfx("fd00::2/64")})
	for i, s := range services {
		ops = append(ops, plan.Start{Node: "blue", ID: string(rune('a' + i)), Service: s})
	}
	return ops
}

// Servers answer over both families, from the address that was asked, and only
// in their own node.
func TestServers(t *testing.T) {
	w := newWorld(t)
	apply(t, w, twoWith(plan.HTTP{Port: 80}, plan.Echo{Proto: "tcp", Port: 7}, plan.Echo{Proto: "udp", Port: 7},
		plan.HTTP{Port: 81, Body: "sorry", Status: 503}, plan.HTTP{Port: 82, Addr: ip("192.168.15.3"), Body: "three"})...)
	const get = "GET / HTTP/1.0\r\n\r\n"
	for _, c := range []struct{ network, addr, text, want string }{
		{"tcp", "192.168.15.2:80", get, "Hello from blue!\nYou are 192.168.15.1 and"},
		{"tcp", "[fd00::2]:80", get, "Hello from blue!\nYou are fd00::1 and"},
		{"tcp", "192.168.15.2:81", get, "HTTP/1.0 503 Service Unavailable"},
		{"tcp", "192.168.15.3:82", get, "three"},
		{"tcp", "192.168.15.2:7", "echo me", "echo me"},
		{"tcp", "[fd00::2]:7", "echo me", "echo me"},
		{"udp", "192.168.15.2:7", "echo me", "echo me"},
		{"udp", "192.168.15.3:7", "echo me", "echo me"}, // not its first address
		{"udp", "[fd00::2]:7", "echo me", "echo me"},
	} {
		got, err := ask(t, w, "red", c.network, c.addr, c.text)
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %q, %v", c.network, c.addr, got, err)
		}
	}
	if _, err := ask(t, w, "red", "tcp", "192.168.15.2:82", get); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("another address of a server that is bound to one: %v", err)
	}
	if _, err := ask(t, w, "red", "tcp", "127.0.0.1:80", get); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("the port in another node: %v", err)
	}
}

// A port has one owner, and the error says who; an ID as well.
func TestServicesClash(t *testing.T) {
	w := newWorld(t)
	apply(t, w, twoWith(plan.HTTP{Port: 80})...)
	err := w.Apply(context.Background(), plan.Start{Node: "blue", ID: "b", Service: plan.Echo{Proto: "tcp", Port: 80}})
	if !errors.Is(err, plan.ErrPortTaken) || err.Error() != "tcp 80 is taken by the HTTP server on port 80 (a)" {
		t.Error(err)
	}
	if err := w.Apply(context.Background(), plan.Start{Node: "blue", ID: "a", Service: plan.HTTP{Port: 81}}); !errors.Is(err, unix.EEXIST) {
		t.Error(err)
	}
	apply(t, w, plan.Start{Node: "red", ID: "a", Service: plan.HTTP{Port: 80}}, plan.Stop{Node: "blue", ID: "a"},
		plan.Start{Node: "blue", ID: "b", Service: plan.Echo{Proto: "tcp", Port: 80}})
	if err := w.Apply(context.Background(), plan.Stop{Node: "blue", ID: "a"}); !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
}

// What ends a service leaves nothing of it: stop, the end of its node, and that
// of the world. A node that is restored has its services still.
func TestServicesEnd(t *testing.T) {
	services := []plan.Service{plan.HTTP{Port: 80}, plan.Echo{Proto: "tcp", Port: 7}, plan.Echo{Proto: "udp", Port: 7}}
	w := newWorld(t)
	apply(t, w, twoWith()...)
	before, none := descriptors(t), goleak.IgnoreCurrent()
	for range 3 {
		var ops, back []plan.Op
		for i, s := range services {
			o := plan.Start{Node: "blue", ID: string(rune('a' + i)), Service: s}
			ops, back = append(ops, o), append(back, o.Inverse()...)
		}
		apply(t, w, ops...)
		hang := connectFrom(t, w, "red", "192.168.15.2:80")
		apply(t, w, plan.DelNS{Name: "blue"}, plan.RestoreNS{Name: "blue"})
		if list, err := w.Services("blue"); err != nil || len(list) != len(services) {
			t.Fatalf("after the node was given back: %v, %v", list, err)
		}
		apply(t, w, back...)
		_ = hang.Close()
		goleak.VerifyNone(t, none)
		if now := descriptors(t); now != before {
			t.Errorf("%d descriptors, before %d", now, before)
		}
	}
	apply(t, w, plan.Start{Node: "blue", ID: "a", Service: plan.HTTP{Port: 80}}, plan.DelNS{Name: "blue"})
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if len(w.services.list) != 0 {
		t.Error("the end of the node did not end its services")
	}
	goleak.VerifyNone(t, none)
}

// connectFrom opens a connection from inside a node.
func connectFrom(t *testing.T, w *world, node, addr string) (c net.Conn) {
	t.Helper()
	err := w.Inside(node, func() (err error) {
		c, err = net.DialTimeout("tcp", addr, 2*time.Second)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The end of the world ends what runs, whoever is connected.
func TestWorldCloseEndsServices(t *testing.T) {
	before, none := descriptors(t), goleak.IgnoreCurrent()
	w := openWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.SetUp{Node: "red", Name: "lo"},
		plan.Start{Node: "red", ID: "a", Service: plan.HTTP{Port: 80}}, plan.Start{Node: "red", ID: "b", Service: plan.Echo{Proto: "tcp", Port: 7}})
	one, two := connectFrom(t, w, "red", "127.0.0.1:80"), connectFrom(t, w, "red", "127.0.0.1:7")
	apply(t, w, plan.DelNS{Name: "red"})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	_, _ = one.Close(), two.Close()
	goleak.VerifyNone(t, none)
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors, before %d", now, before)
	}
}
