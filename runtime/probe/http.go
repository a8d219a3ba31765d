package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"nsl/runtime/plan"
)

// maxBody is how much of a body is read (bytes).
const maxBody = 1 << 20

// ask sends the request over the connection and reads the answer. It does
// without http.Client, whose connections come from goroutines that are in no
// node.
func (c *call) ask(ctx context.Context) (reply *plan.HTTPReply, broken string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.HTTP.Host+c.HTTP.Path, nil)
	if err != nil {
		return nil, err.Error()
	}
	req.Header.Set("User-Agent", "nsl")
	req.Close = true
	if err := req.Write(c.file); err != nil {
		return nil, brokenBy(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c.file), req)
	if err != nil {
		return nil, brokenBy(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil && len(body) == 0 {
		return nil, brokenBy(err)
	}
	return &plan.HTTPReply{Status: resp.StatusCode, Body: string(body)}, ""
}

// brokenBy is why no answer came, in a few words.
func brokenBy(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer came"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed the connection without an answer"
	}
	return fmt.Sprintf("the answer is not HTTP (%v)", err)
}
