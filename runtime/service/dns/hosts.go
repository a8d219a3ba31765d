package dns

import (
	"bufio"
	"io"
	"net/netip"
	"strings"
)

// HostsTable is a hosts(5) file that was read.
type HostsTable struct {
	addrs map[string][]netip.Addr
	names map[netip.Addr][]string
}

// ReadHosts reads a hosts(5) file. Lines that have no address are left out, as
// the C library does it.
func ReadHosts(r io.Reader) (*HostsTable, error) {
	t := &HostsTable{addrs: map[string][]netip.Addr{}, names: map[netip.Addr][]string{}}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		a, err := netip.ParseAddr(words[0])
		if err != nil {
			continue
		}
		a = a.Unmap()
		for _, name := range words[1:] {
			key := strings.ToLower(strings.TrimSuffix(name, "."))
			t.addrs[key] = append(t.addrs[key], a)
			t.names[a] = append(t.names[a], name)
		}
	}
	return t, lines.Err()
}

// Addrs are the addresses of a name, in any case, in the order of the file.
func (t *HostsTable) Addrs(name string) []netip.Addr { return t.addrs[strings.ToLower(name)] }

// Names are the names of an address, in the order of the file.
func (t *HostsTable) Names(a netip.Addr) []string { return t.names[a] }
