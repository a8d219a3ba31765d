package services_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// recorded has a web server in blue, and another machine on the switch.
const recorded = `auto dual
ns red blue green
bridge sw <red blue green>
serve http blue
`

// traffic is what each capture sees, or not.
const traffic = `
expect ping red -> <192.168.15.2 fd00:15::2>
expect ping green -> 192.168.15.2
expect http red -> <http://192.168.15.2/ http://[fd00:15::2]/>
expect not tcp red -> 192.168.15.2:81
`

// record runs a lab in a directory of its own, where its files stay.
func record(t *testing.T, script string) labs.Result {
	t.Helper()
	t.Chdir(t.TempDir())
	return labs.Do(t, labs.Job{Script: script, Files: true})
}

func mustRecord(t *testing.T, script string) {
	t.Helper()
	if r := record(t, script); r.Err != "" || r.Failed > 0 {
		t.Fatalf("%s, %d failed\n%s", r.Err, r.Failed, r.Out)
	}
}

// packets are a file as tcpdump prints it, a line for each.
func packets(t *testing.T, file string) []string {
	t.Helper()
	out, err := exec.Command("tcpdump", "-n", "-t", "-r", file).Output()
	if err != nil {
		t.Fatalf("tcpdump does not read %s: %v", file, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// count is the number of lines with all of the words.
func count(lines []string, words ...string) int {
	n := 0
	for _, l := range lines {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(l, w) }) {
			n++
		}
	}
	return n
}

// tcpdump reads what is recorded: all of it, or what the filter says.
func TestCapture(t *testing.T) {
	labtest.NeedPrograms(t, "tcpdump")
	mustRecord(t, recorded+`
capture red "all.pcapng"
capture red "icmp.pcapng" icmp host blue
capture sw "hosts.pcapng" host red host 192.168.15.2
capture blue "web.pcapng" tcp port 80
capture blue "port.pcapng" host fd00:15::/64 port 80
capture green "arp.pcapng" arp host green
capture blue "none.pcapng" udp
`+traffic)
	all := packets(t, "all.pcapng")
	for _, want := range [][]string{
		{"192.168.15.1 > 192.168.15.2: ICMP echo request"}, {"192.168.15.2 > 192.168.15.1: ICMP echo reply"},
		{"fd00:15::1 > fd00:15::2: ICMP6, echo request"}, {"ARP, Request who-has 192.168.15.2 tell 192.168.15.1"},
		{"192.168.15.2.80", "HTTP: HTTP/1.1 200 OK"}, {"fd00:15::2.80", "HTTP: GET / HTTP/1.1"}, {"192.168.15.2.81", "[S]"},
	} {
		if count(all, want...) == 0 {
			t.Errorf("%q is not there:\n%s", want, strings.Join(all, "\n"))
		}
	}
	for file, want := range map[string][]string{
		"icmp.pcapng": {"192.168.15.1 > 192.168.15.2: ICMP echo request"}, "hosts.pcapng": {"192.168.15.1 > 192.168.15.2: ICMP echo request"},
		"web.pcapng": {"GET", "192.168.15.2.80"}, "port.pcapng": {"GET", "fd00:15::2.80"}, "arp.pcapng": {"ARP, Request who-has 192.168.15.2 tell 192.168.15.3"},
	} {
		if got := packets(t, file); count(got, want...) == 0 {
			t.Errorf("%s has no %q:\n%s", file, want, strings.Join(got, "\n"))
		}
	}
	if got := packets(t, "none.pcapng"); len(got) != 1 || got[0] != "" {
		t.Errorf("none.pcapng has packets: %q", got)
	}
	for file, not := range map[string][]string{
		"icmp.pcapng": {"Flags"}, "hosts.pcapng": {"192.168.15.3", "IP6"}, "web.pcapng": {"ICMP", ".81"},
		"port.pcapng": {"192.168"}, "arp.pcapng": {"who-has 192.168.15.2 tell 192.168.15.1,"},
	} {
		for _, word := range not {
			if got := packets(t, file); count(got, word) > 0 {
				t.Errorf("%s has %q:\n%s", file, word, strings.Join(got, "\n"))
			}
		}
	}
}

// Interfaces of several nodes share a file, each under its name, and the packets
// are in their order: from red over its port of the switch to blue.
func TestCaptureAlongTheWay(t *testing.T) {
	mustRecord(t, recorded+`
capture <red:veth-red veth-red-br sw blue> "way.pcapng" icmp host red host fd00:15::2
expect ping red -> fd00:15::2
kill capture
expect ping red -> fd00:15::2
`)
	f, err := os.Open("way.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"red/veth-red", "host/veth-red-br", "host/sw", "blue/veth-blue"}
	var way []string
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		const icmpType = 14 + 40
		if echo := data[icmpType] == 128 || data[icmpType] == 129; echo && names[info.InterfaceIndex] != "host/sw" {
			way = append(way, names[info.InterfaceIndex])
		}
	}
	for i, want := range names {
		if got, err := r.Interface(i); err != nil || got.Name != want {
			t.Errorf("interface %d is %q, %v; want %q", i, got.Name, err, want)
		}
		if got, err := r.Interface(i); err == nil && got.Statistics.PacketsReceived < 2 {
			t.Errorf("%s: %+v", want, got.Statistics)
		}
	}
	want := []string{names[0], names[1], names[3], names[3], names[1], names[0]}
	if !slices.Equal(way, want) {
		t.Errorf("the request and the reply of one ping went %q, want %q", way, want)
	}
}

// A capture ends with its test block, with its node, and when its interface goes.
func TestCaptureEnds(t *testing.T) {
	labtest.NeedPrograms(t, "tcpdump")
	mustRecord(t, recorded+`
test "for a while" {
  capture red "test.pcapng" icmp
  expect ping red -> 192.168.15.2
}
expect ping red -> 192.168.15.3
capture <green blue> "both.pcapng" icmp
expect ping blue -> 192.168.15.3
delete blue:veth-blue
expect ping red -> 192.168.15.3
delete green
expect not ns green
`)
	if got := packets(t, "test.pcapng"); count(got, "192.168.15.2: ICMP echo request") == 0 || count(got, "192.168.15.3") > 0 {
		t.Errorf("test.pcapng:\n%s", strings.Join(got, "\n"))
	}
	got := packets(t, "both.pcapng")
	for _, sender := range []string{"192.168.15.1", "192.168.15.2"} {
		if count(got, sender+" > 192.168.15.3: ICMP echo request") == 0 {
			t.Errorf("both.pcapng has nothing from %s:\n%s", sender, strings.Join(got, "\n"))
		}
	}
}

// A file that cannot be written is reported with its line and a fix, and an
// interrupted statement leaves nothing running.
func TestCaptureFileErrors(t *testing.T) {
	for file, want := range map[string][]string{
		"nodir/x.pcapng": {"nodir/x.pcapng cannot be written: no such file or directory [NSL124]", "the lab has no directory nodir; if it is yours, give it to the lab: --grant write=nodir"},
		".":              {". cannot be written: is a directory [NSL124]", "name a file in it"},
		"/dev/full":      {"/dev/full cannot be written: no space left on device [NSL124]", "make room, or record less"},
		"/proc/version":  {"/proc/version cannot be written: ", "[NSL124]"},
	} {
		t.Run(file, func(t *testing.T) {
			r := record(t, "ns red\ncapture red:lo \""+file+"\"\n")
			if r.Err == "" {
				t.Errorf("it was written:\n%s", r.Out)
			}
			for _, w := range append(want, "lab.nsl:2:") {
				if !strings.Contains(r.Out, w) {
					t.Errorf("%q is not said:\n%s", w, r.Out)
				}
			}
		})
	}
}
