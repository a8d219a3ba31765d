package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sourcegraph/jsonrpc2"

	"nsl/lang/script"
)

// errSuperseded answers requests about a text that has changed meanwhile.
var errSuperseded = &jsonrpc2.Error{Code: codeContentModified, Message: "the document has changed"}

// document is one version of a text that is open in the editor. It does not change: an
// edit makes another.
type document struct {
	server  *server
	uri     string
	version int
	lines

	ctx    context.Context //nolint:containedctx // the life of this version
	cancel context.CancelFunc
	once   sync.Once
	found  *analysis
	ready  atomic.Bool
}

func (s *server) newDocument(uri string, version int, text string) *document {
	d := &document{server: s, uri: uri, version: version, lines: newLines(text)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// analysis is what is known about the text. It is nil where another version came first.
func (d *document) analysis() *analysis {
	d.once.Do(func() {
		if a := d.analyse(); d.ctx.Err() == nil {
			d.found = a
			d.ready.Store(true)
		}
	})
	return d.found
}

// open is how the modules of a document are read: what the editor has open counts, saved
// or not.
func (s *server) open(below, name string) (io.ReadCloser, error) {
	s.mu.Lock()
	d := s.docs[fileURI(name)]
	s.mu.Unlock()
	if d != nil {
		return io.NopCloser(strings.NewReader(d.text)), nil
	}
	return script.OpenModule(below, name)
}

func didOpen(s *server, raw json.RawMessage) (answer, error) {
	var p about
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, invalid(err)
	}
	s.put(s.newDocument(p.uri(), p.TextDocument.Version, p.TextDocument.Text))
	return nil, nil
}

func changed(s *server, raw json.RawMessage) (answer, error) {
	var p didChange
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, invalid(err)
	}
	s.mu.Lock()
	old := s.docs[p.uri()]
	s.mu.Unlock()
	if old != nil {
		s.put(s.newDocument(p.uri(), p.TextDocument.Version, edited(old.text, p.ContentChanges)))
	}
	return nil, nil
}

func didClose(s *server, raw json.RawMessage) (answer, error) {
	var p about
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, invalid(err)
	}
	s.mu.Lock()
	d := s.docs[p.uri()]
	delete(s.docs, p.uri())
	s.mu.Unlock()
	if d != nil {
		d.cancel()
		s.publish(d, []Diagnostic{})
		s.again(d.uri)
	}
	return nil, nil
}

// filesChanged looks at all documents again: they may use what has changed.
func filesChanged(s *server, _ json.RawMessage) (answer, error) {
	s.again("")
	return nil, nil
}

// put takes a new version in, and looks at it and at what uses it.
func (s *server) put(d *document) {
	s.mu.Lock()
	old := s.docs[d.uri]
	s.docs[d.uri] = d
	s.mu.Unlock()
	if old != nil {
		old.cancel()
	}
	go d.report()
	s.again(d.uri)
}

// again looks anew at the documents that use a module, or at all of them.
func (s *server) again(module string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for uri, d := range s.docs {
		if uri == module || module != "" && !d.mayUse(module) {
			continue
		}
		d.cancel()
		next := s.newDocument(uri, d.version, d.text)
		s.docs[uri] = next
		go next.report()
	}
}

// mayUse reports whether a document uses a module, which is not known of one whose check
// has not ended.
func (d *document) mayUse(module string) bool {
	if !strings.Contains(d.text, "use") {
		return false
	}
	a := d.peek()
	return a == nil || a.uses[fileName(module)]
}

// peek is the analysis if it is there already.
func (d *document) peek() *analysis {
	if d.ready.Load() {
		return d.found
	}
	return nil
}

// report publishes what is wrong with a text, if it is still the one in the editor. A fault of
// the check is a finding, too: those of the last text would be shown for this one.
func (d *document) report() {
	list, err := guarded(func() ([]Diagnostic, error) {
		a := d.analysis()
		if a == nil {
			return nil, errSuperseded
		}
		return a.diagnostics(), nil
	})
	if errors.Is(err, errSuperseded) {
		return
	}
	if err != nil {
		summary, _, _ := strings.Cut(err.Error(), "\n")
		list = []Diagnostic{{Severity: severityError, Source: "nsl", Message: summary}}
	}
	d.server.publish(d, list)
}

func (s *server) publish(d *document, list []Diagnostic) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.mu.Lock()
	current, open := s.docs[d.uri]
	s.mu.Unlock()
	if open && current != d {
		return
	}
	if !open && len(list) > 0 {
		return
	}
	_ = s.conn.Notify(context.Background(), "textDocument/publishDiagnostics",
		PublishDiagnostics{d.uri, d.version, list}) // an editor that is gone reads nothing
}
