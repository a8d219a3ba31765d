package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// message is what the supervisor sends over the payload pipe: eight bytes of
// mark, eight of length, one of kind, the body. The length tells a whole body
// from that of a supervisor that died while it wrote.
type message struct {
	trial bool
	// events and asks: the descriptors for events and questions lead somewhere.
	events, asks bool
	body         []byte
}

// The bits of a message's kind.
const (
	kindTrial  = 1
	kindEvents = 2
	kindAsks   = 4
)

const mark = "nsl-1\r\n\x00"

var errNoPayload = errors.New("this process was not started by a supervisor of its own")

func send(w io.WriteCloser, m message) {
	head := binary.BigEndian.AppendUint64([]byte(mark), uint64(len(m.body)))
	kind := byte(0)
	if m.trial {
		kind |= kindTrial
	}
	if m.events {
		kind |= kindEvents
	}
	if m.asks {
		kind |= kindAsks
	}
	// A child that ended early closes the pipe; its exit code tells more.
	if _, err := w.Write(append(head, kind)); err == nil {
		_, _ = w.Write(m.body)
	}
	_ = w.Close()
}

func receive(r *os.File) (message, error) {
	head := make([]byte, len(mark)+9)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:len(mark)]) != mark {
		return message{}, errNoPayload
	}
	size := binary.BigEndian.Uint64(head[len(mark):])
	body, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil {
		return message{}, fmt.Errorf("payload: %w", err)
	}
	if uint64(len(body)) != size {
		return message{}, fmt.Errorf("payload: %d of %d bytes: %w", len(body), size, io.ErrUnexpectedEOF)
	}
	kind := head[len(head)-1]
	return message{trial: kind&kindTrial != 0, events: kind&kindEvents != 0, asks: kind&kindAsks != 0, body: body}, nil
}
