package diag

import "nsl/lang/source"

// NotAPort is about a word that is no port number; the example shows one in its
// place.
func NotAPort(at source.Span, word, example string) *Diagnostic {
	return Errorf(BadPort, at, "%q is not a port", word).
		WithHelp("a port is a number from 1 to 65535: %s", example)
}

// NotAStatus is about a word that is no status of an HTTP answer from the least on.
func NotAStatus(at source.Span, word string, least int) *Diagnostic {
	return Errorf(BadNumber, at, "%s is not an HTTP status", word).
		WithHelp("200 is OK, 404 not found, 503 unavailable: anything from %d to 599", least)
}
