// Package foreign knows the commands that people arrive with: those of iproute2,
// net-tools, bridge-utils, iptables and their like, one file for each program. It reads
// a command line and says what it is in nsl.
package foreign
