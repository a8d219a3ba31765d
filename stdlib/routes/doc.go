// Package routes holds the verbs that lead packets: routes, policy rules,
// forwarding, and the settings of the kernel.
package routes
