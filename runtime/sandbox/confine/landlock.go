package confine

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	mayRead = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	// What the first version knows; later ones have added one right each.
	mayAll1 = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1
)

// mayFile are the rights that a rule about a file may give (landlock(7)).
const mayFile = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE |
	unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV

// allRights are the rights over files that a version of Landlock knows.
func allRights(abi int) uint64 {
	rights := uint64(mayAll1)
	for since, right := range map[int]uint64{
		2: unix.LANDLOCK_ACCESS_FS_REFER, 3: unix.LANDLOCK_ACCESS_FS_TRUNCATE, 5: unix.LANDLOCK_ACCESS_FS_IOCTL_DEV,
	} {
		if abi >= since {
			rights |= right
		}
	}
	return rights
}

// landlockABI is the version of Landlock, 0 when there is none.
func landlockABI() int {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(abi)
}

// ruleset is a Landlock ruleset (landlock(7)).
type ruleset struct{ fd int }

// newRuleset allows everything to be read and executed, and the files, and what
// is below the directories, to be changed. It is nil where there is no Landlock.
func newRuleset(writable []string) (*ruleset, error) {
	abi := landlockABI()
	if abi == 0 {
		return nil, nil
	}
	rights := allRights(abi)
	attr := unix.LandlockRulesetAttr{Handled_access_fs: rights}
	// Versions before the fourth know the first field only.
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr.Handled_access_fs), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("landlock_create_ruleset", errno)
	}
	unix.CloseOnExec(int(fd))
	r := &ruleset{int(fd)}
	err := r.allow("/", mayRead)
	for _, dir := range writable {
		err = errors.Join(err, r.allow(dir, rights))
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(r.fd))
	}
	return r, nil
}

// allow gives rights over a file, or below a directory, if it is there.
func (r *ruleset) allow(path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= mayFile
	}
	attr := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&attr)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_add_rule", errno)
	}
	return nil
}

// restrict puts the calling thread under the ruleset.
func (r *ruleset) restrict() error {
	_, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(r.fd), 0, 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_restrict_self", errno)
	}
	return nil
}
