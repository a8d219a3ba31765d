package plan

import (
	"context"
	"net/netip"
	"strings"
)

// Connection is an entry of a node's table of connections (connection tracking,
// conntrack(8)), which UDP and ICMP have too.
type Connection struct {
	// Proto is "tcp", "udp", "icmp", "ipv6-icmp", or another protocol's number.
	Proto string
	// State is TCP's, in lower case ("established"); else "answered" or "unanswered".
	State string
	// From and To are the ends as the first packet had them when it came to the node; ports
	// are 0 for protocols without.
	From, To netip.AddrPort
	// NewFrom and NewTo are the ends as the node sends it on: From and To where it does not
	// translate them.
	NewFrom, NewTo netip.AddrPort
	// Answered says that packets in the other direction came.
	Answered bool
	// Mark is the connection's (ct mark), 0 for none.
	Mark uint32
}

// Translation is what NAT makes of the ends: "from 203.0.113.1:4000 to 10.0.0.2:80"; "" where
// they stay.
func (c Connection) Translation() string {
	var w []string
	if c.NewFrom != c.From {
		w = append(w, "from "+EndText(c.NewFrom))
	}
	if c.NewTo != c.To {
		w = append(w, "to "+EndText(c.NewTo))
	}
	return strings.Join(w, " ")
}

// String is the connection in words.
func (c Connection) String() string {
	text := c.Proto + " " + EndText(c.From) + " -> " + EndText(c.To)
	if t := c.Translation(); t != "" {
		text += " (translated: " + t + ")"
	}
	return text + " " + c.State
}

// EndText is an address with its port, if it has one.
func EndText(end netip.AddrPort) string {
	if end.Port() == 0 {
		return end.Addr().String()
	}
	return end.String()
}

// ConnectionFlusher empties tables of connections.
type ConnectionFlusher interface {
	// FlushConnections makes nodes forget all of their connections: packets that follow are
	// those of new ones, and NAT is decided again.
	FlushConnections(ctx context.Context, nodes []string) error
}
