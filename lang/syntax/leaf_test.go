package syntax

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/source"
)

// leafOf is a leaf of the named kind that holds the text.
func leafOf(kind, value string) Leaf {
	t := Text{Span: source.Span{Start: 5, End: 5 + len(value)}, Value: value}
	switch kind {
	case "Address":
		return Address{t}
	case "IfAddr":
		return IfAddr{t}
	case "Subnet":
		return Subnet{t}
	case "Dest":
		return Dest{t}
	case "MAC":
		return MAC{t}
	case "Int":
		return Int{t}
	case "MTU":
		return MTU{Int{t}}
	case "Lifetime":
		return Lifetime{t}
	case "Label":
		return Label{t}
	case "Duration":
		return Duration{t}
	case "Percent":
		return Percent{t}
	case "Rate":
		return Rate{t}
	case "Preset":
		return Preset{t}
	case "OnOff":
		return OnOff{t}
	case "Setting":
		return Setting{t}
	case "NewName":
		return NewName{t}
	case "NodeRef":
		return NodeRef{t}
	case "IfName":
		return IfName{t}
	case "Endpoint":
		return Endpoint{t}
	}
	return nil
}

// problem spells what a leaf says of itself, indented; nothing when it is fine.
func problem(t *testing.T, kind, value string) string {
	leaf := leafOf(kind, value)
	if leaf == nil {
		t.Fatalf("there is no leaf %s", kind)
	}
	d := leaf.Problem()
	if d == nil {
		return ""
	}
	if d.Help == "" || d.Subject != leaf.At() || d.Code == "" {
		t.Errorf("%s %s: no help, no code or another place: %+v", kind, value, d)
	}
	return fmt.Sprintf("    %s %s\n      %s\n", d.Code, d.Summary, strings.ReplaceAll(d.Help, "\n", "\n      "))
}

// TestProblems holds what each leaf of testdata/leaves.txt says of itself.
// A line is the kind of the leaf and its text; the indented lines below are the
// code and summary, and the help.
func TestProblems(t *testing.T) {
	const path = "testdata/leaves.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line)
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		n++
		kind, value, _ := strings.Cut(line, " ")
		b.WriteString(problem(t, kind, value))
	}
	if n < 100 {
		t.Errorf("only %d leaves", n)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(text), b.String()); d != "" {
		t.Error(d)
	}
}

func text(value string) Text { return Text{Value: value} }

func TestLeafValues(t *testing.T) {
	for _, c := range []struct{ got, want any }{
		{Address{text("192.168.15.1")}.Addr(), netip.MustParseAddr("192.168.15.1")},
		{Address{text("::ffff:10.0.0.1")}.Addr(), netip.MustParseAddr("10.0.0.1")},
		{Address{text("red")}.Addr(), netip.Addr{}},
		{IfAddr{text("192.168.15.1/24")}.Prefix(), netip.MustParsePrefix("192.168.15.1/24")},
		{IfAddr{text("fd00::1/64")}.Prefix(), netip.MustParsePrefix("fd00::1/64")},
		{IfAddr{text("::ffff:10.0.0.1/120")}.Prefix(), netip.MustParsePrefix("10.0.0.1/24")},
		{IfAddr{text("10.0.0.1")}.Prefix(), netip.Prefix{}},
		{Subnet{text("10.0.0.0/8")}.Prefix(), netip.MustParsePrefix("10.0.0.0/8")},
		{Dest{text("default")}.Prefix(), netip.Prefix{}},
		{Dest{text("10.0.0.1")}.Prefix(), netip.MustParsePrefix("10.0.0.1/32")},
		{Dest{text("fd00::1")}.Prefix(), netip.MustParsePrefix("fd00::1/128")},
		{Dest{text("10.0.0.0/8")}.Prefix(), netip.MustParsePrefix("10.0.0.0/8")},
		{Dest{text("default")}.IsDefault(), true},
		{Dest{text("10.0.0.0/8")}.IsDefault(), false},
		{MAC{text("02-00-00-00-00-0A")}.Canonical(), "02:00:00:00:00:0a"},
		{MAC{text("02:00")}.Canonical(), ""},
		{Int{text("42")}.Int(), 42},
		{Int{text("-1")}.Int(), 0},
		{Duration{text("200ms")}.Duration(), 200 * time.Millisecond},
		{Duration{text("1m")}.Duration(), time.Minute},
		{Duration{text("-1m")}.Duration(), time.Duration(0)},
		{Percent{text("1.5%")}.Float(), 1.5},
		{Percent{text("x%")}.Float(), 0.0},
		{OnOff{text("on")}.On(), true},
		{OnOff{text("off")}.On(), false},
		{Endpoint{text("red:eth0")}.HasLink(), true},
		{Endpoint{text("red")}.HasLink(), false},
		{lastAddr(netip.MustParsePrefix("10.0.0.5/22")), netip.MustParseAddr("10.0.3.255")},
		{lastAddr(netip.MustParsePrefix("fd00::1/120")), netip.MustParseAddr("fd00::ff")},
		{lastAddr(netip.MustParsePrefix("10.0.0.5/32")), netip.MustParseAddr("10.0.0.5")},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if node, link := (Endpoint{text("red:eth0")}).Split(); node != "red" || link != "eth0" {
		t.Errorf("got %q and %q", node, link)
	}
	if key, value := (Setting{text("net.x=a=b")}).Split(); key != "net.x" || value != "a=b" {
		t.Errorf("got %q and %q", key, value)
	}
}

func TestAddressLike(t *testing.T) {
	for _, w := range []string{"192.168.15.1", "192.168.15.1/24", "192.168.15/24", "192.168.15.256", "192.168.15.1/", "192.168.15.1\\24",
		"10.0.0.0/255.0.0.0", "fd00::1", "::", "::1/64", "fd00::1::2/64", "1.2.3.x", "fd00::zz", "10.1", "10.0.0.1/x", "1/8"} {
		if !AddressLike(w) {
			t.Errorf("%s does not look like an address", w)
		}
	}
	for _, w := range []string{"", "red", "red:eth0", "red:eth0:1", "v-net-0", "eth0.10", "5", "5s", "1%", "*", "a.b.c.d", "/24", "/", "default", "mtu", "10ms", "80", "1-2"} {
		if AddressLike(w) {
			t.Errorf("%s looks like an address", w)
		}
	}
}
