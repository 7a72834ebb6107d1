package app

import (
	"cmp"
	"errors"
	"syscall"

	"terrace/postgres"
	"terrace/worker"
)

// Advice says what to do when the database or Temporal cannot be reached, or an address is taken. It is empty for errors
// that say so themselves.
func Advice(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "stop what answers there, or choose another address (TERRACE_LISTEN, or --listen)"
	}
	return cmp.Or(postgres.Advice(err), worker.Advice(err))
}
