// Package repl is the prompt: it reads statements, has an engine do them, and
// answers each in a line or two. It keeps what was typed, so that statements can
// be undone, done again, and saved as a script.
//
// Nothing of it knows what the lab is made of: [Run] is given a session, the
// terminal, and functions for what only the caller can do.
package repl
