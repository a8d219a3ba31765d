package capture

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/files"
	"nsl/runtime/plan"
)

// record starts a recording from the ends of socket pairs, which need no rights,
// and returns the other ends. To is where the file really goes, if not "".
func record(t *testing.T, path, to string, n int) (c *Capture, senders []int) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	c = &Capture{done: make(chan struct{})}
	var err error
	if c.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	for range n {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(pair[1]) })
		c.taps = append(c.taps, &tap{Port: Port{Ref: plan.Ref{Node: "red", Link: "eth0"}}, fd: pair[0], linkType: layers.LinkTypeEthernet})
		senders = append(senders, pair[1])
	}
	if c.file, err = create(files.Own{}, plan.Capture{File: path}, c.taps, os.O_TRUNC); err != nil {
		t.Fatal(err)
	}
	if to != "" {
		f, err := os.OpenFile(to, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.file.f.Close()
		c.file.f = f
		if c.file.w, err = pcapgo.NewNgWriter(f, layers.LinkTypeEthernet); err != nil {
			t.Fatal(err)
		}
	}
	go c.run()
	return c, senders
}

func send(t *testing.T, fd int, payload string) {
	t.Helper()
	for {
		_, err := unix.Write(fd, []byte(payload))
		if err == nil {
			return
		}
		if !errors.Is(err, unix.EAGAIN) {
			t.Fatal(err)
		}
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1); err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
	}
}

// What was sent before Close is in the file, in the order it came.
func TestCloseRecordsTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	c, senders := record(t, path, "", 2)
	const n = 200
	for i := range n {
		send(t, senders[i%2], string(rune('a'+i%2)))
	}
	if err := errors.Join(c.Close(), c.Close(), c.Err()); err != nil {
		t.Error(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	var last time.Time
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(data) != 1 || info.Timestamp.Before(last) || int(data[0]-'a') != info.InterfaceIndex {
			t.Fatalf("packet %d: %q %+v after %s: %v", seen, data, info, last, err)
		}
		last = info.Timestamp
		seen++
	}
	if seen != n {
		t.Errorf("%d packets of %d", seen, n)
	}
}

// A disk that is full ends the recording, which says so once.
func TestDiskFull(t *testing.T) {
	c, senders := record(t, filepath.Join(t.TempDir(), "x.pcapng"), "/dev/full", 1)
	send(t, senders[0], "a")
	select {
	case <-c.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
	var file *plan.FileError
	if err := c.Err(); !errors.Is(err, unix.ENOSPC) || !errors.As(err, &file) {
		t.Errorf("it ended with %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("reported twice: %v", err)
	}
}

// A disk that turns out to be full at the end is reported by Close.
func TestDiskFullAtTheEnd(t *testing.T) {
	c, _ := record(t, filepath.Join(t.TempDir(), "x.pcapng"), "/dev/full", 1)
	if err := c.Close(); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Close: %v", err)
	}
}

// Programs of every shape of filter are ones that the kernel takes.
func TestFiltersAssemble(t *testing.T) {
	for _, proto := range []string{"", "tcp", "udp", "icmp", "arp"} {
		for _, port := range []uint16{0, 80} {
			f := plan.CaptureFilter{Proto: proto, Port: port}
			for range 3 {
				prog, err := compile(f)
				if err != nil || (len(prog) == 0) != (f.String() == "") {
					t.Errorf("%q: %d instructions, %v", f, len(prog), err)
				}
				fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(attach(fd, prog), unix.Close(fd)); err != nil {
					t.Errorf("%q: %v", f, err)
				}
				f.Hosts = append(f.Hosts, plan.CaptureHost{Text: "red", Addrs: prefixes(len(f.Hosts))})
			}
		}
	}
}

func prefixes(n int) []netip.Prefix {
	all := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/72"), netip.MustParsePrefix("::/0")}
	return all[n:]
}
