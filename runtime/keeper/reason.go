package keeper

import (
	"errors"
	"syscall"
)

// reason is the kernel's word for an error, without the names of files and
// sockets, which the message has anyway.
func reason(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
