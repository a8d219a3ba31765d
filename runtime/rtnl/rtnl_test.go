package rtnl

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

func dialed(t *testing.T) *Conn {
	t.Helper()
	c, err := Dialer{}.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func named(name string) []byte {
	return WithAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_IFNAME, append([]byte(name), 0))
}

// The loopback interface is in every namespace, and anybody may look at it.
func TestExchange(t *testing.T) {
	c := dialed(t)
	all, whole, err := c.Exchange(unix.RTM_GETLINK, unix.NLM_F_DUMP, unix.RTM_NEWLINK, make([]byte, unix.SizeofIfInfomsg))
	isLo := func(b []byte) bool { return string(Attribute(b, unix.SizeofIfInfomsg, unix.IFLA_IFNAME)) == "lo\x00" }
	if err != nil || !whole || !slices.ContainsFunc(all, isLo) {
		t.Errorf("all: %d, %v, %v", len(all), whole, err)
	}
	one, _, err := c.Exchange(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, named("lo"))
	if err != nil || len(one) != 1 || !isLo(one[0]) {
		t.Errorf("lo: %d, %v", len(one), err)
	}
}

// An answer of another type is none, and the kernel's refusal comes with its words.
func TestExchangeRefused(t *testing.T) {
	c := dialed(t)
	if one, _, err := c.Exchange(unix.RTM_GETLINK, 0, unix.RTM_NEWADDR, named("lo")); err != nil || len(one) != 0 {
		t.Errorf("another type: %d, %v", len(one), err)
	}
	if _, _, err := c.Exchange(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, named("no-such-link")); !errors.Is(err, unix.ENODEV) {
		t.Errorf("no such interface: %v", err)
	}
	_, _, err := c.Exchange(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, named("a-name-longer-than-fifteen"))
	if err == nil || !strings.Contains(err.Error(), ": ") {
		t.Errorf("without the kernel's words: %v", err)
	}
}

// What the kernel answers to orders is not taken for an answer to a request.
func TestSend(t *testing.T) {
	c := dialed(t)
	gone := WithAttribute([]byte{unix.AF_INET, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, unix.NDA_DST, []byte{192, 0, 2, 1})
	orders := append(Order(unix.RTM_DELNEIGH, 0, gone), Order(unix.RTM_DELNEIGH, unix.NLM_F_ACK, gone)...)
	if err := c.Send(orders); err != nil {
		t.Fatal(err)
	}
	if one, _, err := c.Exchange(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, named("lo")); err != nil || len(one) != 1 {
		t.Errorf("%d, %v", len(one), err)
	}
}

func TestFraming(t *testing.T) {
	b := Order(unix.RTM_NEWLINK, unix.NLM_F_ACK, WithAttribute([]byte{1, 2, 3, 4}, 5, []byte{6}))
	if binary.NativeEndian.Uint32(b) != 28 || len(b) != 28 || Attribute(b, unix.SizeofNlMsghdr+4, 5)[0] != 6 {
		t.Errorf("% x", b)
	}
	m, rest, err := message(append(b, 7))
	if err != nil || m.Header.Type != unix.RTM_NEWLINK || len(m.Data) != 12 || len(rest) != 1 {
		t.Errorf("%+v, rest % x, %v", m, rest, err)
	}
}

func TestOddBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		left := len(b)
		for _, value := range Attributes(b, 4) {
			left -= len(value)
		}
		m, rest, err := message(b)
		if left < 0 || err == nil && len(m.Data)+len(rest)+unix.SizeofNlMsghdr > len(b) {
			t.Errorf("more than there is: %d, %+v, %d, %v", left, m, len(rest), err)
		}
		_ = refused(m)
	})
}

// nth lets one request fail, counted from 1.
type nth struct {
	at    int
	fault Fault
	made  int
}

func (n *nth) Fault(_, _, _ int) Fault {
	if n.made++; n.made == n.at {
		return n.fault
	}
	return Fault{}
}

// A question is asked again after each fault that passes.
func TestRequestAgain(t *testing.T) {
	for name, f := range map[string]Fault{
		"busy":        {Refused: unix.EBUSY},
		"no memory":   {Refused: unix.ENOMEM},
		"lost":        {Lost: unix.ENOBUFS},
		"no reply":    {Lost: unix.EAGAIN},
		"short":       {Damage: func(b []byte) []byte { return b[:len(b)/2] }},
		"interrupted": {Damage: func(b []byte) []byte { b[6] |= unix.NLM_F_DUMP_INTR; return b }},
	} {
		faults := &nth{at: 1, fault: f}
		c, err := Dialer{Faults: faults}.Dial()
		if err != nil {
			t.Fatal(err)
		}
		all, err := c.Request(unix.RTM_GETLINK, unix.NLM_F_DUMP, unix.RTM_NEWLINK, make([]byte, unix.SizeofIfInfomsg))
		if err != nil || len(all) == 0 || faults.made < 2 {
			t.Errorf("%s: %d interfaces after %d requests, %v", name, len(all), faults.made, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A change that the kernel refuses is not tried again; where an answer was lost, the error
// says so.
func TestRequestForGood(t *testing.T) {
	ask := func(f Fault) (int, error) {
		faults := &nth{at: 1, fault: f}
		c, err := Dialer{Faults: faults}.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Request(unix.RTM_SETLINK, unix.NLM_F_ACK, 0, named("no-such-link"))
		return faults.made, err
	}
	if made, err := ask(Fault{Refused: unix.EBUSY}); made != 1 || !errors.Is(err, unix.EBUSY) {
		t.Errorf("busy: %d requests, %v", made, err)
	}
	var lost *Lost
	if made, err := ask(Fault{Lost: unix.ENOBUFS}); made != 2 || !errors.As(err, &lost) {
		t.Errorf("lost: %d requests, %v", made, err)
	}
}

// What was there before a try whose answer was lost is what that try has made, or deleted.
func TestRequestWasDone(t *testing.T) {
	c := &Conn{protocol: unix.NETLINK_ROUTE}
	for _, x := range []struct {
		kind, flags int
		err         error
		done        bool
	}{
		{unix.RTM_NEWADDR, unix.NLM_F_EXCL, unix.EEXIST, true},
		{unix.RTM_NEWADDR, 0, unix.EEXIST, false},
		{unix.RTM_DELROUTE, 0, unix.ESRCH, true},
		{unix.RTM_SETLINK, 0, unix.ENODEV, false},
		{unix.RTM_NEWLINK, unix.NLM_F_EXCL, unix.EPERM, false},
	} {
		if got := c.was(x.kind, x.flags, x.err); got != x.done {
			t.Errorf("type %d: %v shows it done: %v", x.kind, x.err, got)
		}
	}
}
