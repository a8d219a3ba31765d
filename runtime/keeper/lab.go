package keeper

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
)

// Info is what is known of a lab without asking it.
type Info struct {
	Name string
	// Script is the file that it was built from.
	Script string
	// Since is when that began.
	Since time.Time
	// Version is that of the nsl that keeps it.
	Version string
}

// Lab is a name in the directory; the lab of that name may be running or dead.
type Lab struct {
	Info
	dir *Dir
}

// Lab finds a lab by its name. The error is a diagnostic, with a near miss
// when there is one.
func (d *Dir) Lab(name string) (*Lab, error) {
	if !ValidName(name) {
		return nil, badName(name)
	}
	l := &Lab{Info: Info{Name: name}, dir: d}
	if info, err := d.root.Lstat(name); err != nil || !info.IsDir() {
		names, err := d.Names()
		if err != nil {
			return nil, err
		}
		return nil, unknownLab(name, names)
	}
	// A keeper that was killed early has not written it; the name still is one.
	if text, err := d.read(l.file(infoFile), maxInfo); err == nil {
		_ = json.Unmarshal(text, &l.Info)
		l.Name = name
	}
	return l, nil
}

func (l *Lab) file(name string) string { return l.Name + "/" + name }

// Alive reports whether a keeper holds the lab.
func (l *Lab) Alive() (alive bool, err error) {
	err = l.dir.alone(func() error {
		alive = l.held()
		return nil
	})
	return alive, err
}

// held is Alive for a caller that is alone in the directory.
func (l *Lab) held() bool {
	f, err := l.dir.open(l.file(lockFile), os.O_RDWR)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(flock(f, unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// endTimeout is how long a lab may take to answer, and to end on request.
const endTimeout = 5 * time.Second

// Dial connects to a lab that lives. The caller closes the connection.
func (l *Lab) Dial() (*Conn, error) {
	if alive, err := l.Alive(); err != nil || !alive {
		return nil, errors.Join(err, deadLab(l.Name))
	}
	var socket *net.UnixConn
	err := l.at(socketFile, func(path string) (err error) {
		socket, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, silentLab(l.Name, err)
	}
	return greeted(socket, l.Name)
}

// DialInside connects to the lab that this process is in, on a socket there.
func DialInside(path, lab string) (*Conn, error) {
	socket, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, silentLab(lab, err)
	}
	return greeted(socket, lab)
}

func greeted(socket *net.UnixConn, lab string) (*Conn, error) {
	c := &Conn{socket: socket, lab: lab}
	if err := c.greet(endTimeout); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// at runs f with a path of one of the lab's files that is short enough for the
// address of a socket: 108 bytes (unix(7)).
func (l *Lab) at(name string, f func(path string) error) error {
	dir, err := l.dir.root.Open(l.Name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return f("/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) + "/" + name)
}

// Ending is how a lab ended.
type Ending int

// The endings.
const (
	// Ended by itself, on request.
	Ended Ending = iota
	// Killed because it did not.
	Killed
	// WasDead before.
	WasDead
)

// Down ends a lab and waits until nothing of it is left. Of a lab that does not
// live it removes the name.
func (l *Lab) Down() (Ending, error) {
	alive, err := l.signal(unix.SIGTERM)
	switch {
	case err != nil:
		return Ended, err
	case !alive:
		return WasDead, l.remove()
	case l.endsWithin(endTimeout):
		return Ended, l.remove()
	}
	if _, err := l.signal(unix.SIGKILL); err != nil {
		return Killed, err
	}
	l.endsWithin(endTimeout)
	return Killed, l.remove()
}

// signal sends the keeper a signal.
func (l *Lab) signal(sig unix.Signal) (alive bool, err error) {
	err = l.dir.alone(func() error {
		if alive = l.held(); !alive {
			return nil
		}
		lock, err := l.dir.open(l.file(lockFile), os.O_RDWR)
		if err != nil {
			return err
		}
		defer lock.Close()
		return signalKeeper(lock, l.Name, sig)
	})
	return alive, err
}

func (l *Lab) endsWithin(d time.Duration) bool {
	deadline := time.After(d)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if alive, err := l.Alive(); err == nil && !alive {
			return true
		}
		select {
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
}

// remove removes the name, unless its lab is running.
func (l *Lab) remove() error {
	return l.dir.alone(func() error {
		if l.held() {
			return silentLab(l.Name, errors.New("it does not end"))
		}
		return l.dir.removeName(l.Name)
	})
}

// Log copies the log to w and, if follow is set, what is added to it, until the
// lab ends or writing fails.
func (l *Lab) Log(w io.Writer, follow bool) error {
	f, err := l.dir.open(l.file(logFile), os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return unknownLab(l.Name, nil)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	w = diag.NewPlainWriter(w)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		alive, err := l.Alive()
		if _, copied := io.Copy(w, f); copied != nil || err != nil || !alive || !follow {
			return errors.Join(copied, err)
		}
		<-tick.C
	}
}
