package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// What is read of an answer at most (bytes): a server that never ends its header
// would fill the memory.
const (
	maxHeader = 64 << 10
	maxBody   = 1 << 20
)

// ask sends the request over the connection and reads the answer. It does
// without http.Client, whose connections come from goroutines that are in no
// node.
func (c *call) ask(ctx context.Context) (reply *plan.HTTPReply, broken string) {
	req, err := httpRequest(ctx, c.HTTP)
	if err != nil {
		return nil, err.Error()
	}
	if err := req.Write(c.file); err != nil {
		return nil, brokenBy(err)
	}
	limited := &io.LimitedReader{R: c.file, N: maxHeader}
	resp, err := finalResponse(bufio.NewReader(limited), req)
	switch {
	case err != nil && limited.N <= 0:
		return nil, fmt.Sprintf("the header of the answer is longer than %d KiB", maxHeader>>10)
	case err != nil:
		return nil, brokenBy(err)
	}
	defer func() { _ = resp.Body.Close() }()
	c.answered = time.Now()
	limited.N = maxBody
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return &plan.HTTPReply{Status: resp.StatusCode, Header: joined(resp.Header), Body: string(body), Cut: err != nil}, ""
}

func joined(h http.Header) map[string]string {
	if len(h) == 0 {
		return nil
	}
	fields := make(map[string]string, len(h))
	for name, values := range h {
		fields[name] = strings.Join(values, ", ")
	}
	return fields
}

// httpRequest is the request that a question asks for.
func httpRequest(ctx context.Context, q *plan.HTTPRequest) (*http.Request, error) {
	path, err := url.ParseRequestURI(q.Path)
	if err != nil {
		return nil, err
	}
	req := (&http.Request{
		Method: http.MethodGet, URL: path, Host: q.Host, Header: http.Header{"User-Agent": {"nsl"}},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Close: true,
	}).WithContext(ctx)
	if q.User != "" || q.Password != "" {
		req.SetBasicAuth(q.User, q.Password)
	}
	return req, nil
}

// finalResponse passes over the interim responses, 100 to 199 (RFC 9110, section
// 15.2); after 101 the other protocol begins.
func finalResponse(r *bufio.Reader, req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(r, req)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// brokenBy is why no answer came, in a few words.
func brokenBy(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer came"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed the connection without an answer"
	case errors.Is(err, unix.ECONNRESET):
		return "the other side reset the connection without an answer"
	}
	return fmt.Sprintf("%s (%v)", plan.NotHTTP, err)
}
