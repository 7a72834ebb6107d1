package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// trace is what a command has left behind: an event in the journal, or a receipt for its sender.
type trace struct {
	ref     flow.Ref
	receipt bool
	command string // the command's name, for a receipt
	actor   string
	at      time.Time
	late    bool
	names   []string // names of the receipt's events, or of the single event
	version int      // the aggregate's version afterwards
	seq     int      // the event's number
	found   bool     // whether a receipt for the event exists
}

// traces lists the events of each aggregate and then its receipts. Receipts of the same instant, which occur because a
// virtual calendar stands still, are listed by the number of their events. Those with the most come first, so that
// others do not take events from them.
const traces = `
	select * from (
		select kind, id, false as receipt, '' as command, actor, at, late, array[name] as names, seq as number from journal
		union all
		select kind, id, true, command, actor, at, late, events, version from receipt
	) all_traces order by kind, id, receipt, number, at, cardinality(names) desc, command`

// verifyReceipts finds events without a receipt, and receipts that do not agree with the journal. It cannot check what
// a command contained, because only the hash of that is stored.
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

// versionAfter returns the version of the aggregate after one more event.
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

// compareReceipts finds for each receipt of an aggregate the events that it reports. Each event belongs to one receipt
// only.
func compareReceipts(events, receipts []trace) (found []Difference) {
	i := inspection{ref: slices.Concat(events, receipts)[0].ref}
	last := map[int][]int{} // by version, the events with which it may have been reached
	for n, e := range events {
		last[e.version] = append(last[e.version], n)
	}
	for _, r := range receipts {
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

// tellsOf reports whether the receipt matches the events that end with the nth. A receipt without events matches
// anywhere.
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
