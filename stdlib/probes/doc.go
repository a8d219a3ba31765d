// Package probes holds expect, require and skip, and the probes that expect
// and require know.
package probes
