package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// 169.254.0.0/16 is addresses like others (RFC 3927): nodes are reached there, and
// what a test deletes comes back.
func TestLinkLocalIPv4IsAnAddress(t *testing.T) {
	t.Parallel()
	const lan = "auto off\nns a b\nlink a:e 169.254.1.1/16 <-> b:e 169.254.1.2/16\n"
	labs.Hold(t, lan+`expect ping a -> b
test "without" {
  del addr b 169.254.1.2
  expect not ping a -> b
}
expect addr b 169.254.1.2/16
test "deleted" {
  delete b:e
  expect not ping a -> b
}
expect ping a -> b
publish 80 -> b:80 on a
serve http b
expect http a -> http://169.254.1.1/
`)
	out, _, failed, err := labs.Run(t, lan+"expect not ping a -> b\n")
	if err != nil || failed != 1 {
		t.Errorf("that it is not reached holds: %v, %d failed\n%s", err, failed, out)
	}
	if out := labs.Output(t, "auto off\nns a b\nlink a:e 169.254.1.1/16 <-> b:e\naddr b:e 169.254.1.1/16\n"); !strings.Contains(out, "has the address 169.254.1.1 already") {
		t.Errorf("a second owner is not noticed:\n%s", out)
	}
}

// Link-local IPv6 addresses, with their zone or without, work in every probe and in serve.
func TestLinkLocalIPv6(t *testing.T) {
	t.Parallel()
	const lan = "ns a b\nlink a <-> b 10.0.0.0/24\naddr b fe80::5/64\naddr a fe80::1/64\n"
	labs.Hold(t, lan+`serve http b:80
serve http b:81 addr fe80::5
serve udp b:9 addr fe80::5
serve tcp b:9 addr fe80::5
expect ping a -> fe80::5
expect tcp a -> [fe80::5]:80
expect tcp a -> [fe80::5%veth-a]:80
expect http a -> http://[fe80::5]/
expect http a -> http://[fe80::5%25veth-a]/
expect http a -> http://[fe80::5%veth-a]:81/
expect udp a -> [fe80::5%veth-a]:9
expect tcp a -> [fe80::5]:9
expect not tcp a -> 10.0.0.2:81
`)
	if out := labs.Output(t, lan+"expect ping a -> fe80::5%eth9 within 100ms\n"); !strings.Contains(out, "a has no interface eth9") {
		t.Errorf("the zone is not named:\n%s", out)
	}
}
