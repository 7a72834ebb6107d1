package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// Advice says what to do when the database or Temporal cannot be reached, or when an address is already in use. It
// returns an empty string for any other error, whose own text says enough.
func Advice(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "stop what answers there, or choose another address (TERRACE_LISTEN, or --listen)"
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there, or name a folder on another disk"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
