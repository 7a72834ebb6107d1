package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// ProgramRole is the group role that has the program's rights (see schema/025_rights.sql). The program connects as
	// a member of this role.
	ProgramRole = "terrace_program"
	// trialRole is the member of ProgramRole used by demonstrations, tests and benchmarks.
	trialRole = "terrace_trial"
)

// RoleError means that the role of the connection has more rights than the program should have, or too few.
type RoleError struct {
	Role string // the role of the connection
	Why  string
}

func (e *RoleError) Error() string {
	return fmt.Sprintf("%s %s. The program connects as a role that owns nothing and is a member of %s (deploy/postgres/roles.sh makes one): set TERRACE_DATABASE_URL to its URL. "+
		"The owner's URL is for “terrace migrate”, “backup” and “restore”", e.Role, e.Why, ProgramRole)
}

// checkRole returns a *RoleError if the role lacks rights that the program needs, or could bypass the record's
// safeguards, whether directly or through another role that it may assume.
func (s *Store) checkRole(ctx context.Context) error {
	e := &RoleError{}
	err := s.answers.QueryRow(ctx, `
		select session_user::text, case r.rolname when session_user then '' else 'may act as ' || r.rolname || ', which ' end
			|| case when r.rolsuper then 'is a superuser' when r.rolbypassrls then 'bypasses row-level security (BYPASSRLS)' else 'owns the tables' end
		from pg_roles r
		where pg_has_role(session_user, r.oid, 'member') and (r.rolsuper or r.rolbypassrls or r.oid in (
			select c.relowner from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')))
		order by r.rolname <> session_user, r.rolname limit 1`).Scan(&e.Role, &e.Why)
	if errors.Is(err, pgx.ErrNoRows) {
		err = s.answers.QueryRow(ctx, `select session_user::text, 'is not a member of ' || $1
			where not exists (select from pg_roles where rolname = $1 and pg_has_role(current_user, oid, 'usage'))`, ProgramRole).Scan(&e.Role, &e.Why)
	}
	if err != nil {
		return absent(err)
	}
	return e
}

// checkPolicies returns an error if row-level security is switched off on a table that has policies.
func (s *Store) checkPolicies(ctx context.Context) error {
	var open []string
	err := s.care.QueryRow(ctx, `select array(select relname::text from pg_class c where relnamespace = 'public'::regnamespace and not relrowsecurity
		and exists (select from pg_policy where polrelid = c.oid) order by relname)`).Scan(&open)
	if err == nil && len(open) > 0 {
		err = fmt.Errorf("row-level security is switched off on %s, so every reader could read all of it. Switch it on as the owner: alter table %s enable row level security", strings.Join(open, ", "), open[0])
	}
	return err
}

// MakeProgramRole creates the group role with the program's rights, unless the server already has it.
func MakeProgramRole(ctx context.Context, url string) error {
	return aloneOn(ctx, url, func(conn *pgx.Conn) error { return makeProgramRole(ctx, conn) })
}

func makeProgramRole(ctx context.Context, conn *pgx.Conn) error {
	return makeRole(ctx, conn, ProgramRole, "nologin", "Have a superuser create it: create role "+ProgramRole+" nologin. deploy/postgres/roles.sh creates every role")
}

// makeRole creates a role, unless it already exists. If the server does not allow that, the error ends with next, which
// says what to do.
//
// Errors: *OwnerError.
func makeRole(ctx context.Context, conn *pgx.Conn, role, options, next string) error {
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", role).Scan(&there); err != nil || there {
		return err
	}
	_, err := conn.Exec(ctx, "create role "+role+" "+options)
	var fault *pgconn.PgError
	if !errors.As(err, &fault) {
		return err
	}
	switch fault.Code {
	case "42710", "23505": // another session created it first
		return nil
	case "42501":
		return &OwnerError{conn.Config().User, "may not create the role " + role + ", which the server lacks", next, nil}
	}
	return err
}

// TrialURL returns the URL with which a demonstration, test or benchmark connects as the program. ownerURL must be a
// superuser's. TrialURL creates the role, unless the server already has it. The role's password is derived from the
// superuser's, and is empty if the superuser has none because the server trusts local connections.
func TrialURL(ctx context.Context, ownerURL string) (string, error) {
	u, err := url.Parse(ownerURL)
	if err != nil {
		return "", err
	}
	options, user := "login in role "+ProgramRole, url.User(trialRole)
	if password, set := u.User.Password(); set {
		digest := hmac.New(sha256.New, []byte(password))
		digest.Write([]byte(trialRole))
		derived := fmt.Sprintf("%x", digest.Sum(nil))
		options, user = options+" password '"+derived+"'", url.UserPassword(trialRole, derived)
	}
	u.User = user
	return u.String(), aloneOn(ctx, ownerURL, func(conn *pgx.Conn) error {
		if err := makeProgramRole(ctx, conn); err != nil {
			return err
		}
		return makeRole(ctx, conn, trialRole, options, "Demonstrations, tests and measurements take a superuser's URL")
	})
}

// aloneOn opens a connection, calls do with it and closes it.
func aloneOn(ctx context.Context, url string, do func(*pgx.Conn) error) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return do(conn)
}
