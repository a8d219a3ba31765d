// Package links holds the verbs that make, change and delete nodes, interfaces
// and the cables between them.
package links
