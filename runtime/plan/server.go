package plan

import (
	"fmt"
	"net/netip"
	"strconv"
)

// HTTP is a web server (RFC 9112) of nsl's own.
type HTTP struct {
	// Addr is the zero Addr for every address of the node.
	Addr netip.Addr
	Port int
	// Body answers every request; "" is a page that names the node.
	Body string
	// Status is that of every answer; 0 is 200, or what Dir gives.
	Status int
	// Dir is a directory of the machine whose files are served, or "".
	Dir string
}

// Echo sends back what it gets (RFC 862): byte by byte over TCP, datagram by
// datagram over UDP.
type Echo struct {
	// Proto is "tcp" or "udp".
	Proto string
	// Addr is the zero Addr for every address of the node.
	Addr netip.Addr
	Port int
}

func (HTTP) service() {}
func (Echo) service() {}

// Kind is http.
func (s HTTP) Kind() string { return "http" }

// Kind is the protocol.
func (s Echo) Kind() string { return s.Proto }

// String names the port.
func (s HTTP) String() string { return "HTTP server on port " + strconv.Itoa(s.Port) }

// String names the protocol and the port.
func (s Echo) String() string {
	if s.Proto == "udp" {
		return "UDP echo on port " + strconv.Itoa(s.Port)
	}
	return "TCP echo on port " + strconv.Itoa(s.Port)
}

// Listens is its port.
func (s HTTP) Listens() []Listen { return []Listen{{"tcp", s.Addr, s.Port}} }

// Listens is its port.
func (s Echo) Listens() []Listen { return []Listen{{s.Proto, s.Addr, s.Port}} }

func (s HTTP) begin(o Start) []Command {
	words := []string{"python3", "-m", "http.server", strconv.Itoa(s.Port)}
	if s.Dir != "" {
		words = append(words, "--directory", s.Dir)
	}
	return note("nsl's own web server; much the same: %s &", Inside(o.Node, words...))
}

func (s HTTP) end(o Stop) []Command {
	return note("the web server on port %d of %s ends", s.Port, o.Node)
}

func (s Echo) begin(o Start) []Command {
	from := fmt.Sprintf("TCP-LISTEN:%d,fork,reuseaddr", s.Port)
	if s.Proto == "udp" {
		from = fmt.Sprintf("UDP-LISTEN:%d,fork", s.Port)
	}
	return note("nsl's own echo service; much the same: %s &", Inside(o.Node, "socat", from, "EXEC:cat"))
}

func (s Echo) end(o Stop) []Command {
	return note("the echo service on %s port %d of %s ends", s.Proto, s.Port, o.Node)
}
