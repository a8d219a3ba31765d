package plan

import (
	"net/netip"
	"time"
)

// Flow asks how much TCP brings from one node to another.
type Flow struct {
	// From sends. Node has To, and receives on a port that the kernel chooses.
	From, Node string
	To         netip.Addr
	// Dev is the interface to send on; it is needed for IPv6 link-local addresses.
	Dev string
	// Time is how long bytes are sent.
	Time time.Duration
	// Wait is how long to wait for the connection.
	Wait time.Duration
}

// FlowReply is what came through.
type FlowReply struct {
	// Connected: the connection was established.
	Connected bool
	// Rate is what arrived while data flowed, in bits of payload per second, without the
	// start and without the pauses in which the sender waited to retransmit.
	Rate float64
	// Err is the definite refusal that was seen, or the zero value.
	Err PingError
}
