// Package engine runs statements: evaluate, plan, apply, undo.
package engine
