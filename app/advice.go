package app

import (
	"cmp"

	"terrace/postgres"
	"terrace/worker"
)

// Advice says what to do when the database or Temporal cannot be reached. It is empty for errors that say so themselves.
func Advice(err error) string { return cmp.Or(postgres.Advice(err), worker.Advice(err)) }
