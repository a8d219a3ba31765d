package lsp_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"nsl/lang/lsp"
	"nsl/lang/script"
	"nsl/stdlib"
)

func language() script.Language {
	return script.Language{Table: stdlib.Table(), Library: stdlib.Std()}
}

// editor is the other end of a server.
type editor struct {
	t         testing.TB
	conn      *jsonrpc2.Conn
	published chan lsp.PublishDiagnostics
	served    chan error
	versions  map[string]int
}

func newEditor(t testing.TB) *editor {
	t.Helper()
	return newEditorOf(t, language())
}

func newEditorOf(t testing.TB, l script.Language) *editor {
	t.Helper()
	ours, theirs := net.Pipe()
	e := &editor{t: t, published: make(chan lsp.PublishDiagnostics, 100), served: make(chan error, 1), versions: map[string]int{}}
	go func() {
		e.served <- lsp.Serve(context.Background(), theirs, lsp.Config{Language: l, Version: "test"})
	}()
	e.conn = jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(ours, jsonrpc2.VSCodeObjectCodec{}),
		jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
			var p lsp.PublishDiagnostics
			if err := json.Unmarshal(*r.Params, &p); err != nil {
				return nil, err
			}
			e.published <- p
			return nil, nil
		}))
	t.Cleanup(func() { _ = e.conn.Close() })
	e.call("initialize", map[string]any{}, nil)
	e.notify("initialized", map[string]any{})
	return e
}

func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	if err := e.try(method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) try(method string, params, result any) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	var raw json.RawMessage
	if err := e.conn.Call(ctx, method, params, &raw); err != nil {
		return err
	}
	if result == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, result)
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(context.Background(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

type object = map[string]any

func (e *editor) open(uri, text string) {
	e.versions[uri]++
	e.notify("textDocument/didOpen", object{"textDocument": object{"uri": uri, "version": e.versions[uri], "languageId": "nsl", "text": text}})
}

func (e *editor) change(uri string, changes ...object) {
	e.versions[uri]++
	e.notify("textDocument/didChange", object{"textDocument": object{"uri": uri, "version": e.versions[uri]}, "contentChanges": changes})
}

// diagnostics waits for those of the last version of a document.
func (e *editor) diagnostics(uri string) []lsp.Diagnostic {
	e.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case p := <-e.published:
			if p.URI == uri && p.Version == e.versions[uri] {
				return p.Diagnostics
			}
		case <-deadline:
			e.t.Fatalf("%s: no diagnostics of version %d", uri, e.versions[uri])
		}
	}
}

// cursor takes the sign ‸ out of a text and says where it was.
func cursor(t testing.TB, text string) (string, lsp.Position) {
	t.Helper()
	before, after, ok := strings.Cut(text, "‸")
	if !ok {
		t.Fatal("there is no ‸ in the text")
	}
	line := strings.Count(before, "\n")
	last := before[strings.LastIndex(before, "\n")+1:]
	return before + after, lsp.Position{Line: line, Character: len([]rune(last))}
}

// ask opens a text with a cursor and asks about the place.
func (e *editor) ask(method, text string, more object, result any) error {
	e.t.Helper()
	text, at := cursor(e.t, text)
	e.open(doc, text)
	params := object{"textDocument": object{"uri": doc}, "position": at}
	for k, v := range more {
		params[k] = v
	}
	return e.try(method, params, result)
}

const doc = "file:///lab/a.nsl"
