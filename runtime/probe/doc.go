// Package probe asks the network questions from inside a node: whether
// echo replies come back ([Ping]), whether services answer ([Connect]), what
// addresses a name has ([Lookup]), and how much comes through ([Flows]).
//
// A probe opens its sockets on a thread inside the node's network namespace and
// does everything else on ordinary goroutines: a socket stays in the namespace
// it was opened in. No probe starts a program, and none changes what it looks
// at, with one exception that [Ping] documents (the neighbour table).
package probe
