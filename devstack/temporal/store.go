package temporal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/server/common/auth"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"

	"terrace/devstack/postgres"
)

// ErrAlreadyServed means that a running temporald uses the databases. Two of them would steal each other's shards.
var ErrAlreadyServed = errors.New("another temporald already uses these databases")

// The names of the two databases. To erase all of Temporal's data, stop temporald and drop both.
const (
	mainDatabase       = "temporal"
	visibilityDatabase = "temporal_visibility"
)

// store is where the server keeps its data.
type store struct {
	main, visibility *config.SQL
	claim            *pgx.Conn // connection whose session holds the lock on the databases; nil for a store in memory
}

func (s *store) close() {
	if s.claim != nil {
		_ = s.claim.Close(context.Background())
	}
}

// openStore returns a store with current schemas and all namespaces.
func openStore(ctx context.Context, config Config) (*store, error) {
	opened := memoryStore()
	if config.Postgres != "" {
		var err error
		if opened, err = postgresStore(ctx, config.Postgres); err != nil {
			return nil, err
		}
	}
	if err := createNamespaces(opened.main, config); err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

// memoryStore returns a single SQLite database for both stores, which creates its own schema.
func memoryStore() *store {
	shared := &config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      rand.Text(),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}
	return &store{main: shared, visibility: shared}
}

func postgresStore(ctx context.Context, url string) (*store, error) {
	target, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	for _, database := range []string{mainDatabase, visibilityDatabase} {
		if err := postgres.EnsureDatabase(ctx, url, database); err != nil {
			return nil, fmt.Errorf("create database %s: %w", database, err)
		}
	}
	// Each of the four services opens its own pools of this size.
	opened := &store{
		main:       connection(target, mainDatabase, 10),
		visibility: connection(target, visibilityDatabase, 4),
	}
	if opened.claim, err = claim(ctx, target); err != nil {
		return nil, err
	}
	err = errors.Join(
		migrate(opened.main, "postgresql/v12/temporal"),
		migrate(opened.visibility, "postgresql/v12/visibility"),
	)
	if err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

func connection(target *pgx.ConnConfig, database string, pool int) *config.SQL {
	sql := &config.SQL{
		PluginName:   postgresql.PluginNamePGX,
		ConnectAddr:  fmt.Sprintf("%s:%d", target.Host, target.Port),
		User:         target.User,
		Password:     target.Password,
		DatabaseName: database,
		MaxConns:     pool,
		MaxIdleConns: pool,
	}
	if target.TLSConfig != nil {
		sql.TLS = &auth.TLS{Enabled: true, EnableHostVerification: !target.TLSConfig.InsecureSkipVerify}
	}
	return sql
}

// claimKey is the key of the advisory lock that a running temporald holds in its main database.
const claimKey = 0x7e44ace

// claim takes the lock on the databases, waiting for the session of a killed predecessor to end.
func claim(ctx context.Context, target *pgx.ConnConfig) (*pgx.Conn, error) {
	target = target.Copy()
	target.Database = mainDatabase
	conn, err := pgx.ConnectConfig(ctx, target)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", claimKey); err != nil {
		_ = conn.Close(context.Background())
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ErrAlreadyServed
		}
		return nil, err
	}
	return conn, nil
}

// migrate brings a database, whether empty or from an older release, to the embedded server's schema. Every step can
// safely be repeated, so a kill in between does no harm.
func migrate(target *config.SQL, name string) error {
	logger := log.NewNoopLogger()
	conn, err := sql.NewConnection(target, logger)
	if err != nil {
		return fmt.Errorf("database %s: %w", target.DatabaseName, err)
	}
	defer conn.Close()
	if _, err := conn.ReadSchemaVersion(); err != nil { // no version yet: a new database
		setup := &schema.SetupConfig{InitialVersion: "0.0"}
		if err := schema.NewSetupSchemaTask(conn, setup, logger).Run(); err != nil {
			return fmt.Errorf("set up database %s: %w", target.DatabaseName, err)
		}
	}
	update := &schema.UpdateConfig{SchemaName: name}
	if err := schema.NewUpdateSchemaTask(conn, update, logger).Run(); err != nil {
		return fmt.Errorf("update database %s: %w", target.DatabaseName, err)
	}
	return nil
}
