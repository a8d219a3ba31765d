package sandbox

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A lab that root starts runs as a user who owns nothing. What root lets it have, root
// opens for it, as copies of mounts on which root's files belong to the lab's root
// (mount_setattr(2), "ID-mapped mounts").

// trees opens the binds of a room for the init with this PID, and notes in the room
// which is which. What cannot be opened so is left to the init to open.
func (r *room) trees(pid int) []int {
	if r.Trusted || len(unprivileged().UidMappings) == 0 || unprivileged().Credential == nil {
		return nil
	}
	users, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(users)
	var fds []int
	for i, b := range r.Binds {
		named, err := b.openPath()
		if err != nil {
			continue
		}
		fd, err := unix.OpenTree(named, "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE|unix.AT_EMPTY_PATH)
		_ = unix.Close(named)
		if err != nil {
			continue
		}
		// Where a file system has no such mounts, what others may read can be read.
		_ = unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(users)})
		fds = append(fds, fd)
		r.Binds[i].tree = len(fds)
	}
	return fds
}

// order is the room as it is sent to the init: trees are the numbers of the
// descriptors that come with it, by bind, from 1; 0 is for none.
type order struct {
	Room  room
	Trees []int
}

// maxOrder bounds an order (bytes), maxTrees the descriptors that come with it.
const (
	maxOrder = 128 << 10
	maxTrees = 200
)

// sendOrder sends the room to the init with this PID.
func sendOrder(to *net.UnixConn, r room, pid int) error {
	fds := r.trees(pid)
	defer closeFDs(fds)
	o := order{Room: r}
	for _, b := range r.Binds {
		o.Trees = append(o.Trees, b.tree)
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if len(body) > maxOrder || len(fds) > maxTrees {
		return errors.New("too many directories for a lab")
	}
	_, _, err = to.WriteMsgUnix(body, unix.UnixRights(fds...), nil)
	return err
}

// receiveOrder receives the room, with the trees that were opened for it.
func receiveOrder(from *net.UnixConn) (r room, err error) {
	body, rights := make([]byte, maxOrder), make([]byte, unix.CmsgSpace(4*maxTrees))
	n, oobn, _, _, err := from.ReadMsgUnix(body, rights)
	if err != nil || n == 0 {
		return r, errNoPayload
	}
	var o order
	if err := json.Unmarshal(body[:n], &o); err != nil {
		return r, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:oobn])
	var fds []int
	for i := range messages {
		more, errFDs := unix.ParseUnixRights(&messages[i])
		fds, err = append(fds, more...), errors.Join(err, errFDs)
	}
	for i, number := range o.Trees {
		if number > 0 && number <= len(fds) && i < len(o.Room.Binds) {
			o.Room.Binds[i].tree = fds[number-1]
		}
	}
	return o.Room, err
}

func closeFDs(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}

// lifeOf is the init's end of its connection to the supervisor.
func lifeOf(fd uintptr) (*net.UnixConn, error) {
	f := os.NewFile(fd, "life")
	if f == nil {
		return nil, errNoPayload
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, errNoPayload
	}
	life, ok := c.(*net.UnixConn)
	if !ok {
		return nil, errNoPayload
	}
	return life, nil
}
