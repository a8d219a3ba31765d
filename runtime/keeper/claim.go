package keeper

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Claim is a name that was taken for a lab which is yet to be built.
type Claim struct {
	*Lab
	// Conn is the lab's first client, waiting for it.
	Conn *Conn

	lock, log *os.File
	listener  *net.UnixListener
	keeper    *exec.Cmd
}

// Claim takes a name for a lab; one that a dead lab has left is taken over.
// The caller calls Start or Release.
func (d *Dir) Claim(info Info) (*Claim, error) {
	if !ValidName(info.Name) {
		return nil, badName(info.Name)
	}
	c := &Claim{Lab: &Lab{Info: info, dir: d}}
	err := d.alone(func() error {
		if c.held() {
			return takenLab(info.Name)
		}
		if err := d.removeName(info.Name); err != nil {
			return err
		}
		if err := d.root.Mkdir(info.Name, 0o700); err != nil {
			return err
		}
		return errors.Join(c.createFiles(), c.listen())
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// createFiles makes the files of the name.
func (c *Claim) createFiles() (err error) {
	root := c.dir.root
	if c.lock, err = root.OpenFile(c.file(lockFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if err = flock(c.lock, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	if c.log, err = root.OpenFile(c.file(logFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return err
	}
	text, err := json.Marshal(c.Info)
	if err != nil {
		return err
	}
	return root.WriteFile(c.file(infoFile), text, 0o600)
}

// listen makes the socket and is its first client.
func (c *Claim) listen() error {
	return c.at(socketFile, func(path string) (err error) {
		addr := &net.UnixAddr{Name: path, Net: "unix"}
		if c.listener, err = net.ListenUnix("unix", addr); err != nil {
			return err
		}
		c.listener.SetUnlinkOnClose(false)
		socket, err := net.DialUnix("unix", nil, addr)
		c.Conn = &Conn{socket: socket, lab: c.Name}
		return err
	})
}

// close gives back what this process holds of the lab.
func (c *Claim) close() {
	if c.listener != nil {
		c.listener.Close()
	}
	closeAll([]*os.File{c.lock, c.log})
}

// Release gives up the claim and takes the name away.
func (c *Claim) Release() error {
	c.close()
	return errors.Join(c.Conn.Close(), c.remove())
}

// starting is how long a keeper may take to make a sandbox.
const starting = 30 * time.Second

// Start starts a keeper, this binary with an input and arguments that are to lead to
// Keep, and waits until the lab answers on Conn. When it does not, the error is
// Refused, with the output of the keeper.
func (c *Claim) Start(input []byte, args ...string) error {
	if err := c.spawn(input, args); err != nil {
		return errors.Join(err, c.Release())
	}
	// While this process holds the socket too, the lab's end is not seen here.
	c.close()
	if err := c.Conn.greet(starting); err != nil {
		return c.refused(err)
	}
	return nil
}

func (c *Claim) spawn(input []byte, args []string) error {
	listener, err := c.listener.File()
	if err != nil {
		return err
	}
	defer listener.Close()
	c.keeper = exec.Command("/proc/self/exe", args...)
	c.keeper.Args[0] = "nsl"
	c.keeper.Stdin, c.keeper.Stdout, c.keeper.Stderr = bytes.NewReader(input), c.log, c.log
	c.keeper.ExtraFiles = []*os.File{c.lock, listener, c.log}
	// No signal of this terminal is meant for it, nor its end (credentials(7)).
	c.keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return c.keeper.Start()
}

// Refused is a keeper's failure to make a lab: its output, and its exit code.
type Refused struct {
	Output string
	Code   int
}

func (r *Refused) Error() string { return r.Output }

// refused asks the keeper that has not got a lab to answer.
func (c *Claim) refused(why error) error {
	// It ends with its lab; one that hangs is a child of this process and cannot
	// be another one.
	late := time.AfterFunc(endTimeout, func() { _ = c.keeper.Process.Kill() })
	defer late.Stop()
	c.Wait()
	output, err := c.dir.read(c.file(logFile), logMost)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	code := c.keeper.ProcessState.ExitCode()
	if len(output) == 0 || code <= 0 {
		return errors.Join(why, c.remove())
	}
	return errors.Join(&Refused{string(output), code}, c.remove())
}

// Wait waits for the keeper's end, after a lab that was not built.
func (c *Claim) Wait() { _ = c.keeper.Wait() }

// The keeper's descriptors beyond the standard streams.
const (
	keeperLock = 3 + iota
	keeperSocket
	keeperLog
)

// Inherited is what a keeper got from the process that started it.
type Inherited struct {
	Lab
	// Socket is the lab's, and Log its log; they go into the sandbox.
	Socket, Log *os.File
	lock        *os.File
}

// Inherit takes over what Start left to this process. The caller closes it
// when the lab has ended.
func Inherit(name string) (*Inherited, error) {
	for fd := keeperLock; fd <= keeperLog; fd++ {
		unix.CloseOnExec(fd)
	}
	k := &Inherited{lock: os.NewFile(keeperLock, lockFile), Socket: os.NewFile(keeperSocket, socketFile), Log: os.NewFile(keeperLog, logFile)}
	if err := own(k.lock); err != nil {
		return nil, err
	}
	dir, err := Open()
	if err != nil {
		return nil, err
	}
	k.Lab = Lab{Info: Info{Name: name}, dir: dir}
	return k, nil
}
