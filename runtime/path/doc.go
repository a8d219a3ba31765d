// Package path follows a packet through a lab: what each node on the way does
// with it, and how it ends. It asks a [plan.View] as the kernel asks itself, so
// that the same walk predicts what the model does and explains what the kernel
// did. What it finds is data; the words are its readers'.
package path
