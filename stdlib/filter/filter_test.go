package filter_test

import (
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// The later statement wins, by node, address, protocol and port, in both families.
func TestFilterByWhat(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "curl", "nft")
	labs.Hold(t, `auto dual
ns red blue green
bridge v-net-0 <red blue green>
serve http blue:80 body "blue says hello"
serve http blue:81 body "blue says hello"
block -> blue tcp 80
expect ping red -> <192.168.15.2 fd00:15::2>
expect exec red `+get+`http://192.168.15.2:80/ exits 28
expect exec red `+get+`http://[fd00:15::2]:80/ exits 28
expect exec red `+get+`http://192.168.15.2:81/ prints "hello"
expect exec blue `+get+`http://127.0.0.1:80/ prints "hello"
expect exec blue `+get+`http://192.168.15.2:80/ prints "hello"
allow red -> blue tcp
expect exec red `+get+`http://192.168.15.2:80/ prints "hello"
expect exec red `+get+`http://[fd00:15::2]:80/ prints "hello"
expect exec green `+get+`http://192.168.15.2:80/ exits 28
reject fd00:15::1 -> blue tcp 80
expect exec red `+get+`http://192.168.15.2:80/ prints "hello"
expect exec red `+get+`http://[fd00:15::2]:80/ exits 7
block 192.168.15.0/24 -> blue icmp
expect not ping <red green host> -> 192.168.15.2
expect ping red -> fd00:15::2
expect not ping blue -> 192.168.15.1
del block 192.168.15.0/24 -> blue icmp
del reject fd00:15::1 -> blue tcp 80
del allow red -> blue tcp
del block -> blue tcp 80
expect exec red `+get+`http://192.168.15.2:80/ prints "hello"
expect exec blue nft list ruleset matches '^$'
`)
}

// A rule is about packets; states make it one about conversations.
func TestFilterByState(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto dual
ns red blue
link red <-> blue
block red -> blue
expect not ping red -> <192.168.15.2 fd00:15::2>
expect not ping blue -> <192.168.15.1 fd00:15::1>
expect ping red -> red
allow red -> blue established
expect not ping red -> <192.168.15.2 fd00:15::2>
expect ping blue -> <192.168.15.1 fd00:15::1>
del block red -> blue
block blue -> red new
expect ping red -> <192.168.15.2 fd00:15::2>
expect not ping blue -> <192.168.15.1 fd00:15::1>
`)
}

// A rule acts on B; where B is no node, on A; or on the node that is named, on
// what it passes on, sends and gets.
func TestFilterWhere(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nft")
	labs.Hold(t, `auto dual
ns red r1 blue
link red <-> r1
link r1 <-> blue
forward r1
route red default via 192.168.15.2
route red default via fd00:15::2
route blue default via 192.168.16.1
route blue default via fd00:16::1
expect ping red -> <192.168.16.2 fd00:16::2>
test "B is a node" {
  block red -> blue
  expect exec blue nft list chain inet nsl input prints "block red -> blue"
  expect not ping red -> <192.168.16.2 fd00:16::2>
  expect ping red -> <192.168.16.1 fd00:16::1>
}
test "B is the address of a node" {
  block -> 192.168.16.1
  expect exec r1 nft list chain inet nsl input prints "ip daddr 192.168.16.1"
  expect not ping <red blue> -> 192.168.16.1
  expect ping red -> <192.168.15.2 192.168.16.2 fd00:16::1>
}
test "B is no node" {
  block red -> 192.168.16.0/24
  expect exec red nft list chain inet nsl filter-output prints "block red"
  expect not ping red -> <192.168.16.1 192.168.16.2>
  expect ping red -> <192.168.15.2 fd00:16::2>
}
test "on the way" {
  reject red -> blue on r1
  expect exec r1 nft list chain inet nsl forward prints "reject red -> blue on r1"
  expect not ping red -> <192.168.16.2 fd00:16::2>
  expect ping red -> <192.168.16.1 fd00:16::1>
  expect ping blue -> <192.168.16.1 fd00:16::1>
}
test "everything that meets a node" {
  block -> icmp on r1
  expect not ping red -> <192.168.15.2 192.168.16.2 fd00:15::2 fd00:16::2>
  expect not ping r1 -> <192.168.15.1 fd00:16::2>
  expect ping r1 -> r1
}
test "a subnet that the node itself is in" {
  block 192.168.15.0/24 -> 192.168.16.0/24 on r1
  expect not ping red -> <192.168.16.1 192.168.16.2>
  expect ping red -> <192.168.15.2 fd00:16::1>
}
expect ping red -> <192.168.16.2 fd00:16::2>
expect exec r1 nft list ruleset matches '^$'
`)
}

// A rule that is taken away from between others leaves the others in their order,
// and comes back to its place.
func TestFilterKeepsOrder(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns red blue
link red <-> blue
block -> blue
allow -> blue icmp
block red -> blue icmp
expect not ping red -> blue
test "the middle one goes" {
  del allow -> blue icmp
  expect not ping red -> blue
  del block red -> blue icmp
  expect not ping red -> blue
}
expect not ping red -> blue
del block red -> blue icmp
expect ping red -> blue
del allow -> blue icmp
expect not ping red -> blue
`)
}

// Rules outlive the addresses and nodes that they were made from.
func TestFilterOfWhatIsGone(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nft")
	labs.Hold(t, `ns red blue
bridge sw <red blue>
block <red 10.0.0.0/8> -> blue
delete red
del block red -> blue
del block 10.0.0.0/8 -> blue on blue
expect exec blue nft list ruleset matches '^$'
`)
}

// A range of ports, and what passes a router or was published there alone.
func TestFilterForwarded(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns pc r1 web
link pc <-> r1 10.0.1.0/24
link r1 <-> web 10.0.2.0/24
forward r1
route pc default via 10.0.1.2
serve tcp <r1:80 web:80 web:81 web:90>
publish 8080 -> web:80 on r1
expect tcp pc -> <10.0.1.2:80 10.0.1.2:8080 web:80 web:81 web:90>
block * -> * tcp 80-85 forwarded on r1
expect not tcp pc -> <10.0.1.2:8080 web:80 web:81>
expect tcp pc -> <10.0.1.2:80 web:90>
allow * -> web published on r1
expect tcp pc -> 10.0.1.2:8080
expect not tcp pc -> <web:80 web:81>
del block * -> * tcp 80-85 forwarded on r1
del allow * -> web published on r1
reject * -> web published on r1
expect not tcp pc -> 10.0.1.2:8080
expect tcp pc -> <web:80 web:81 web:90 10.0.1.2:80>
block -> forwarded on r1
expect not tcp pc -> web:90
expect tcp pc -> 10.0.1.2:80
`)
}
