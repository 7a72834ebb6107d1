package postgres

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// request is a command with its declaration, and with a hash by which a repeated command is recognized.
type request struct {
	flow.Command
	about    *flow.Aggregate
	declared *flow.Declaration
	needs    flow.Needs
	hash     []byte
	evidence map[string]string // the media types of the named files, without those that the sender may not name
	waited   bool              // whether the command has waited for a lock
	unseen   bool              // it is not yet known whether the sender may see the aggregate, so the command may not wait for its lock
}

// newRequest finds the command's declaration and hashes the command's content and its aggregate's id. The hash does not
// cover the id of an aggregate that is about to be created, because a client that repeats the command sends a new id.
// Nor does it cover IfVersion, which only says what the client has seen.
//
// Errors: unknown-command.
func (s *Store) newRequest(c flow.Command) (request, error) {
	about, err := s.catalogue.Of(c.Aggregate.Kind)
	if err != nil {
		return request{}, err
	}
	declared, err := about.Command(c.Name)
	if err != nil {
		return request{}, err
	}
	if c.ID == "" || c.Actor.ID == "" || c.Aggregate.ID == "" {
		return request{}, fmt.Errorf("command %s of %s: its id, actor and aggregate must not be empty", c.Name, c.Aggregate)
	}
	content, err := flow.Canonical(c.Payload)
	if err != nil {
		return request{}, fmt.Errorf("content of %s: %w", c.Name, err)
	}
	id := c.Aggregate.ID
	if declared.Creates {
		id = ""
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", c.Name, c.Aggregate.Kind, id, content))
	return request{Command: c, about: about, declared: declared, needs: flow.NeedsOf(c.Payload), hash: hash[:]}, nil
}

// repeats reports whether the receipt was issued for this very command, and not for another one with the same id.
func (r request) repeats(given db.GetReceiptRow) bool { return bytes.Equal(given.Request, r.hash) }

// visible returns an error if the sender may not see the aggregate. given is the receipt issued earlier for this command
// id, or the zero value.
//
// Errors: not-found, and those of (*flow.Declaration).Visible.
func (r request) visible(given db.GetReceiptRow, state flow.State, places *place.Table) error {
	if r.repeats(given) {
		return r.declared.Answers(state, r.Actor, places)
	}
	return r.declared.Visible(state, r.Payload, r.Actor, places)
}

// receiptOf returns the receipt issued earlier for this command id. It returns an error if the earlier command had
// different content.
//
// Errors: idempotency-conflict.
func (r request) receiptOf(given db.GetReceiptRow) (flow.Receipt, error) {
	if !r.repeats(given) {
		return flow.Receipt{}, domain.Refuse("idempotency-conflict", "", "id", r.ID)
	}
	return flow.Receipt{
		Aggregate: flow.Ref{Kind: given.Kind, ID: given.ID}, Version: given.Version, Events: given.Events,
		Late: given.Late, At: given.At.In(calendar.Shanghai),
	}, nil
}
