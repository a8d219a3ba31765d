package plan

import "context"

// undoKey marks a context in which ops undo others.
type undoKey struct{}

// Undoing is a context in which ops undo others. If numbers, what they make again gets the
// interface numbers that it had.
func Undoing(ctx context.Context, numbers bool) context.Context {
	return context.WithValue(ctx, undoKey{}, numbers)
}

// IsUndo reports whether ops undo others, and whether old numbers are wanted.
func IsUndo(ctx context.Context) (undo, numbers bool) {
	numbers, undo = ctx.Value(undoKey{}).(bool)
	return undo, numbers
}
