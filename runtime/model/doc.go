// Package model is a lab in memory that behaves as the Linux kernel does, as
// far as statements can see: the same answers, and for the same reasons the
// same refusals. The checker and explain run the plans of statements against
// it; tests compare it with the kernel op by op.
//
// What it leaves out: IPv6 link-local addresses (fe80::/10) and their routes,
// which the kernel makes in its own time; the neighbour table, which is always
// empty; what programs do (see [Model.Uncertain]); the time that spanning tree
// takes to open a port; and that a bridge takes over the lowest hardware
// address of its ports. Hardware addresses that the kernel would choose at
// random are numbered instead.
package model
