package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// advised is an error with what to do about it.
type advised struct {
	error
	next string
}

func (a advised) Unwrap() error { return a.error }

// Advice returns what to do if the database or Temporal cannot be reached, or if a folder cannot be used. For any other
// error it returns an empty string, because the error's own message is sufficient.
func Advice(err error) string {
	if a, ok := errors.AsType[advised](err); ok {
		return a.next
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there, or name a folder on another disk"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
