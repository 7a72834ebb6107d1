package driving

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// watch keeps track of what the workflows have yet to do. It reads the record on behalf of all clients, several times
// per average decision.
type watch struct {
	conn *pgx.Conn
	stop context.CancelFunc
	done sync.WaitGroup

	mutex   sync.Mutex
	changed *sync.Cond
	reads   int               // number of reads so far
	owing   map[flow.Ref]bool // aggregates with a duty
	unheard map[flow.Ref]bool // aggregates with undelivered signals
	err     error
}

const look = 20 * time.Millisecond

func watchOver(ctx context.Context, record string) (*watch, error) {
	conn, err := pgx.Connect(ctx, record)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	w := &watch{conn: conn, stop: stop}
	w.changed = sync.NewCond(&w.mutex)
	w.done.Go(func() {
		for w.read(ctx) {
			select {
			case <-ctx.Done():
			case <-time.After(look):
			}
		}
	})
	return w, nil
}

func (w *watch) close() error {
	w.stop()
	w.done.Wait()
	return w.conn.Close(context.Background())
}

// read reads the record once. It returns false when the watch should end.
func (w *watch) read(ctx context.Context) bool {
	owing, unheard := map[flow.Ref]bool{}, map[flow.Ref]bool{}
	rows, err := w.conn.Query(ctx, "select true, kind, id from aggregate where owes union all select false, kind, id from outbox")
	if err == nil {
		var owes bool
		var ref flow.Ref
		_, err = pgx.ForEachRow(rows, []any{&owes, &ref.Kind, &ref.ID}, func() error {
			if owes {
				owing[ref] = true
			} else {
				unheard[ref] = true
			}
			return nil
		})
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.owing, w.unheard, w.err = owing, unheard, errors.Join(err, ctx.Err())
	w.reads++
	w.changed.Broadcast()
	return w.err == nil
}

// until waits until a read that began after this call finds the condition met.
func (w *watch) until(met func() bool) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for first := w.reads + 2; w.err == nil && (w.reads < first || !met()); { // the next read may have begun before this call
		w.changed.Wait()
	}
	return w.err
}

// untilDone waits until the aggregates have no duties.
func (w *watch) untilDone(refs ...flow.Ref) error {
	return w.until(func() bool { return !anyOf(w.owing, refs) })
}

// untilQuiet also waits until all signals have been delivered.
func (w *watch) untilQuiet(refs ...flow.Ref) error {
	return w.until(func() bool { return !anyOf(w.owing, refs) && !anyOf(w.unheard, refs) })
}

func anyOf(set map[flow.Ref]bool, refs []flow.Ref) bool {
	for _, ref := range refs {
		if set[ref] {
			return true
		}
	}
	return false
}
