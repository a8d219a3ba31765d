package host

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// maxJournal bounds what is read of a journal, in bytes.
const maxJournal = 1 << 30

// Left is what a journal says of the lab that the machine has.
type Left struct {
	Records []Record
	file    *os.File
}

// Find opens the journal; it is nil where the machine has no lab. The caller closes it.
func Find() (*Left, error) {
	f, err := os.Open(journalFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is no lab
	}
	if err != nil {
		return nil, err
	}
	l := &Left{file: f}
	if err := l.read(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

func (l *Left) read() error {
	text, err := io.ReadAll(io.NewSectionReader(l.file, 0, maxJournal))
	l.Records = Parse(text)
	return err
}

// Close gives the journal back.
func (l *Left) Close() error { return l.file.Close() }

// Begun is the first record; that of a journal that was torn before it is empty.
func (l *Left) Begun() Record {
	if len(l.Records) == 0 {
		return Record{}
	}
	return l.Records[0]
}

// Built reports whether the script has run to its end.
func (l *Left) Built() bool { return l.has(Built) }

// Unconfirmed reports whether the lab is undone unless it is confirmed.
func (l *Left) Unconfirmed() bool { return !l.Begun().Until.IsZero() && !l.has(Confirmed) }

func (l *Left) has(k Kind) bool {
	return slices.ContainsFunc(l.Records, func(r Record) bool { return r.Kind == k })
}

// Confirm records that the lab stays. It is for who has claimed the journal.
func (l *Left) Confirm() error {
	f, err := os.OpenFile(journalFile, os.O_WRONLY|os.O_APPEND, 0) // of that name, as none else may remove it now
	if err != nil {
		return err
	}
	j := &Journal{f}
	return errors.Join(j.Add(Record{Kind: Confirmed}), j.Close())
}

// Nodes counts the namespaces of the lab.
func (l *Left) Nodes() int {
	names := map[string]bool{}
	for _, r := range l.Records {
		if r.Kind == Namespace {
			names[r.Name] = true
		}
	}
	return len(names)
}

// Claim reports whether no process writes the journal, and reads it again, to its end; until Close
// none can then clean up beside this one. The error is fs.ErrNotExist where another process has
// cleaned up meanwhile.
func (l *Left) Claim() (bool, error) {
	if unix.Flock(int(l.file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return false, nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(l.file.Fd()), &st); err != nil {
		return false, err
	}
	if st.Nlink == 0 {
		return false, fs.ErrNotExist
	}
	return true, l.read()
}

// Remove removes the journal, once nothing of the lab is left. It is for who has claimed it.
func (l *Left) Remove() error { return os.Remove(journalFile) }
