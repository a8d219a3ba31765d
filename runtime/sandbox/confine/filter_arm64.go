package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

func (p *program) otherABI() {}

func forbiddenHere() []uint32 { return []uint32{unix.SYS_NFSSERVCTL} }

// chownHere are the calls of this architecture that give a file to a user, whose ID is
// their second argument.
func chownHere() []uint32 { return nil }
