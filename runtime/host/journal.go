// Package host builds a lab on the machine itself, in such a way that all of it can be undone
// later, also after the process that built it was killed.
//
//	Policy   what a lab may do to the machine, and what is recorded before it is done
//	World    does it: records, then op, then mark
//	Journal  the records, below /run, which a reboot empties as it does away with the lab
//	Clean    undoes what the records say, as far as it is provably the lab's
package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// journalFile is where the journal is: there is one lab on a machine at most.
const journalFile = "/run/nsl/host.journal"

// Kind says what a record is about.
type Kind string

// The kinds of records. Begun is the first, and Built that of a lab whose script has run, which a
// person may have Confirmed. Done is an op of which nothing is left when the lab's namespaces and
// links are gone.
const (
	Begun     Kind = "begun"
	Built     Kind = "built"
	Confirmed Kind = "confirmed"
	Done      Kind = "op"
	Namespace Kind = "namespace"
	Link      Kind = "link"
	Address   Kind = "address"
	State     Kind = "state"
	Master    Kind = "master"
	Setting   Kind = "setting"
	Route     Kind = "route"
	Rule      Kind = "rule"
	Table     Kind = "table"
)

// Record is what is written before an op is done: the op for people, and what undoes it.
type Record struct {
	Kind Kind      `json:"kind"`
	Time time.Time `json:"time"`
	// Op are the commands of the op.
	Op string `json:"op,omitempty"`
	// Name is that of the lab, the namespace, the interface or the setting.
	Name string `json:"name,omitempty"`
	// Script, Mark and PID are of Begun: the lab's script, what marks what it makes, and the
	// process that builds it.
	Script string `json:"script,omitempty"`
	Mark   string `json:"mark,omitempty"`
	PID    int    `json:"pid,omitempty"`
	// Until is of Begun: when the lab is undone, unless it is confirmed before.
	Until time.Time `json:"until,omitzero"`
	// Inode is a namespace's (namespaces(7)), and Index an interface's that was there before.
	Inode uint64 `json:"inode,omitempty"`
	Index int    `json:"index,omitempty"`
	// MAC is a random hardware address that a new interface is made with.
	MAC string `json:"mac,omitempty"`
	// Was and Is are the values before and after.
	Was string `json:"was,omitempty"`
	Is  string `json:"is,omitempty"`
	// Addr, Route and Rule were added or, with Gone, deleted. If the first record of one has Gone,
	// the machine had it before. Peer and so on are of a deleted address.
	Addr  string            `json:"addr,omitempty"`
	More  *plan.AddrOptions `json:"more,omitempty"`
	Route *plan.Route       `json:"route,omitempty"`
	Rule  *plan.Rule        `json:"rule,omitempty"`
	Gone  bool              `json:"gone,omitempty"`
}

// key names what is recorded: of records with one key the first has what was before, and the
// last what is now.
func (r Record) key() string {
	key := string(r.Kind) + " " + r.Name + " " + r.Addr
	if r.Route != nil {
		key += fmt.Sprint(r.Route.Dst.Addr().Is6(), r.Route)
	}
	if r.Rule != nil {
		key += fmt.Sprint(r.Rule.Is6(), r.Rule)
	}
	return key
}

// line is a record as text: a checksum of its JSON, by which one that was torn is recognized.
func (r Record) line() ([]byte, error) {
	text, err := json.Marshal(r)
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text), err
}

// Parse reads a journal. What was torn at its end was not followed by its op, and is left out.
func Parse(text []byte) (records []Record) {
	for line := range bytes.Lines(text) {
		sum, body, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		want, err := strconv.ParseUint(string(sum), 16, 32)
		var r Record
		if err != nil || len(sum) != 8 || uint64(crc32.ChecksumIEEE(body)) != want || json.Unmarshal(body, &r) != nil {
			continue
		}
		records = append(records, r)
	}
	return records
}

// Journal is one that is being written. The caller closes it.
type Journal struct{ file *os.File }

// Create begins the journal of a lab. The error is fs.ErrExist where there is one.
func Create(begun Record) (*Journal, error) {
	dir := filepath.Dir(journalFile)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // any user may see which lab the machine has
		return nil, err
	}
	f, err := os.OpenFile(journalFile, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644) //nolint:gosec // likewise
	if err != nil {
		return nil, err
	}
	j := &Journal{f}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(j.Add(begun), syncDir(dir)); err != nil {
		return nil, errors.Join(err, os.Remove(journalFile), f.Close())
	}
	return j, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Add writes a record, and returns when it is where it stays.
func (j *Journal) Add(r Record) error {
	r.Time = time.Now()
	line, err := r.line()
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		return err
	}
	return j.file.Sync()
}

// Close ends the writing; the journal stays.
func (j *Journal) Close() error { return j.file.Close() }
