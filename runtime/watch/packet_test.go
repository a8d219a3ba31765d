package watch

import (
	"encoding/hex"
	"fmt"
	"testing"

	"nsl/runtime/plan"
)

// What packets are read as; those that are cut off, or of no interest, are none.
func TestRead(t *testing.T) {
	const ip4, ip4tcp = "450000540000400040010000" + "0a0000010a000002", "450000280000400040060000" + "0a0000010a000002"
	const ip6 = "6000000000103a40" + "fd000000000000000000000000000001" + "fd000000000000000000000000000002"
	const echo4, echo6 = "0800000000010001" + "0102030405060708", "8000000000010001" + "0102030405060708"
	for packet, want := range map[string]string{
		ip4 + echo4:                                  "icmp 10.0.0.1:0 10.0.0.2:0 echo request 102030405060708",
		ip6 + echo6:                                  "icmp [fd00::1]:0 [fd00::2]:0 echo request 102030405060708",
		ip4 + "0301000000000000" + ip4 + echo4:       "icmp 10.0.0.1:0 10.0.0.2:0 Destination Host Unreachable 102030405060708",
		ip6 + "0104000000000000" + ip6 + echo6:       "icmp [fd00::1]:0 [fd00::2]:0 Destination unreachable: Port unreachable 102030405060708",
		ip4tcp + "303900500000000700000000" + "5002": "tcp 10.0.0.1:12345 10.0.0.2:80 SYN 7",
		ip4tcp + "303900500000000900000008" + "5012": "tcp 10.0.0.1:12345 10.0.0.2:80 SYN, ACK 7",
		ip4tcp + "303900500000000000000008" + "5014": "tcp 10.0.0.1:12345 10.0.0.2:80 RST 7",
		ip4tcp + "303900500000000900000008" + "5010": "",
		ip4[:20]: "", ip4: "", ip4 + "0d00000000000000": "", ip4 + "0301000000000000": "", ip4tcp + "3039": "", "": "", "4f": "",
	} {
		b, err := hex.DecodeString(packet)
		if err != nil {
			t.Fatal(err)
		}
		var s plan.Sighting
		got := ""
		if read(&s, b) {
			got = fmt.Sprintf("%s %s %s %s %x", s.Proto, s.Src, s.Dst, s.What, s.ID)
		}
		if got != want {
			t.Errorf("%s is read as %q, not %q", packet, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 20})
	f.Fuzz(func(_ *testing.T, b []byte) {
		var s plan.Sighting
		read(&s, b)
	})
}
