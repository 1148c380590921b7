//go:build !unix

package bundle

// lockFile has nothing to hold here: one process uses the folder.
func lockFile(string) (unlock func(), err error) { return func() {}, nil }
