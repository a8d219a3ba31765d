package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/importing/topology"
	"nsl/runtime/sandbox"
)

// Script is a shell script to import.
type Script struct {
	Language script.Language
	// File is its name, and Args are its arguments.
	File string
	Args []string
	// Flat: each command is a line of its own.
	Flat bool
	// Timeout is how long the script may run; what it has built then is imported.
	Timeout time.Duration
	// Uplink is the name of an interface of the host to the stand-in of the internet.
	Uplink string
}

// Result is an import.
type Result struct {
	// Text is the lab.
	Text string
	// Differences are lines of the kernel's state that the lab has (+) or lacks (-); none
	// if it is equal.
	Differences []string
	// Summary is what is equal.
	Summary string
	// Passed is the number of commands that the programs themselves do in the lab.
	Passed int
	// Late: the time of the script was up.
	Late bool
}

// Equal reports whether the lab is what the script builds.
func (r Result) Equal() bool { return len(r.Differences) == 0 }

// Import runs the script and proves the lab. The error is a diagnostic, or that of a
// sandbox that cannot be made.
func (s Script) Import(ctx context.Context) (Result, error) {
	text, path, err := s.read()
	if err != nil {
		return Result{}, err
	}
	rec, err := inside[Recording](ctx, path, order{Record: &toRecord{Path: path, Text: text, Files: beside(path, text),
		Args: s.Args, Uplink: s.Uplink, Timeout: s.Timeout}})
	if err != nil {
		return Result{}, err
	}
	w := &writer{Recording: rec, script: text, uplink: s.Uplink, table: s.Language.Table,
		levels: map[int]level{}, refused: map[owner]bool{}}
	if !s.Flat {
		if r, ok, err := s.short(ctx, path, w); ok || err != nil {
			return r, err
		}
	}
	r, err := s.prove(ctx, path, w)
	if err != nil || s.Flat || !r.Equal() {
		return r, err
	}
	if shorter, ok, err := s.short(ctx, path, w); ok || err != nil {
		return shorter, err
	}
	return r, nil
}

// read is the text of the script, and the path by which it runs: that of a topology is
// beside the files of the lab.
func (s Script) read() (text, path string, err error) {
	name := s.File
	lab, is, err := topology.Read(name)
	switch {
	case is && err != nil:
		return "", "", diag.List{diag.Errorf("", source.Span{}, "%v", err)}
	case is:
		name, text = filepath.Join(lab.Dir, "nsl-import.sh"), lab.Script
	default:
		data, err := os.ReadFile(name)
		if err != nil {
			return "", "", diag.List{s.Language.Unreadable(name, err)}
		}
		text = string(data)
	}
	if path, err = filepath.Abs(name); err != nil {
		return "", "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); is && err == nil {
		return text, filepath.Join(dir, filepath.Base(path)), nil
	}
	if end, err := filepath.EvalSymlinks(path); err == nil {
		path = end
	}
	return text, path, nil
}

// short writes the lab in fewer statements; ok is false if that does not run, or is not equal.
func (s Script) short(ctx context.Context, path string, w *writer) (r Result, ok bool, err error) {
	w.fold = true
	defer func() { w.fold = false }()
	r = Result{Text: w.write(), Late: w.Late, Passed: w.passed()}
	sc, list := s.check(r.Text)
	if list.HasErrors() {
		return r, false, nil
	}
	played, err := inside[Replayed](ctx, path, order{Replay: &toReplay{Script: sc, Settings: w.settings()}})
	r.Summary = played.State.summary()
	return r, err == nil && len(played.Found) == 0 && len(w.State.differences(played.State)) == 0, err
}

// check checks a lab as a run does.
func (s Script) check(text string) (script.Script, diag.List) {
	set := setOf(text)
	return s.Language.Check(set, set.Files()[0], script.DefaultOptions().Run(), check.Walk)
}

func setOf(text string) *source.Set {
	set := &source.Set{}
	set.Add("lab.nsl", text)
	return set
}

// maxRounds bounds how often a lab is written anew.
const maxRounds = 40

// prove runs the lab, and writes it anew without what the run does not take, until it is
// equal or nothing is left to try.
func (s Script) prove(ctx context.Context, path string, w *writer) (Result, error) {
	var r Result
	for range maxRounds {
		r = Result{Text: w.write(), Late: w.Late}
		sc, list := s.check(r.Text)
		if found := findings(placer{setOf(r.Text)}, list); len(found) > 0 {
			if w.degrade(found) {
				continue
			}
			return r, list
		}
		played, err := inside[Replayed](ctx, path, order{Replay: &toReplay{Script: sc, Settings: w.settings()}})
		if err != nil {
			return r, err
		}
		if len(played.Found) > 0 && w.degrade(played.Found) {
			continue
		}
		r.Passed = w.passed()
		r.Summary, r.Differences = played.State.summary(), w.State.differences(played.State)
		for _, f := range played.Found {
			r.Differences = append(r.Differences, fmt.Sprintf("line %d: %s", f.Line, f.Text))
		}
		if r.Equal() || !w.repair(r.Differences) {
			break
		}
	}
	return r, nil
}

// inside does work in a sandbox of its own, and reads its result.
func inside[T any](ctx context.Context, path string, o order) (v T, err error) {
	payload, err := json.Marshal(o)
	if err != nil {
		return v, err
	}
	results, events, err := os.Pipe()
	if err != nil {
		return v, err
	}
	defer results.Close()
	type read struct {
		text []byte
		err  error
	}
	got := make(chan read, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(results, maxResult))
		got <- read{text, err}
	}()
	code, err := sandbox.Run(ctx, sandbox.Config{Args: []string{Mode}, Payload: payload, Events: events, Stderr: os.Stderr,
		Env: sandbox.Environ(os.Environ()), Dir: filepath.Dir(path), Scratch: true})
	_ = events.Close()
	r := <-got
	if err = errors.Join(err, r.err); err != nil {
		return v, err
	}
	if code != 0 {
		return v, diag.List{diag.New("", diag.Machine, source.Span{}, "the sandbox of the import ended with exit code %d", code)}
	}
	err = json.Unmarshal(r.text, &v)
	return v, err
}

const maxResult = 256 << 20

// Limits of the files that a script has beside it.
const (
	maxFile  = 1 << 20
	maxFiles = 500
)

// beside are the files next to a script that it names, and those that these name.
func beside(path, text string) []file {
	b := neighbours{seen: map[string]bool{path: true}, texts: []string{text}}
	for len(b.texts) > 0 && len(b.list) < maxFiles {
		text := b.texts[0]
		b.texts = b.texts[1:]
		entries, _ := os.ReadDir(filepath.Dir(path))
		for _, e := range entries {
			name := filepath.Join(filepath.Dir(path), e.Name())
			if b.seen[name] || strings.HasPrefix(e.Name(), ".") || !strings.Contains(text, e.Name()) {
				continue
			}
			b.seen[name] = true
			_ = filepath.WalkDir(name, b.add)
		}
	}
	return b.list
}

// neighbours collects files, and their texts that may name others.
type neighbours struct {
	seen  map[string]bool
	texts []string
	list  []file
}

// add takes a file that is not too large; what cannot be read is left out.
func (b *neighbours) add(at string, d os.DirEntry, err error) error {
	if err != nil || !d.Type().IsRegular() || len(b.list) >= maxFiles {
		return nil //nolint:nilerr // the script will say what it lacks
	}
	info, err := d.Info()
	if err != nil || info.Size() > maxFile {
		return nil //nolint:nilerr // likewise
	}
	if data, err := os.ReadFile(at); err == nil {
		b.list = append(b.list, file{at, uint32(info.Mode().Perm() | 0o400), data})
		b.texts = append(b.texts, string(data))
	}
	return nil
}
