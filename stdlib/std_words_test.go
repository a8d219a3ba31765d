package stdlib_test

import (
	"testing"

	"nsl/runtime/labtest/labs"
)

// TestListsAndAutoWhereAllowed holds what functions need: a list where
// several words are allowed, and auto where a subnet is.
func TestListsAndAutoWhereAllowed(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"auto is as if nothing were there": `def office(name, members, net = auto) {
  ns $members
  bridge $name <$members> $net
}
office sw1 <a b>
office sw2 c 10.2.0.0/24
office sw3 <d e> auto
ns f g
link f <-> g auto
expect addr b 192.168.15.2/24
expect addr sw1 192.168.15.254/24
expect addr c 10.2.0.1/24
expect addr e 192.168.16.2/24
expect addr g 192.168.17.2/24
expect ping a -> b
expect ping f -> g
`,
		"auto off holds for auto": `auto off
ns a b
link a <-> b auto
expect not addr a:veth-a 192.168.15.1/24
expect not ping a -> 192.168.15.2
bridge sw <a> auto noaddr
expect link sw up
`,
		"lists after ns, up, down and delete": `let more = <d e>
ns a <b c> $more h${1..2}
bridge sw <a $more h${1..2}>
down <h1 e>
expect not ping a -> <h1 e>
up h${1..2} $more
expect ping a -> <d e h1 h2>
delete $more h1
expect ns h2
expect not ns d
expect not ns e
expect not ns h1
`,
		"several gateways in a list": `ns a r1 r2
link a <-> r1 10.0.1.0/24
link a <-> r2 10.0.2.0/24
route a 10.9.0.0/16 via <10.0.1.2 10.0.2.2>
expect route a -> 10.9.0.0/16 via 10.0.1.2
expect route a -> 10.9.0.0/16 via 10.0.2.2
del route a 10.9.0.0/16 via <10.0.1.2 10.0.2.2>
expect not route a -> 10.9.0.0/16
`,
		"a port more, inside a node, from one bridge to another": `ns r a b
bridge r:sw1 <a> 10.0.0.0/24
bridge r:sw2 noaddr
link b:eth0 <-> r:port9 noaddr
addr b 10.0.0.9/24
attach r:port9 -> r:sw2
expect link r:port9 master sw2
expect not ping b -> a
attach r:port9 -> r:sw1
expect link r:port9 master sw1
expect ping b -> a
test "and back" { attach r:port9 -> r:sw2; expect not ping b -> a }
expect ping b -> a
`,
		"free addresses as the lab has them": `ns a b
link a 10.0.0.1/24 <-> b 10.0.0.3/24
addr b ${free(10.0.0.0/24)}/24
expect addr b 10.0.0.2/24
addr b ${free(10.0.0.0/24)}/24
expect addr b 10.0.0.4/24
exec a ip addr add 10.0.0.5/24 dev veth-a
addr b ${free(10.0.0.0/24)}/24
expect addr b 10.0.0.6/24
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, script)
		})
	}
}
