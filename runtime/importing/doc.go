// Package importing makes labs of shell scripts. A script runs as it is, in a sandbox,
// with the real programs; those that change networks are started through this program,
// which notes each of their commands with its line, its node and its exit code, and what
// it is in nsl. From that record a lab is written, which then runs in a second sandbox:
// the import is right if the kernel's state is equal in both.
//
//	Script   outside: records, writes, and proves
//	Inside   main of the process in each of the sandboxes
//	Tool     main of this program where a script starts it as ip, iptables, …
package importing
