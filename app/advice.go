package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// Advice returns advice for errors in reaching the database or Temporal, and for an address that is already in use. It
// returns an empty string for any other error, whose own message is sufficient.
func Advice(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "stop what answers there, or choose another address (TERRACE_LISTEN, or --listen)"
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there, or name a folder on another disk"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
