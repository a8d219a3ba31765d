package host

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"nsl/runtime/plan"
)

func someRecords() []Record {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	return []Record{
		{Kind: Begun, Time: at, Name: "lab", Script: "/home/ann/lab.nsl", Mark: "nsl:X", PID: 42},
		{Kind: Namespace, Time: at, Name: "red", Inode: 4026531840},
		{Kind: Link, Time: at, Op: "ip link add\nip link set", Name: "v-net-0", MAC: "02:00:00:00:00:01"},
		{Kind: Route, Time: at, Route: &plan.Route{Dst: netip.MustParsePrefix("10.0.0.0/8"), Hops: []plan.NextHop{{Dev: "v-net-0"}}}},
		{Kind: Built, Time: at},
	}
}

func journalText(t *testing.T, records []Record) (text []byte) {
	t.Helper()
	for _, r := range records {
		line, err := r.line()
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	return text
}

// A journal that ends at any byte has the records that were whole before it.
func TestTornJournal(t *testing.T) {
	want := someRecords()
	text := journalText(t, want)
	whole := 0
	for end := range len(text) + 1 {
		if end > 0 && text[end-1] == '\n' {
			whole++
		}
		got := Parse(text[:end])
		// Without its newline a record is whole as well.
		n := whole
		if end < len(text) && text[end] == '\n' {
			n++
		}
		if len(got) != n || n > 0 && !reflect.DeepEqual(got, want[:n]) {
			t.Fatalf("of the first %d bytes %d records are read, want %d:\n%s", end, len(got), n, text[:end])
		}
	}
}

// A byte that is not as it was written costs its record alone.
func TestDamagedJournal(t *testing.T) {
	want := someRecords()
	text := journalText(t, want)
	for i := range text {
		damaged := append([]byte{}, text...)
		damaged[i] ^= 1
		if got := Parse(damaged); len(got) < len(want)-2 {
			t.Errorf("with a wrong byte at %d only %d records are read", i, len(got))
		}
	}
}
