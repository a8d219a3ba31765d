package lsp

import (
	"context"
	"errors"
	"os"
)

// ServeStdio answers the editor that started this process.
func ServeStdio(ctx context.Context, c Config) error { return Serve(ctx, stdio{}, c) }

// stdio is standard input and output as one stream.
type stdio struct{}

func (stdio) Read(b []byte) (int, error)  { return os.Stdin.Read(b) }
func (stdio) Write(b []byte) (int, error) { return os.Stdout.Write(b) }
func (stdio) Close() error                { return errors.Join(os.Stdin.Close(), os.Stdout.Close()) }
