package sandbox

import (
	"errors"
	"os"
	"testing"
)

// FuzzPayload: whatever comes through the pipe, it is a whole message or an error.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(mark + "\x00\x00\x00\x00\x00\x00\x00\x02\x07{}"))
	f.Add([]byte(mark + "\x00\x00\x00\x00\x00\x00\x00\x09\x01{}"))
	f.Add([]byte(mark + "\xff\xff\xff\xff\xff\xff\xff\xff\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() {
			_, err := w.Write(text)
			if err := errors.Join(err, w.Close()); err != nil && !errors.Is(err, os.ErrClosed) {
				return // the reader has seen enough
			}
		}()
		m, err := receive(r)
		if err == nil && (len(m.body) > len(text) || string(text[:len(mark)]) != mark) {
			t.Fatalf("%+v of %q", m, text)
		}
	})
}
