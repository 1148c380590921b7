//go:build !linux

package stack

// claim takes a port; here nothing tells two processes apart that start in one moment.
func claim(string) bool { return true }
