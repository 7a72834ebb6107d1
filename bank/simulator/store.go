package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// entry is one line of the store: an accepted order or a calendar setting.
type entry struct {
	Order *order `json:"order,omitempty"`
	Clock *clock `json:"clock,omitempty"`
}

// clock is the bank's calendar. At the real instant Real it showed Book, and each of its days lasts Day.
type clock struct {
	Real  time.Time     `json:"real"`
	Book  time.Time     `json:"book"`
	Day   time.Duration `json:"day"`
	given func() time.Time
}

func (c clock) now() time.Time {
	if c.given != nil {
		return c.given()
	}
	const day = 24 * time.Hour
	return c.Book.Add(time.Duration(float64(time.Since(c.Real)) * (float64(day) / float64(c.Day))))
}

// store is an append-only file. A line is written to disk before the bank acts on it, so a bank that is killed
// continues where it was.
type store struct {
	file   *os.File // nil if the orders are kept in memory
	broken bool
}

// open reads the store and starts the bank's calendar.
func (b *Bank) open(o Options) (err error) {
	if o.Day <= 0 {
		o.Day = 24 * time.Hour
	}
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	set := clock{Real: time.Now(), Book: o.Start, Day: o.Day}
	if b.store, err = openStore(o.Store, func(e entry) {
		if e.Order != nil {
			b.orders[e.Order.Reference] = e.Order
		}
		if e.Clock != nil {
			b.clock = *e.Clock
		}
	}); err != nil {
		return err
	}
	if b.clock.Day > 0 { // it continues where it stopped, at the speed now asked for
		set.Book = b.clock.now()
	}
	if o.Now != nil {
		b.clock = clock{given: o.Now}
		return nil
	}
	return b.setClock(set)
}

func (b *Bank) setClock(c clock) error {
	if err := b.store.append(entry{Clock: &c}); err != nil {
		return err
	}
	b.clock = c
	return nil
}

func openStore(path string, each func(entry)) (*store, error) {
	if path == "" {
		return &store{}, nil
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the bank's store: %w", err)
	}
	if err := readStore(file, each); err != nil {
		return nil, errors.Join(fmt.Errorf("the bank's store %s: %w", path, err), file.Close())
	}
	return &store{file: file}, nil
}

func readStore(file *os.File, each func(entry)) error {
	data, err := os.ReadFile(file.Name())
	if err != nil {
		return err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if err := file.Truncate(int64(len(whole))); err != nil { // a torn line was never answered
		return err
	}
	number := 0
	for line := range bytes.Lines(whole) {
		number++
		e := entry{}
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d is damaged: %w", number, err)
		}
		each(e)
	}
	return nil
}

// append adds a line and flushes it to disk. After a failure, the store accepts nothing more.
func (s *store) append(e entry) error {
	if s.broken {
		return errors.New("the bank's store failed before")
	}
	if s.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err = s.file.Write(append(line, '\n')); err == nil {
		err = s.file.Sync()
	}
	s.broken = err != nil
	return err
}

func (s *store) close() error {
	s.broken = true
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
