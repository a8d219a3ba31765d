// Package sandbox starts this same binary again in new user, mount, network and
// PID namespaces, so that a lab is built where nothing of the machine can be
// seen or changed, and so that a kill -9 leaves nothing.
//
// Three processes take part:
//
//	supervisor  outside; starts the sandbox, forwards signals, waits      [Run]
//	init        inside, PID 1; reaps orphans, dies with the supervisor    [Child]
//	child       inside; mounts, receives the payload, does the work       [Child]
//
// The init is a process of its own because an orphan is re-parented to PID 1,
// and a PID 1 that waits for any child would steal the exit statuses that
// os/exec waits for. The init's end takes every process inside along
// (pid_namespaces(7)). It ends when the child ends, when the kernel delivers
// the parent-death signal (PR_SET_PDEATHSIG(2const)), and when the life pipe to
// the supervisor reaches its end of file; the pipe covers a supervisor that was
// gone before the signal was asked for.
//
// The program must ask IsChild before anything else in main, and call Child
// when it says yes.
package sandbox
