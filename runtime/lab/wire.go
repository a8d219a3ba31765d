package lab

import (
	"bytes"
	"encoding/gob"
	"errors"
	"os/exec"
	"syscall"

	"nsl/runtime/plan"
)

// register makes gob know the types that plan's interfaces hold.
func register() {
	for _, op := range plan.Ops() {
		gob.Register(op)
	}
	for _, s := range plan.Services() {
		gob.Register(s)
	}
}

// pack and unpack carry a value, with plan's interfaces inside, through a message.
func pack(v any) ([]byte, error) {
	register()
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

func unpack(text []byte, v any) error {
	register()
	return gob.NewDecoder(bytes.NewReader(text)).Decode(v)
}

// packedError is an error that errors.Is and errors.As know on the other side as
// they do on this one, as far as nsl asks.
type packedError struct {
	Text      string
	Errno     syscall.Errno
	Sentinel  int // into sentinels, from 1
	PortTaken *plan.PortTaken
	NotReady  *plan.NotReady
	Refused   *plan.LeaseRefused
	// File is that of a *plan.FileError, "" of others, and Read as there.
	File string
	Read bool
}

func sentinels() []error {
	return []error{plan.ErrNoNode, plan.ErrNoLink, plan.ErrNoSysctl, plan.ErrPortTaken, plan.ErrNoLease, plan.ErrLost, exec.ErrNotFound}
}

func packError(err error) *packedError {
	if err == nil {
		return nil
	}
	p := &packedError{Text: err.Error()}
	errors.As(err, &p.Errno)
	errors.As(err, &p.PortTaken)
	errors.As(err, &p.NotReady)
	errors.As(err, &p.Refused)
	if file := (*plan.FileError)(nil); errors.As(err, &file) {
		p.File, p.Read = file.Path, file.Read
	}
	for i, s := range sentinels() {
		if errors.Is(err, s) {
			p.Sentinel = i + 1
			break
		}
	}
	return p
}

// Error is the text that it had.
func (p *packedError) Error() string { return p.Text }

// Unwrap is what it was.
func (p *packedError) Unwrap() []error {
	var errs []error
	if p.Errno != 0 {
		errs = append(errs, p.Errno)
	}
	if p.File != "" && p.Errno != 0 {
		errs = append(errs, plan.NewFileError(p.File, p.Errno, p.Read))
	}
	if p.Sentinel > 0 && p.Sentinel <= len(sentinels()) {
		errs = append(errs, sentinels()[p.Sentinel-1])
	}
	if p.PortTaken != nil {
		errs = append(errs, p.PortTaken)
	}
	if p.NotReady != nil {
		errs = append(errs, p.NotReady)
	}
	if p.Refused != nil {
		errs = append(errs, p.Refused)
	}
	return errs
}
