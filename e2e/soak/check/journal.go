package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"
)

// event is a row of the journal.
type event struct {
	Position int64
	Kind, ID string
	Seq      int
	Name     string
	Version  int
	At       time.Time
	Day      time.Time
	Actor    string
	Late     bool
	Data     string
	Hash     []byte
}

// aggregate is an aggregate's state in the record.
type aggregate struct {
	Kind, ID, Stage string
	Seq             int
	Head            []byte
	Ended           bool
}

func (c *checker) readAggregates(ctx context.Context) error {
	c.aggregates = map[ref]aggregate{}
	err := each(ctx, c.record, func(a aggregate) { c.aggregates[ref{a.Kind, a.ID}] = a }, `select kind, id, stage, seq, head, ended from aggregate`)
	c.Counts["aggregates"] = len(c.aggregates)
	return err
}

func (c *checker) readJournal(ctx context.Context) error {
	c.events = map[ref][]event{}
	return each(ctx, c.record, func(e event) {
		r := ref{e.Kind, e.ID}
		if c.events[r] == nil {
			c.order = append(c.order, r)
		}
		c.events[r] = append(c.events[r], e)
		c.Counts["events"]++
	}, `select position, kind, id, seq, name, version, at, day, actor, late, data::text, hash from journal order by kind, id, seq`)
}

// sealed returns the hash that an event must have: SHA-256 of the previous hash and every field as stored, each
// prefixed with its length in decimal and a colon.
func sealed(before []byte, e event) []byte {
	h := sha256.New()
	for _, field := range [][]byte{
		before, []byte(e.Kind), []byte(e.ID), []byte(strconv.Itoa(e.Seq)), []byte(e.Name), []byte(strconv.Itoa(e.Version)),
		[]byte(e.At.UTC().Format(time.RFC3339Nano)), []byte(e.Actor), []byte(e.Day.Format(time.DateOnly)),
		[]byte(strconv.FormatBool(e.Late)), []byte(e.Data),
	} {
		_, _ = fmt.Fprintf(h, "%d:", len(field))
		h.Write(field)
	}
	return h.Sum(nil)
}

// chains checks that numbers have no gaps, that each hash follows from the previous one, that every event has an actor,
// and that each chain ends with the number and the hash that its aggregate holds.
func (c *checker) chains(context.Context) error {
	for _, r := range c.order {
		var before []byte
		for i, e := range c.events[r] {
			if e.Seq != i+1 {
				c.find(JournalGap, r, "event %d of the journal has number %d", i+1, e.Seq)
			}
			if want := sealed(before, e); !bytes.Equal(want, e.Hash) {
				c.find(JournalHash, r, "%s, number %d, has another hash", e.Name, e.Seq)
			}
			if e.Actor == "" {
				c.find(NoIntent, r, "%s, number %d, has no actor", e.Name, e.Seq)
			}
			before = e.Hash
		}
		last := c.events[r][len(c.events[r])-1]
		if a, there := c.aggregates[r]; !there || a.Seq != last.Seq || !bytes.Equal(a.Head, last.Hash) {
			c.find(JournalHead, r, "the journal ends with number %d, the aggregate with %d", last.Seq, a.Seq)
		}
	}
	for r := range c.aggregates {
		if c.events[r] == nil {
			c.find(JournalHead, r, "has no events")
		}
	}
	return nil
}

// perTransaction is the number of journal positions reserved for each transaction.
const perTransaction = 1000

// byTransaction groups an aggregate's events by the transaction that wrote them.
func byTransaction(events []event) (groups [][]event) {
	last := int64(-1)
	for _, e := range events {
		if transaction := e.Position / perTransaction; transaction != last {
			groups, last = append(groups, nil), transaction
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], e)
	}
	return groups
}

// count returns how often an event has happened to an aggregate.
func (c *checker) count(r ref, name string) (n int) {
	for _, e := range c.events[r] {
		if e.Name == name {
			n++
		}
	}
	return n
}
