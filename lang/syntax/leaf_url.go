package syntax

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// URL is what an HTTP probe asks for: http://blue:8080/path, or just a node.
type URL struct{ Text }

// Parse takes one word.
func (u *URL) Parse(lex *lexer.PeekingLexer) error { return u.Text.Parse(lex) }

// Completes implements [Completer].
func (URL) Completes() []Completion { return []Completion{URLs} }

const httpScheme = "http://"

// parse is the URL; a word without a scheme is a host with what follows.
func (u URL) parse() (*url.URL, error) {
	text := u.Value
	switch a, err := netip.ParseAddr(text); {
	case err == nil && a.Is6():
		text = httpScheme + "[" + text + "]"
	case !strings.Contains(text, "://"):
		text = httpScheme + text
	}
	return url.Parse(escapedZone(text))
}

// escapedZone writes the zone of an address as a URL must have it: people write
// [fe80::5%eth0], RFC 6874 wants [fe80::5%25eth0].
func escapedZone(text string) string {
	host, rest, ok := strings.Cut(text, "]")
	if !ok || !strings.Contains(host, "[") || strings.Contains(host, "%25") {
		return text
	}
	return strings.Replace(host, "%", "%25", 1) + "]" + rest
}

// User is the user's name and password for the request's basic authentication, ""
// where the URL has none.
func (u URL) User() (name, password string) {
	p, err := u.parse()
	if err != nil || p.User == nil {
		return "", ""
	}
	password, _ = p.User.Password()
	return p.User.Username(), password
}

// Target is the host: a node, an address or a name.
func (u URL) Target() Target {
	t := u.Text
	if p, err := u.parse(); err == nil {
		t.Value = p.Hostname()
	}
	from := 0
	if i := strings.Index(u.Value, "://"); i >= 0 {
		from = i + len("://")
	}
	if i := strings.Index(u.Value[from:], t.Value); i >= 0 && !t.Quoted {
		t.Span.Start += from + i
		t.Span.End = t.Span.Start + len(t.Value)
	}
	return Target{t}
}

// Port is the number after the host, 80 if there is none.
func (u URL) Port() int {
	p, err := u.parse()
	if err != nil || p.Port() == "" {
		return 80
	}
	n, _ := portNumber(p.Port())
	return n
}

// Host is what the header of the request says when the target is that host.
func (u URL) Host(host string) string {
	host, _, _ = strings.Cut(host, "%") // a zone is of no use to others (RFC 6874)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p, err := u.parse(); err == nil && p.Port() != "" {
		return host + ":" + p.Port()
	}
	return host
}

// Path begins with a slash and holds the query.
func (u URL) Path() string {
	p, err := u.parse()
	if err != nil {
		return "/"
	}
	return p.RequestURI()
}

// wrong is about a URL that cannot be asked for, whose text is the one argument.
func (u URL) wrong(format string) *diag.Diagnostic {
	return diag.Errorf(diag.BadURL, u.Span, format, u.Value).WithHelp("write it as http://blue:8080/path")
}

// Problem reports what cannot be asked for.
func (u URL) Problem() *diag.Diagnostic {
	p, err := u.parse()
	switch {
	case u.Value == "http:" || u.Value == "http:/":
		return u.wrong("%s names no host")
	case err != nil:
		return u.wrong("%q is not a URL")
	case p.Scheme == "https":
		return diag.Errorf(diag.BadURL, u.Span, "the probe http does not support https").
			WithHelp("ask with a program: expect exec red curl -k %s", u.Value)
	case p.Scheme != "http":
		return diag.Errorf(diag.BadURL, u.Span, "the probe http does not support %s", p.Scheme).
			WithHelp("write http://%s", p.Host+p.RequestURI())
	case p.Hostname() == "":
		return u.wrong("%s names no host")
	case p.Port() != "":
		if d := portProblem(u.Text, p.Port(), p.Hostname()); d != nil {
			return d
		}
	}
	if p.Hostname() == "*" {
		return nil
	}
	return u.Target().Problem()
}

// URLSet is one URL, or a list of them.
type URLSet struct {
	List   []URL `parser:"  '<' @@* '>'"`
	Single *URL  `parser:"| @@"`
}

// URLs are those that are named.
func (s URLSet) URLs() []URL {
	if s.Single != nil {
		return []URL{*s.Single}
	}
	return s.List
}
