package path_test

import (
	"fmt"
	"net/netip"
	"testing"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// stopped is the type of what keeps a ping of a from an address, "" for nothing.
func stopped(t *testing.T, script, to string) string {
	t.Helper()
	lab, _ := build(t, script+"\n")
	f := path.Ask(lab, "a", path.Echo(plan.Ping{To: netip.MustParseAddr(to), Size: 1400}), "").Request
	if e, ok := f.End.(path.NoNeighbour); ok {
		if b, ok := e.Cause.(path.Blocked); ok {
			return fmt.Sprintf("%T", b.By)
		}
		return fmt.Sprintf("%T", e.Cause)
	}
	if !f.Arrived() {
		return fmt.Sprintf("%T", f.End)
	}
	return ""
}

// What is sent over a tunnel comes out at its other end or is stopped on the way of the
// packets that carry it; the same on kernels that lack the kinds.
func TestTunnels(t *testing.T) {
	const under = `ns a r b
link a:eth0 10.0.1.2/24 <-> r:a 10.0.1.1/24
link r:b 10.0.2.1/24 <-> b:eth0 10.0.2.2/24
forward r
route a default via 10.0.1.1
route b default via 10.0.2.1
dummy b:d0 10.8.0.1/24
`
	const wg = "wireguard a:t1 10.9.0.1/24 <-> b:t1 10.9.0.2/24\n"
	const pair = "gre a:t1 10.9.0.1/30 fd00:9::1/64 <-> b:t1 10.9.0.2/30 fd00:9::2/64\n"
	for name, test := range map[string]struct{ script, to, want string }{
		"gre":                      {pair, "10.9.0.2", ""},
		"IPv6 in gre":              {pair, "fd00:9::2", ""},
		"any address goes through": {pair + "route a 10.8.0.0/24 dev t1", "10.8.0.1", ""},
		"one end":                  {"gre a:t1 10.9.0.1/30 remote b", "10.9.0.2", "path.NoEnd"},
		"another kind":             {"gre a:t1 10.9.0.1/30 remote b\nipip b:t1 10.9.0.2/30 remote a", "10.9.0.2", "path.NoEnd"},
		"remote of no one":         {"gre a:t1 10.9.0.1/30 remote 10.0.2.9", "10.9.0.2", "path.Buried"},
		"keys":                     {"gre a:t1 10.9.0.1/30 remote b key 1\ngre b:t1 10.9.0.2/30 remote a key 2", "10.9.0.2", "path.Unlike"},
		"back to another":          {"gre a:t1 10.9.0.1/30 remote b\ngre b:t1 10.9.0.2/30 remote 10.0.2.1", "10.9.0.2", "path.Unlike"},
		"sent from another":        {"addr a:eth0 10.0.1.7/24\ngre a:t1 10.9.0.1/30 remote b local 10.0.1.7\ngre b:t1 10.9.0.2/30 remote 10.0.1.2", "10.9.0.2", "path.Unlike"},
		"sent from it":             {"addr a:eth0 10.0.1.7/24\ngre a:t1 10.9.0.1/30 remote b local 10.0.1.7\ngre b:t1 10.9.0.2/30 remote 10.0.1.7", "10.9.0.2", ""},
		"down":                     {pair + "down b:t1", "10.9.0.2", "path.Down"},
		"no forwarding":            {pair + "forward r off", "10.9.0.2", "path.Buried"},
		"a filter":                 {pair + "block a -> b on r", "10.9.0.2", "path.Buried"},
		"a filter of another port": {pair + "block a -> b tcp 80 on r", "10.9.0.2", ""},
		"too big on the way":       {pair + "mtu r:b 1400", "10.9.0.2", "path.Sunk"},
		"two tunnels":              {pair + "gre a:t2 10.9.1.1/30 <-> b:t2 10.9.1.2/30 key 2", "10.9.1.2", ""},
		"ipip":                     {"ipip a:t1 10.9.0.1/30 <-> b:t1 10.9.0.2/30", "10.9.0.2", ""},
		"sit":                      {"sit a:t1 fd00:9::1/64 <-> b:t1 fd00:9::2/64", "fd00:9::2", ""},
		"geneve":                   {"geneve a:t1 10.9.0.1/24 <-> b:t1 10.9.0.2/24 id 5", "10.9.0.2", ""},
		"geneve, identifiers":      {"geneve a:t1 10.9.0.1/24 id 5 remote b\ngeneve b:t1 10.9.0.2/24 id 6 remote a", "10.9.0.2", "path.Unlike"},
		"geneve, one end":          {"geneve a:t1 10.9.0.1/24 id 5 remote b\naddr b:d0 10.9.0.2/32", "10.9.0.2", "path.NoEnd"},
		"a tunnel in a tunnel":     {pair + "gre a:t2 10.9.1.1/30 remote 10.9.0.2\ngre b:t2 10.9.1.2/30 remote 10.9.0.1", "10.9.1.2", ""},
		"wireguard":                {wg, "10.9.0.2", ""},
		"wireguard, a network":     {"wireguard a:t1 10.9.0.1/24 <-> b:t1 10.9.0.2/24 allowed-ips 10.8.0.0/24\nroute a 10.8.0.0/24 dev t1", "10.8.0.1", ""},
		"wireguard, no peer":       {wg + "route a 10.8.0.0/24 dev t1", "10.8.0.1", "path.NoPeer"},
		"wireguard, an address":    {wg + "addr a:t1 10.9.0.5/32\ndel addr a:t1 10.9.0.1/24\nroute a 10.9.0.0/24 dev t1", "10.9.0.2", "path.NotAllowed"},
		"wireguard, one end":       {"wireguard b:t1 10.9.0.2/24\nwireguard a:t1 10.9.0.1/24\nwireguard a:t1 peer b:t1", "10.9.0.2", "path.Unlike"},
		"wireguard, who begins":    {wg + "wireguard a:t1 peer b:t1 endpoint none", "10.9.0.2", "path.NoEndpoint"},
		"wireguard, the other":     {wg + "wireguard a:t1 peer b:t1 endpoint none\nwireguard b:t1 peer a:t1 keepalive 25", "10.9.0.2", ""},
		"wireguard, the answer":    {wg + "wireguard b:t1 peer a:t1 endpoint none", "10.9.0.2", ""},
		"wireguard, no such key":   {"wireguard a:t1 10.9.0.1/24\nwireguard a:t1 peer rm+TS7BtuKIdeR1RBu1QRB6sWEWH44wafEuejzo0nBA= endpoint b allowed-ips 10.9.0.2/32", "10.9.0.2", "path.NoWGEnd"},
		"wireguard, another port":  {wg + "wireguard a:t1 peer b:t1 endpoint b:7\nwireguard b:t1 peer a:t1 endpoint none", "10.9.0.2", "path.OtherEnd"},
		"wireguard, a filter":      {wg + "block a -> b udp 51820 on r\nblock b -> a udp 51820 on r", "10.9.0.2", "path.Buried"},
		"a tunnel in itself":       {"gre a:t1 10.9.0.1/30 remote 10.9.0.2\ngre b:t1 10.9.0.2/30 remote 10.9.0.1", "10.9.0.2", "path.Buried"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stopped(t, under+test.script, test.to); got != test.want {
				t.Errorf("%s: stopped by %q, want %q", test.script, got, test.want)
			}
		})
	}
}
