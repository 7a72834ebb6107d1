package driving

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// watch knows what the workflows have not done yet. It reads the record for all clients together, a few times in the time that a
// decision takes.
type watch struct {
	conn *pgx.Conn
	stop context.CancelFunc
	done sync.WaitGroup

	mutex   sync.Mutex
	changed *sync.Cond
	reads   int               // how often the record was read
	owing   map[flow.Ref]bool // aggregates with a duty
	unheard map[flow.Ref]bool // aggregates whose news are on their way
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

// read looks once; false when there is nothing more to be read.
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

// until waits until what is read after now satisfies the condition.
func (w *watch) until(met func() bool) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for first := w.reads + 2; w.err == nil && (w.reads < first || !met()); { // the next may have begun before now
		w.changed.Wait()
	}
	return w.err
}

// untilDone waits until the workflows owe nothing about the aggregates.
func (w *watch) untilDone(refs ...flow.Ref) error {
	return w.until(func() bool { return !anyOf(w.owing, refs) })
}

// untilQuiet waits until they also have had the news.
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
