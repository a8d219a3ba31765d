package names

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// dnsRecord is a name and what is known of it.
type dnsRecord struct {
	Name  syntax.Domain    `parser:"@@"`
	Alias *syntax.Domain   `parser:"( ('cname' | 'CNAME') @@"`
	Mail  *dnsMail         `parser:"| ('mx' | 'MX') @@"`
	Texts []syntax.Free    `parser:"| ('txt' | 'TXT') @@+"`
	Addrs []syntax.Address `parser:"| ('a' | 'A' | 'aaaa' | 'AAAA')? @@+ )?"`
}

// dnsMail is where the mail of a domain goes.
type dnsMail struct {
	// First is the server, or its preference when a Second word follows.
	First  syntax.Domain  `parser:"@@"`
	Second *syntax.Domain `parser:"@@?"`
}

// recordTTL is the time to live of a record, in seconds.
const recordTTL = 60

// lines are the records in the form of a master file (RFC 1035, section 5).
func (r dnsRecord) lines(domain string) []string {
	name := absolute(r.Name, domain)
	line := func(kind, data string) string { return fmt.Sprintf("%s %d IN %s %s", name, recordTTL, kind, data) }
	switch {
	case r.Alias != nil:
		return []string{line("CNAME", absolute(*r.Alias, domain))}
	case r.Mail != nil:
		return []string{line("MX", fmt.Sprintf("%d %s", r.Mail.preference(), absolute(r.Mail.server(), domain)))}
	case len(r.Texts) > 0:
		var words []string
		for _, t := range r.Texts {
			words = append(words, masterQuote(t.Value))
		}
		return []string{line("TXT", strings.Join(words, " "))}
	}
	var lines []string
	for _, a := range r.Addrs {
		lines = append(lines, addressRecord(name, a.Addr().WithZone("")))
	}
	return lines
}

// addressRecord is an A or AAAA record.
func addressRecord(name string, a netip.Addr) string {
	kind := "A"
	if a.Is6() {
		kind = "AAAA"
	}
	return fmt.Sprintf("%s %d IN %s %s", name, recordTTL, kind, a)
}

// absolute is a name with a dot at its end; one of a single label is below the
// domain, unless it is the domain.
func absolute(d syntax.Domain, domain string) string {
	name := d.Name()
	if !strings.Contains(d.Value, ".") && domain != "" && name != domain {
		name += "." + domain
	}
	return name + "."
}

// masterQuote spells a text of a record: bytes that are no printable ASCII
// letters are written by their number (RFC 1035, section 5.1).
func masterQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// maxText is the longest string of a TXT record, in bytes (RFC 1035, section 3.3).
const maxText = 255

// clashes finds records that exclude each other.
func clashes(records []dnsRecord) diag.List {
	var list diag.List
	seen := map[string]dnsRecord{}
	for _, r := range records {
		name := r.Name.Name()
		other, twice := seen[name]
		switch {
		case r.Alias != nil && r.Alias.Name() == name:
			list.Add(diag.Errorf(diag.BadRecord, r.Alias.Span, "%s would be an alias of itself", name).
				WithHelp("write the name that it is an alias of"))
		case twice && (r.Alias != nil || other.Alias != nil):
			list.Add(diag.Errorf(diag.BadRecord, r.Name.Span, "%s is an alias, and an alias has no other records", name).
				WithHelp("remove one of the two lines (RFC 1034, section 3.6.2)").WithRelated(other.Name.Span, "the other is here"))
		}
		seen[name] = r
		list.Add(r.problem())
	}
	return list
}

// isEmpty reports a name with no record data.
func (r dnsRecord) isEmpty() bool {
	return r.Alias == nil && r.Mail == nil && len(r.Texts) == 0 && len(r.Addrs) == 0
}

func (r dnsRecord) problem() *diag.Diagnostic {
	for _, t := range r.Texts {
		if len(t.Value) > maxText {
			return diag.Errorf(diag.BadRecord, t.Span, "a text has at most %d bytes; this one has %d", maxText, len(t.Value)).
				WithHelp("cut it in two: %s txt \"…\" \"…\"", r.Name.Value)
		}
	}
	if r.Mail != nil && r.Mail.preference() < 0 && !r.Mail.First.Dynamic {
		return diag.Errorf(diag.BadNumber, r.Mail.First.Span, "the preference of a mail server is a number from 0 to 65535, not %s", r.Mail.First.Value).
			WithHelp("the lowest is asked first: %s mx 10 %s", r.Name.Value, r.Mail.Second.Value)
	}
	for _, a := range r.Addrs {
		if addr := a.Addr(); !a.Dynamic && (addr.IsUnspecified() || addr.IsMulticast() || addr.Zone() != "") {
			return diag.Errorf(diag.BadRecord, a.Span, "%s cannot be the address of a name", a.Value).
				WithHelp("write the address of a host")
		}
	}
	return nil
}

// usualPreference is that of a mail server when none is given.
const usualPreference = 10

// preference is -1 when it is no number of 16 bits.
func (m *dnsMail) preference() int {
	if m.Second == nil {
		return usualPreference
	}
	n, err := strconv.ParseUint(m.First.Value, 10, 16)
	if err != nil {
		return -1
	}
	return int(n)
}

func (m *dnsMail) server() syntax.Domain {
	if m.Second == nil {
		return m.First
	}
	return *m.Second
}
