package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// not is about every way to a node: all its addresses, of both families.
func TestNotAsksEveryAddress(t *testing.T) {
	const dual = "auto dual\nns a1 b1\nlink a1 <-> b1\nserve http b1\nserve udp b1:7\nblock 192.168.15.0/24 -> b1\n"
	const two = "ns a b\nlink a:e0 10.0.0.1/24 <-> b:e0 10.0.0.2/24\nlink a:e1 10.0.1.1/24 <-> b:e1 10.0.1.2/24\nserve tcp b\nblock -> 10.0.0.2\n"
	for what, c := range map[string]struct{ script, seen string }{
		"ping, the other family":  {dual + "expect not ping a1 -> b1\n", "a1 -> b1 (fd00:15::2)"},
		"tcp, the other family":   {dual + "expect not tcp a1 -> b1:80\n", "a1 -> b1:80 (fd00:15::2)"},
		"http, the other family":  {dual + "expect not http a1 -> http://b1/\n", "(fd00:15::2)"},
		"udp, the other family":   {dual + "expect not udp a1 -> b1:7\n", "a1 -> b1:7 (fd00:15::2)"},
		"path, the other family":  {dual + "expect not path a1 -> b1\n", "fd00:15::2"},
		"a table, the other one":  {dual + "expect matrix { a1: !b1 }\n", "b1"},
		"ping, the other address": {two + "expect not ping a -> b\n", "a -> b (10.0.1.2)"},
		"tcp, the other address":  {two + "expect not tcp a -> b:7\n", "a -> b:7 (10.0.1.2)"},
		"an address is that one":  {two + "expect not ping a -> 10.0.0.2\nexpect not ping a -> b:e0\n", ""},
		"one family is closed":    {dual + "block fd00:15::/64 -> b1\nexpect not ping a1 -> b1\nexpect not http a1 -> http://b1/\n", ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			out, _, failed, err := labs.Run(t, c.script)
			if err != nil || (failed == 0) != (c.seen == "") || !strings.Contains(out, c.seen) {
				t.Errorf("%v, %d failed; not said: %s\n%s", err, failed, c.seen, out)
			}
		})
	}
}
