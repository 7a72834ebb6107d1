package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// Advice says what to do when the database or Temporal cannot be reached, an address is taken or a disk is full. It is
// empty for errors that say so themselves.
func Advice(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "stop what answers there, or choose another address (TERRACE_LISTEN, or --listen)"
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "make room there, or name a folder on another disk"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
