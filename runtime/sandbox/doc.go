// Package sandbox starts this same binary again in new user, mount, network and
// PID namespaces, so that a lab is built where nothing of the machine can be
// seen or changed, and so that a kill -9 leaves nothing.
//
// Three processes take part:
//
//	supervisor  outside; starts the sandbox, forwards signals, waits      [Run]
//	init        between; in a user and a mount namespace, builds the lab's
//	            root directory, dies with the supervisor                  [Child]
//	child       inside, PID 1; receives the payload, does the work        [Child]
//
// The init is a process of its own because what a more privileged mount namespace
// has mounted cannot be changed in one below (mount_namespaces(7)). The child's end
// takes every process inside along (pid_namespaces(7)). The init ends when the
// child ends, when the kernel delivers the parent-death signal
// (PR_SET_PDEATHSIG(2const)), and when the connection to the supervisor ends, which
// covers a supervisor that was gone before the signal was asked for; the child ends
// with the init in the same ways.
//
// The program must ask IsChild before anything else in main, and call Child
// when it says yes.
package sandbox
