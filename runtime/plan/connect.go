package plan

import (
	"net/netip"
	"time"
)

// Connect asks whether a service answers.
type Connect struct {
	// Node is where the question is asked.
	Node string
	// Proto is "tcp" or "udp".
	Proto string
	To    netip.AddrPort
	// Dev is the interface to ask on; it is needed for IPv6 link-local addresses.
	Dev string
	// Payload is sent over UDP, whose answer may be anything.
	Payload []byte
	// HTTP is what to ask for over the connection, or nil.
	HTTP *HTTPRequest
	// Wait is how long to wait for the answer as a whole.
	Wait time.Duration
	// Crowd is as that of [Ping].
	Crowd int
}

// HTTPRequest is a GET (RFC 9110, section 9.3.1).
type HTTPRequest struct {
	// Host is what the header says: the name, and the port if it is not 80.
	Host string
	// Path begins with a slash, and holds the query.
	Path string
	// User and Password are sent where one of them is set (RFC 7617).
	User, Password string
}

// NotHTTP is what Broken begins with where the answer was of another protocol.
const NotHTTP = "the answer is not HTTP"

// ConnectReply is what came back.
type ConnectReply struct {
	// Connected: the TCP connection was established, or the datagram was answered.
	Connected bool
	// RTT is the time that took, up to the HTTP answer where there is one.
	RTT time.Duration
	// Err is the definite refusal that was seen, or the zero value.
	Err PingError
	// HTTP is the answer to the request, nil when none came.
	HTTP *HTTPReply
	// Broken says why an established connection gave no HTTP answer; it begins with
	// NotHTTP if something else came.
	Broken string
	Pacing
}

// HTTPReply is an answer (RFC 9112).
type HTTPReply struct {
	Status int
	// Header has the fields of the header by their canonical names; those that came
	// several times are joined by commas (RFC 9110, section 5.3).
	Header map[string]string
	// Body is the beginning of the body, up to 1 MiB.
	Body string
	// Cut: the body did not end in time, or the connection broke before its end.
	Cut bool
}

// Lookup asks for the addresses of a name as a program in a node would: in
// /etc/hosts, then the servers of /etc/resolv.conf.
type Lookup struct {
	Node, Name string
	// Server is asked instead of both, if it is valid.
	Server netip.AddrPort
	// Wait is how long to wait for an answer.
	Wait time.Duration
}

// LookupReply is what came back.
type LookupReply struct {
	Addrs []netip.Addr
	// From is who said so: "/etc/hosts", or the server's address.
	From string
	// NoSuch: a server says that there is no such name (NXDOMAIN), or that it has
	// no address.
	NoSuch bool
	// Code is the server's response code in dig(1)'s words: "NXDOMAIN", "REFUSED",
	// "SERVFAIL", …; "" when no server answered.
	Code string
	// Silent: nothing came back while it waited. TCP: the answer did not fit in a datagram,
	// and the question over TCP got none.
	Silent, TCP bool
	// Err says why there is no answer: "no name server", "10.0.0.53 does not
	// answer"; "" when there is one.
	Err string
}

// Socket is a socket that waits for others: of a server, or an open UDP port.
type Socket struct {
	// Proto is "tcp" or "udp".
	Proto string
	// Local is the address that it is bound to, unspecified for all.
	Local netip.AddrPort
	// PID is the process that holds it as the lab's host sees it, 0 if no process
	// could be found; Program is its name.
	PID     int
	Program string
	// Waiting is the number of connections that a listening socket has and its program
	// has not taken yet.
	Waiting int
	// Dev is the interface that it is bound to (socket(7), SO_BINDTODEVICE), "" for none.
	Dev string
}

// Is reports whether the socket is on that port, at whatever address.
func (s Socket) Is(l Listen) bool { return s.Proto == l.Proto && int(s.Local.Port()) == l.Port }

// Process is a program that runs in a node.
type Process struct {
	Node string
	// PID is its number as the lab's host sees it, Inner in the PID namespace it
	// runs in; they are the same where it has none of its own.
	PID, Inner int
	// Name is the program, as ps(1) has it; Argv the whole command.
	Name string
	Argv []string
	// Stopped: a signal has stopped it, and it waits for another (SIGSTOP, SIGCONT;
	// signal(7)).
	Stopped bool
}
