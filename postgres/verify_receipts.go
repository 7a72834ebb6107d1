package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// trace is evidence that a command was accepted: an event in the journal, or the sender's receipt.
type trace struct {
	ref     flow.Ref
	receipt bool
	command string // the command's name, for a receipt
	actor   string
	at      time.Time
	late    bool
	names   []string // names of the events in the receipt, or the name of the event
	version int      // aggregate version after the command
	seq     int      // the event's number
	found   bool     // whether the event's receipt has been found
}

// traces lists the events of each aggregate and then its receipts. A virtual calendar can stand still, so several
// receipts may bear the same instant. These are sorted by their number of events, largest first, so that a shorter
// receipt does not match events that belong to a longer one.
const traces = `
	select * from (
		select kind, id, false as receipt, '' as command, actor, at, late, array[name] as names, seq as number from journal
		union all
		select kind, id, true, command, actor, at, late, events, version from receipt
	) all_traces order by kind, id, receipt, number, at, cardinality(names) desc, command`

// verifyReceipts finds events without a receipt, and receipts that do not agree with the journal. It cannot check what
// a command contained, because only a hash of that is stored.
func (s *Store) verifyReceipts(ctx context.Context, tx pgx.Tx) (found []Difference, err error) {
	rows, err := tx.Query(ctx, traces)
	if err != nil {
		return nil, err
	}
	var t trace
	var number int
	var events, receipts []trace
	done := func() {
		if len(events)+len(receipts) > 0 {
			found = append(found, compareReceipts(events, receipts)...)
		}
		events, receipts = nil, nil
	}
	_, err = pgx.ForEachRow(rows, []any{&t.ref.Kind, &t.ref.ID, &t.receipt, &t.command, &t.actor, &t.at, &t.late, &t.names, &number}, func() error {
		if last := slices.Concat(events[:min(1, len(events))], receipts[:min(1, len(receipts))]); len(last) > 0 && last[0].ref != t.ref {
			done()
		}
		next := t
		next.names = slices.Clone(t.names)
		if t.receipt {
			next.version = number
			receipts = append(receipts, next)
			return nil
		}
		next.seq, next.version = number, s.versionAfter(events, t)
		events = append(events, next)
		return nil
	})
	done()
	return found, err
}

// versionAfter returns the aggregate's version after the event t, which follows the events in before.
func (s *Store) versionAfter(before []trace, t trace) int {
	version := 0
	if len(before) > 0 {
		version = before[len(before)-1].version
	}
	if declared := s.catalogue.Event(t.ref.Kind, t.names[0]); declared == nil || !declared.Quiet {
		version++
	}
	return version
}

// compareReceipts matches each receipt of an aggregate with the events that it reports, and returns what does not
// match. Each event belongs to only one receipt.
func compareReceipts(events, receipts []trace) (found []Difference) {
	i := inspection{ref: slices.Concat(events, receipts)[0].ref}
	last := map[int][]int{} // for each version, the indexes of the events after which the aggregate may have had it
	for n, e := range events {
		last[e.version] = append(last[e.version], n)
	}
	for _, r := range receipts {
		if len(events) == 0 || r.version > events[len(events)-1].version { // the journal has lost events (see listAhead)
			continue
		}
		at := slices.IndexFunc(last[r.version], func(n int) bool { return r.tellsOf(events, n) })
		if at < 0 {
			i.differs(ReceiptPart, "the one for %s’s command %.100q tells of %q and version %d, the journal does not", r.actor, r.command, r.names, r.version)
			continue
		}
		for n := range r.names {
			events[last[r.version][at]-n].found = true
		}
	}
	for _, e := range events {
		if !e.found {
			i.differs(ReceiptPart, "event %d has none", e.seq)
		}
	}
	return i.found
}

// tellsOf reports whether the receipt matches the events up to and including events[n]. A receipt without events
// matches anywhere.
func (t trace) tellsOf(events []trace, n int) bool {
	first := n - len(t.names) + 1
	if first < 0 {
		return false
	}
	for k, name := range t.names {
		e := events[first+k]
		if e.found || e.names[0] != name || e.actor != t.actor || !e.at.Equal(t.at) || e.late != t.late {
			return false
		}
	}
	return true
}
