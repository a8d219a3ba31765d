package diag

import "nsl/lang/source"

// ContainerFlags are the flags of docker run that let a container's programs make
// labs: its system call filter and its AppArmor profile forbid namespaces, and a
// /proc that is partly covered cannot be mounted again in one (mount_too_revealing,
// fs/namespace.c).
const ContainerFlags = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"

// OnlyLinux is the finding that a command runs labs, on a system other than Linux.
func OnlyLinux(command, system string) *Diagnostic {
	machine := "limactl shell default  (https://lima-vm.io), or:  multipass shell  (https://multipass.run)"
	if system == "windows" {
		machine = "wsl  (https://learn.microsoft.com/windows/wsl)"
	}
	return New(NoSandbox, Machine, source.Span{}, "%s needs a Linux kernel, and this system is %s", command, system).
		WithHelp("use nsl for Linux in a virtual machine:  %s\n"+
			"or in a container:  docker run -it %s -v \"$PWD\":/labs -w /labs IMAGE\n"+
			"check, explain, fmt and help work here", machine, ContainerFlags)
}
