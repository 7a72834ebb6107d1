package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain/calendar"
)

// pools holds a process's connections, with a pool for each purpose, so that exhausting one pool does not block work in
// another. docs/decisions/waiting.md explains which work may wait for which.
type pools struct {
	answers    *pgxpool.Pool // for users' reads
	commands   *pgxpool.Pool // for users' commands
	waiting    *pgxpool.Pool // for users' commands that have waited for a lock
	activities *pgxpool.Pool // for workflows' reads and commands
	relay      *pgxpool.Pool // for the relay's deliveries
	care       *pgxpool.Pool // for startup and work on the whole record
	door       *pgxpool.Pool // for authentication
	readiness  *pgxpool.Pool // for readiness checks
}

// lockWait is the maximum time that a command's statement waits for a single lock. After that, the command gives up its
// connection.
const lockWait = 100 * time.Millisecond

// answerConns is the default number of connections for users' reads, and separately for their commands. Config can
// override it.
const answerConns = 12

// limits holds the limits of one pool: the number of its connections, and how long a statement may wait for a lock and
// how long it may run. 0 means no limit.
type limits struct {
	pool            **pgxpool.Pool
	name            string
	conns           int
	lock, statement time.Duration
	record          bool // connections may read everything; otherwise each transaction must set its reader
}

func (p *pools) limits(answers int) []limits {
	const short = 10 * time.Second // shorter than what detached allows
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
	set["idle_in_transaction_session_timeout"] = "60000" // frees the locks of a process that hangs
	if l.record {
		set[readerSetting] = readerIsRecord
		set[turnsSetting] = turnsAreWritten
	}
	set["jit"] = "off"                           // compiling a statement takes longer than a response may
	set["timezone"] = calendar.Shanghai.String() // the dates and hours in the rules are Shanghai's, whatever the server's time zone
	return pgxpool.NewWithConfig(ctx, config)
}
