package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

func TestRate(t *testing.T) {
	out, held, failed, err := labs.Run(t, `auto dual
ns red blue far
link red <-> blue
link far <-> blue 10.0.0.0/24
require ping <red blue> -> <red blue> within 20s
expect rate <red blue> -> <red blue> > 50mbit time 300ms
expect not rate red -> 8.8.8.8 > 1bit
expect not rate red -> far > 1bit
expect rate red -> blue > 100mbit < 1tbit time 300ms
exec red tc qdisc add dev veth-red root tbf rate 10mbit burst 16kb latency 50ms
expect rate red -> <blue fd00:15::2> > 1mbit < 11mbit
expect rate red -> blue > 9mbit < 10mbit within 30s
expect rate red -> blue > 20mbit time 500ms
exec red tc qdisc replace dev veth-red root tbf rate 1mbit burst 16kb latency 50ms
expect rate red -> blue > 900kbit < 1mbit within 30s
`)
	if strings.Contains(out, "exec red tc") {
		t.Skipf("this kernel limits no rates:\n%s", out)
	}
	want := " Mbit/s to 192.168.15.2, and more than 20.0 Mbit/s was expected"
	if err != nil || failed != 1 || held != 8 || !strings.Contains(out, want) {
		t.Errorf("%v: %d held, %d failed\n%s", err, held, failed, out)
	}
}
