// Package keeper keeps a lab running when the program that built it has ended.
//
// Three processes take part:
//
//	client  nsl up, exec, sh, show, …; finds a lab by its name       [Open, Dir.Lab]
//	keeper  the lab's supervisor, without a terminal; one per lab    [Keep]
//	lab     inside the sandbox; answers the clients                  [Serve]
//
// A name is a directory below [Dir] with four files: lock, which the keeper
// holds (flock(2)) and which has its process ID; socket, a unix(7) stream
// on which the lab itself answers; log; and lab.json, an [Info]. The lock is
// what distinguishes a running lab from a name that a killed keeper has left: the
// kernel gives it back with the keeper's last descriptor.
//
// A request carries the client's own descriptors (SCM_RIGHTS), so what a program
// in the lab reads and writes never passes through the keeper. A client that
// wants a terminal makes a pseudo-terminal, keeps its master and sends the
// other side: when the client is gone the kernel hangs up.
package keeper
