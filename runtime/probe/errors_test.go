package probe

import (
	"bytes"
	"slices"
	"testing"
)

// TestMessage4 has a packet as a raw socket gives it, whole and damaged.
func TestMessage4(t *testing.T) {
	header := append([]byte{0x46}, make([]byte, 23)...)
	body := []byte{0, 0, 0, 0, 0x12, 0x34, 0, 1, 0x50, 0x2f, 0}
	sum := internetChecksum(body)
	body[2], body[3] = byte(sum>>8), byte(sum)
	packet := slices.Concat(header, body)
	if got := message4(packet); !bytes.Equal(got, body) {
		t.Errorf("whole packet: % x", got)
	}
	packet[len(packet)-2] ^= 1
	if got := message4(packet); got != nil {
		t.Errorf("damaged packet: % x", got)
	}
	for n := range 24 {
		if got := message4(packet[:n]); got != nil {
			t.Errorf("cut to %d bytes: % x", n, got)
		}
	}
}

// TestChecksum has the example of RFC 1071 section 3.
func TestChecksum(t *testing.T) {
	if got := internetChecksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != ^uint16(0xddf2) {
		t.Errorf("%#x", got)
	}
}

func FuzzErrorQueue(f *testing.F) {
	f.Add(make([]byte, 24))
	f.Add([]byte{113, 0, 0, 0, 2, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, ok := extendedError(b); ok && (!e.from.IsValid() || e.refusal().What == "") {
			t.Errorf("%+v", e)
		}
		findControl(b, 0, 11)
		message4(b)
	})
}
