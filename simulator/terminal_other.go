//go:build !linux

package main

import (
	"errors"
	"os"
)

// isTerminal is not known here: lines are read as they come.
func isTerminal(*os.File) bool { return false }

// noEcho is not known here.
func noEcho(*os.File) (func(), error) { return nil, errors.ErrUnsupported }
