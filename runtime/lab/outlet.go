package lab

import (
	"errors"
	"io"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// outlet is where a report goes. It remembers that it could not be written. What no one
// reads any more is lost, and no fault.
type outlet struct {
	io.Writer
	err error
}

func (o *outlet) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		return len(b), nil
	}
	if err != nil && o.err == nil {
		o.err = diag.List{diag.New(diag.NoFile, diag.Machine, source.Span{}, "cannot write the output: %v", err)}
	}
	return n, err
}
