package service

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"nsl/runtime/files"
	"nsl/runtime/plan"
)

// headerTime is how long a client may take to say what it wants.
const headerTime = 10 * time.Second

func startHTTP(n Node, s plan.HTTP) (Handle, error) {
	l, err := listen(n, s.Addr, s.Port)
	if err != nil {
		return nil, err
	}
	handler, closing, err := pages(n, s)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	c := &conns{}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				c.wait.Add(1)
			case http.StateClosed, http.StateHijacked:
				c.wait.Done()
			}
		},
	}
	return run(func() error {
		err := server.Serve(tracking{l, c})
		c.wait.Wait()
		return errors.Join(err, closing())
	}, server, c), nil
}

// tracking hands the connections that it accepts to conns.
type tracking struct {
	net.Listener
	conns *conns
}

// Accept waits for a connection.
func (t tracking) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return t.conns.track(conn), nil
}

// pages is what the server answers, until closing is called.
func pages(n Node, s plan.HTTP) (_ http.Handler, closing func() error, err error) {
	if s.Dir != "" {
		root, err := files.Root(n.Files, s.Dir)
		if err != nil {
			return nil, nil, plan.NewFileError(s.Dir, err, true)
		}
		return withStatus(s.Status, http.FileServerFS(root.FS())), root.Close, nil
	}
	return text(n.Name, s), func() error { return nil }, nil
}

// text answers each request alike.
func text(node string, s plan.HTTP) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := s.Body
		if body == "" {
			body = page(node, r)
		}
		w.Header().Set("Content-Type", contentType(body))
		w.Header().Set("Server", "nsl/"+node)
		if s.Status != 0 {
			w.WriteHeader(s.Status)
		}
		_, _ = io.WriteString(w, body)
	})
}

// page names the node, and tells whom it sees: behind a router that translates
// addresses that is not the one who asks.
func page(node string, r *http.Request) string {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	return fmt.Sprintf("Hello from %s!\nYou are %s and asked for %s %s\n", node, from, r.Method, r.URL.RequestURI())
}

func contentType(body string) string {
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		return "text/html; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

// withStatus gives every answer a status, 0 for the handler's own.
func withStatus(status int, h http.Handler) http.Handler {
	if status == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(fixed{w, status}, r) })
}

type fixed struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends the fixed status instead.
func (f fixed) WriteHeader(int) { f.ResponseWriter.WriteHeader(f.status) }
