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
	c, err := Dial()
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
