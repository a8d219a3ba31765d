package capture

import (
	"errors"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"

	"nsl/runtime/files"
	"nsl/runtime/plan"
)

// file is the pcapng file.
type file struct {
	path string
	f    *os.File
	w    *pcapgo.NgWriter
	// started is when the recording began.
	started time.Time
	// whole is how long the file is without what was not written wholly (bytes).
	whole int64
}

// create makes the file, or opens it with another mode than os.O_TRUNC, and describes
// each interface.
func create(o files.Opener, c plan.Capture, taps []*tap, mode int) (*file, error) {
	const everyone = 0o666 // less the umask
	f, err := o.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|mode, everyone)
	if err != nil {
		return nil, plan.NewFileError(c.File, err, false)
	}
	made := &file{path: c.File, f: f, started: time.Now()}
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Hardware: runtime.GOARCH, OS: runtime.GOOS, Application: "nsl"}}
	for i, t := range taps {
		described := pcapgo.NgInterface{Name: t.Node + "/" + t.Link, OS: runtime.GOOS, LinkType: t.linkType,
			Filter: c.Filter.String(), TimestampResolution: nanoseconds, SnapLength: snapLength}
		if i == 0 {
			made.w, err = pcapgo.NewNgWriterInterface(f, described, options)
		} else {
			_, err = made.w.AddInterface(described)
		}
		if err != nil {
			return nil, errors.Join(made.failed(err), f.Close())
		}
	}
	if err := made.flush(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return made, nil
}

// nanoseconds is the resolution of times, as the power of ten (if_tsresol).
const nanoseconds = 9

func (o *file) failed(err error) error { return plan.NewFileError(o.path, err, false) }

// write adds a packet.
func (o *file) write(p packet) error {
	info := gopacket.CaptureInfo{Timestamp: p.at, CaptureLength: len(p.data), Length: p.size, InterfaceIndex: p.port}
	if err := o.w.WritePacket(info, p.data); err != nil {
		return o.failed(err)
	}
	return nil
}

// flush hands what was written to the kernel: whoever reads the file then sees
// all packets that there were.
func (o *file) flush() error {
	if err := o.w.Flush(); err != nil {
		return o.failed(err)
	}
	if at, err := o.f.Seek(0, io.SeekCurrent); err == nil { // not of a pipe
		o.whole = at
	}
	return nil
}

// stats notes how many packets an interface has had, and how many of them there
// was no room for. An error shows again when the file is closed (bufio.Writer).
func (o *file) stats(port int, c counted) {
	now := time.Now()
	_ = o.w.WriteInterfaceStats(port, pcapgo.NgInterfaceStatistics{LastUpdate: now, StartTime: o.started, EndTime: now,
		PacketsReceived: c.packets, PacketsDropped: c.drops})
}

func (o *file) close() error {
	err := o.flush()
	if err != nil {
		// Whoever reads the file could read nothing after half a packet. A device has no length.
		_ = o.f.Truncate(o.whole)
	}
	if closing := o.f.Close(); err == nil && closing != nil {
		err = o.failed(closing)
	}
	return err
}
