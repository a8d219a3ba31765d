// Package confine takes rights away from a thread, and so from the programs that
// it starts: capabilities that network tools do not need, system calls that reach
// parts of the kernel which no lab needs, the means to gain rights again, and,
// where the kernel has Landlock, writing outside of what a lab may write.
//
// Everything here is about the calling thread alone. It must be locked to its
// goroutine and end with what it is for: what was taken never comes back.
package confine
