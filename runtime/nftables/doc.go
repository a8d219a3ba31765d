// Package nftables reads the commands of nft(8), and makes of them the tables that the program
// (nft 1.0) would make: the kernel's descriptions are the same. What it does not know is
// [ErrUnsupported]: the program itself has to do it.
package nftables

import "errors"

// ErrUnsupported is a command that only the program itself can do.
var ErrUnsupported = errors.New("only the program itself can do this")

// What cannot be done.
var (
	errNoTable = errors.New("there is no such table")
	errNoChain = errors.New("there is no such chain")
	errNoSet   = errors.New("there is no such set")
	errExists  = errors.New("it exists already")
	errBusy    = errors.New("it is in use: it has rules, or a rule leads to it")
	errNoEntry = errors.New("there is no such element")
)

// unsupported ends the reading of a command; [Parse] and [Command.Edit] recover it.
type unsupported struct{ err error }

func fail(err error) { panic(unsupported{err}) }

// need ends the reading unless something holds.
func need(holds bool) {
	if !holds {
		fail(ErrUnsupported)
	}
}

// catch makes an error of what ended the reading.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case unsupported:
		*err = r.err
	default:
		panic(r)
	}
}
