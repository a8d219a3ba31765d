// Package outside lets a process in a sandbox ask one that is not: to open a file
// that a person named, to keep a line that was typed, to stop until the person goes
// on. The process outside decides, and does it with its own rights; the one inside
// gets an open file.
//
// It is for nsl's own processes. Programs of a lab have no descriptor to ask on.
package outside
