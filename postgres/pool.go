package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain/calendar"
)

// pools are the connections of a process, kept apart by what they serve, so that whoever uses up one of them keeps nobody waiting who
// needs another. The page docs/decisions/waiting.md tells who can wait for whom.
type pools struct {
	answers    *pgxpool.Pool // what people read
	commands   *pgxpool.Pool // what people write
	waiting    *pgxpool.Pool // people's commands that have waited for a lock
	activities *pgxpool.Pool // what the workflows read and write
	relay      *pgxpool.Pool // the relay
	care       *pgxpool.Pool // whatever goes through the whole record, and the start
	door       *pgxpool.Pool // signing in
	readiness  *pgxpool.Pool // whether the record answers
}

// lockWait is how long a command's statement waits for one lock before it gives its connection back.
const lockWait = 100 * time.Millisecond

// answerConns is the number of connections for people's reads, and as many again for their commands, unless Config says otherwise.
const answerConns = 12

// limits are what a pool may take: of connections, and of the time that its statements wait for a lock or run (0 is without end).
type limits struct {
	pool            **pgxpool.Pool
	name            string
	conns           int
	lock, statement time.Duration
	record          bool // it carries on the record itself; else every transaction says for whom it reads
}

func (p *pools) limits(answers int) []limits {
	const short = 10 * time.Second // within what detached allows
	return []limits{
		{&p.answers, "answers", answers, 2 * time.Second, 0, false},
		{&p.commands, "commands", answers, lockWait, short, true},
		{&p.waiting, "waiting", 4, lockWait, short, true},
		{&p.activities, "activities", 8, lockWait, short, true},
		{&p.relay, "relay", 3, time.Second, 0, true},
		{&p.care, "care", 3, 10 * time.Second, 0, true},
		{&p.door, "door", 2, time.Second, short, false},
		{&p.readiness, "readiness", 1, time.Second, short, false},
	}
}

func (p *pools) open(ctx context.Context, url string, answers int) (err error) {
	for _, l := range p.limits(answers) {
		if *l.pool, err = l.open(ctx, url); err != nil {
			p.close()
			return err
		}
	}
	return nil
}

func (p *pools) close() {
	for _, l := range p.limits(0) {
		if *l.pool != nil {
			(*l.pool).Close()
		}
	}
}

func (l limits) open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(l.conns)
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 10
	set := config.ConnConfig.RuntimeParams
	set["application_name"] = "terrace " + l.name
	set["lock_timeout"] = strconv.FormatInt(l.lock.Milliseconds(), 10)
	set["statement_timeout"] = strconv.FormatInt(l.statement.Milliseconds(), 10)
	set["idle_in_transaction_session_timeout"] = "60000" // a process that hangs frees its locks
	if l.record {
		set[readerSetting] = readerIsRecord
		set[turnsSetting] = turnsAreWritten
	}
	set["jit"] = "off"                           // compiling a statement takes longer than any answer may
	set["timezone"] = calendar.Shanghai.String() // days and hours are those of the rules, whatever the server's
	return pgxpool.NewWithConfig(ctx, config)
}
