package show

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// wgRows are the peers of a node's wireguards.
func wgRows(view plan.View, node string) ([][]string, error) {
	links, err := byName(view, node)
	var rows [][]string
	for _, l := range links {
		if l.Kind != plan.WireGuard {
			continue
		}
		own := []string{node, l.Name, strconv.Itoa(l.WG.Port)}
		if len(l.WG.Peers) == 0 {
			rows = append(rows, append(own, "-", "-", "-", "-"))
		}
		for _, p := range l.WG.Peers {
			rows = append(rows, append(own[:3:3], lab.WGName(view, p.Key), endpoint(p), allowedIPs(p), handshake(p)))
		}
	}
	return rows, err
}

func endpoint(p plan.WGPeer) string {
	if !p.Endpoint.IsValid() {
		return "-"
	}
	return p.Endpoint.String()
}

func allowedIPs(p plan.WGPeer) string {
	var list []string
	for _, a := range p.Allowed {
		list = append(list, a.String())
	}
	return cmp.Or(strings.Join(list, ","), "-")
}

func handshake(p plan.WGPeer) string {
	if p.Handshake.IsZero() {
		return "never"
	}
	return time.Since(p.Handshake).Round(time.Second).String() + " ago"
}
