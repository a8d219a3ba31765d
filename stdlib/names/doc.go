// Package names holds the verbs that give nodes names and name servers.
package names
