//go:build !stoppoints

package stop

// At marks a stop point.
func At(string) {}
