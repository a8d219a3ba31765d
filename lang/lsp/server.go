// Package lsp is nsl's language server: it answers editors, by the Language Server
// Protocol 3.17. What it says of a script are the findings, plans and help that the
// readers of the language have; nothing is run, and no file is written.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"sync"

	"github.com/sourcegraph/jsonrpc2"

	"nsl/lang/script"
)

// Config is what the server answers with.
type Config struct {
	Language script.Language
	// Version is that of nsl.
	Version string
}

// ErrNoShutdown means that the editor left without saying so.
var ErrNoShutdown = errors.New("the editor closed the connection without a shutdown request")

// codeContentModified and codeCancelled are the specification's.
const (
	codeContentModified = -32801
	codeCancelled       = -32800
)

// server serves one editor.
type server struct {
	Config
	conn *jsonrpc2.Conn

	mu        sync.Mutex
	docs      map[string]*document
	calls     map[string]context.CancelFunc
	shutdown  bool
	exited    chan struct{}
	exitsOnce sync.Once

	// publishing keeps findings about one document in the order of its versions.
	publishing sync.Mutex
}

// Serve answers an editor until it sends exit, closes the stream, or ctx ends.
func Serve(ctx context.Context, stream io.ReadWriteCloser, c Config) error {
	s := &server{Config: c, docs: map[string]*document{}, calls: map[string]context.CancelFunc{}, exited: make(chan struct{})}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan struct{})
	s.conn = jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(stream, jsonrpc2.VSCodeObjectCodec{}),
		handler(func(ctx context.Context, r *jsonrpc2.Request) {
			<-ready
			s.handle(ctx, r)
		}), jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	close(ready)
	select {
	case <-s.exited:
	case <-s.conn.DisconnectNotify():
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.docs {
		d.cancel()
	}
	if !s.shutdown {
		return ErrNoShutdown
	}
	return nil
}

type handler func(context.Context, *jsonrpc2.Request)

// Handle implements jsonrpc2.Handler.
func (h handler) Handle(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) { h(ctx, r) }

// answer finds the result of a request; it may take its time.
type answer func(ctx context.Context) (any, error)

// method begins a request or notification in the order in which they came. What is left
// to be done for a request is its answer.
type method func(s *server, params json.RawMessage) (answer, error)

func methods() map[string]method {
	return map[string]method{
		"initialize":                       initialize,
		"initialized":                      ignored,
		"shutdown":                         shutdown,
		"exit":                             exit,
		"$/cancelRequest":                  cancel,
		"$/setTrace":                       ignored,
		"workspace/didChangeConfiguration": ignored,
		"workspace/didChangeWatchedFiles":  filesChanged,
		"textDocument/didOpen":             didOpen,
		"textDocument/didChange":           changed,
		"textDocument/didSave":             ignored,
		"textDocument/didClose":            didClose,
		"textDocument/hover":               ask(hovered),
		"textDocument/completion":          ask(completed),
		"textDocument/signatureHelp":       ask(signed),
		"textDocument/definition":          ask(defined),
		"textDocument/references":          ask(referenced),
		"textDocument/documentHighlight":   ask(highlighted),
		"textDocument/prepareRename":       ask(renameable),
		"textDocument/rename":              ask(renamed),
		"textDocument/documentSymbol":      ask(outlined),
		"workspace/symbol":                 symbols,
		"textDocument/foldingRange":        ask(folded),
		"textDocument/documentLink":        ask(linked),
		"textDocument/codeLens":            ask(lenses),
		"textDocument/codeAction":          ask(actions),
		"textDocument/formatting":          ask(formatted),
		"textDocument/rangeFormatting":     ask(formattedRange),
		"textDocument/inlayHint":           ask(hinted),
		"textDocument/semanticTokens/full": ask(coloured),
	}
}

// ask is a request about a document, which is answered for the text that it has now.
func ask[P interface{ uri() string }](f func(context.Context, *document, P) (any, error)) method {
	return func(s *server, raw json.RawMessage) (answer, error) {
		var p P
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, invalid(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		d := s.docs[p.uri()]
		if d == nil {
			return nil, invalid(fmt.Errorf("%s is not open", p.uri()))
		}
		return func(ctx context.Context) (any, error) { return f(ctx, d, p) }, nil
	}
}

func invalid(err error) error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
}

// handle begins one message; it is called for one after the other.
func (s *server) handle(ctx context.Context, r *jsonrpc2.Request) {
	m, ok := methods()[r.Method]
	if !ok {
		if !r.Notif {
			s.reply(ctx, r, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "no method " + r.Method})
		}
		return
	}
	var params json.RawMessage
	if r.Params != nil {
		params = *r.Params
	}
	then, err := guarded(func() (answer, error) { return m(s, params) })
	if r.Notif {
		return
	}
	if err != nil || then == nil {
		s.reply(ctx, r, nil, err)
		return
	}
	ctx, stop := context.WithCancel(ctx)
	id := r.ID.String()
	s.mu.Lock()
	s.calls[id] = stop
	s.mu.Unlock()
	go func() {
		defer stop()
		result, err := guarded(func() (any, error) { return then(ctx) })
		s.mu.Lock()
		delete(s.calls, id)
		s.mu.Unlock()
		if ctx.Err() != nil {
			err = &jsonrpc2.Error{Code: codeCancelled, Message: "cancelled"}
		}
		s.reply(context.WithoutCancel(ctx), r, result, err)
	}()
}

// guarded makes an error of a panic: a fault of the server ends one answer, and not the
// editor's session.
func guarded[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("nsl failed: %v\n%s", p, debug.Stack())}
		}
	}()
	return f()
}

// reply answers a request. An editor that is gone needs no answer.
func (s *server) reply(ctx context.Context, r *jsonrpc2.Request, result any, err error) {
	var known *jsonrpc2.Error
	switch {
	case err == nil:
		_ = s.conn.Reply(ctx, r.ID, result)
	case errors.As(err, &known):
		_ = s.conn.ReplyWithError(ctx, r.ID, known)
	default:
		_ = s.conn.ReplyWithError(ctx, r.ID, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: err.Error()})
	}
}

func ignored(*server, json.RawMessage) (answer, error) { return nil, nil }

func shutdown(s *server, _ json.RawMessage) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shutdown = true
	return nil, nil
}

func exit(s *server, _ json.RawMessage) (answer, error) {
	s.exitsOnce.Do(func() { close(s.exited) })
	return nil, nil
}

func cancel(s *server, raw json.RawMessage) (answer, error) {
	var p cancelParams
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, invalid(err)
	}
	var id jsonrpc2.ID
	if err := json.Unmarshal(p.ID, &id); err != nil {
		return nil, invalid(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stop := s.calls[id.String()]; stop != nil {
		stop()
	}
	return nil, nil
}

// initialize says what the server can do.
func initialize(s *server, _ json.RawMessage) (answer, error) {
	result := map[string]any{
		"serverInfo": map[string]string{"name": "nsl", "version": s.Version},
		"capabilities": map[string]any{
			"positionEncoding":                "utf-16",
			"textDocumentSync":                map[string]any{"openClose": true, "change": 2},
			"hoverProvider":                   true,
			"completionProvider":              map[string]any{"triggerCharacters": []string{" ", ":", "/", "=", "$", "<"}},
			"signatureHelpProvider":           map[string]any{"triggerCharacters": []string{" "}},
			"definitionProvider":              true,
			"referencesProvider":              true,
			"documentHighlightProvider":       true,
			"renameProvider":                  map[string]any{"prepareProvider": true},
			"documentSymbolProvider":          true,
			"workspaceSymbolProvider":         true,
			"foldingRangeProvider":            true,
			"documentLinkProvider":            map[string]any{},
			"codeLensProvider":                map[string]any{},
			"codeActionProvider":              map[string]any{"codeActionKinds": []string{actionFix, actionRewrite}},
			"documentFormattingProvider":      true,
			"documentRangeFormattingProvider": true,
			"inlayHintProvider":               true,
			"semanticTokensProvider": map[string]any{"full": true,
				"legend": map[string]any{"tokenTypes": tokenTypes(), "tokenModifiers": []string{"declaration"}}},
		},
	}
	return func(context.Context) (any, error) { return result, nil }, nil
}
