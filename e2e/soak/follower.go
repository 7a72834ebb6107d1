package main

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5" //nolint:depguard // people follow the journal as a screen would
)

// happening is the part of a journal event that the simulated people act on.
type happening struct {
	Position              int64
	Kind, ID, Pilot, Name string
	Payment               string // the returned payment
	Fen                   int64
}

// follower notifies the simulated people of events, so that none of them has to poll.
type follower struct {
	mutex    sync.Mutex
	happened map[string]map[string]int // number of times that, say, "project/1 opened" has happened, by pilot
	changed  map[string]chan struct{}  // closed at the pilot's next event
	tellAll  func(happening)
	position int64
}

func newFollower(tellAll func(happening)) *follower {
	return &follower{happened: map[string]map[string]int{}, changed: map[string]chan struct{}{}, tellAll: tellAll}
}

// follow reads the journal until the context ends, each event once. It stays below the oldest open transaction so as to
// miss none.
func (f *follower) follow(ctx context.Context, database string) {
	var record connection
	defer record.close(ctx)
	for ; ctx.Err() == nil; pause(ctx, 5*look) {
		conn := record.open(ctx, database)
		if conn == nil {
			continue
		}
		rows, err := conn.Query(ctx, `select position, kind, id, pilot, name,
				case when name = 'payment-came-home' then data->>'payment' else '' end, case when name = 'payment-came-home' then (data->>'fen')::bigint else 0 end
			from journal
			where position > $1 and position < journal_horizon() order by position limit 5000`, f.position)
		if err != nil {
			continue
		}
		news, err := pgx.CollectRows(rows, pgx.RowToStructByPos[happening])
		if err != nil {
			continue
		}
		for _, h := range news {
			f.position = h.Position
			f.tell(h)
		}
	}
}

func (f *follower) tell(h happening) {
	f.tellAll(h)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.happened[h.Pilot] == nil {
		f.happened[h.Pilot] = map[string]int{}
	}
	f.happened[h.Pilot][h.ID+" "+h.Name]++
	if c := f.changed[h.Pilot]; c != nil {
		close(c)
		delete(f.changed, h.Pilot)
	}
}

// count returns how often an event has happened to an aggregate, and a channel that is closed at its pilot's next
// event.
func (f *follower) count(pilot, id, name string) (int, <-chan struct{}) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.changed[pilot] == nil {
		f.changed[pilot] = make(chan struct{})
	}
	return f.happened[pilot][id+" "+name], f.changed[pilot]
}

// await waits until an event has happened to an aggregate at least the given number of times. It returns false if the
// context ends first.
func (f *follower) await(ctx context.Context, pilot, id, name string, times int) bool {
	for {
		n, changed := f.count(pilot, id, name)
		if n >= times {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
