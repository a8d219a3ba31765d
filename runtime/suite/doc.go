// Package suite runs scripts as tests: many at once, each in a process of its
// own, whose events come through a pipe, one JSON object a line.
//
//	inside   [Recorder], the engine's observer, writes events
//	outside  [Suite] starts the processes, reads the events, cuts off what hangs,
//	         and hands the finished files to the reports in their order
package suite
