package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// Advice returns what to do if the database or Temporal cannot be reached, or if an address is already in use. For any
// other error it returns an empty string, because the error's own message is sufficient.
func Advice(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "stop what answers there, or choose another address (TERRACE_LISTEN, or --listen)"
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there, or name a folder on another disk"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
