// Package addrs holds the verbs that number interfaces.
package addrs
