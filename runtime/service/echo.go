package service

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func startTCPEcho(n Node, s plan.Echo) (Handle, error) {
	l, err := listen(n, s.Addr, s.Port)
	if err != nil {
		return nil, err
	}
	c := &conns{}
	return run(func() error {
		err := accept(l, func(conn net.Conn) { c.serve(conn, echo) })
		c.wait.Wait()
		return err
	}, l, c), nil
}

func echo(c net.Conn) { _, _ = io.Copy(c, c) }

// accept takes connections until the listener is closed. A lack of descriptors
// passes; net/http waits as well.
func accept(l net.Listener, take func(net.Conn)) error {
	const pause = 5 * time.Millisecond
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			take(conn)
		case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ECONNABORTED):
			<-time.After(pause)
		default:
			return err
		}
	}
}

func startUDPEcho(n Node, s plan.Echo) (Handle, error) {
	c, err := listenUDP(n, s.Addr, s.Port)
	if err != nil {
		return nil, err
	}
	return run(func() error {
		return Datagrams(c, func(payload []byte, _ netip.AddrPort) []byte { return payload })
	}, c), nil
}
