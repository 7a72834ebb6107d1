package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// Contents summarizes a record at one instant. A backup stores it, and a restore compares the restored record with it.
type Contents struct {
	Instant time.Time         `json:"instant"` // real time of the snapshot
	Schema  int               `json:"schema"`  // the number of the last migration
	Server  int               `json:"server"`  // the major version of PostgreSQL
	Owner   string            `json:"owner"`   // the role that owns the tables
	Roles   []string          `json:"roles"`   // the other roles that have rights on the tables
	Tables  map[string]int64  `json:"tables"`  // the number of rows in each table
	Guards  map[string]string `json:"guards"`  // the SHA-256 of the definition of each trigger, function, constraint and right
}

// Head is the last link of an aggregate's hash chain.
type Head struct {
	Aggregate flow.Ref
	Seq       int
	Hash      []byte
}

// Line formats the head as a line of heads.txt in a backup.
func (h Head) Line() string { return fmt.Sprintf("%s %d %x", h.Aggregate, h.Seq, h.Hash) }

// Snapshot shows the record as of one instant, while commands continue. It blocks neither commands nor readers of the
// journal. But PostgreSQL cannot vacuum rows deleted since, so close it soon.
type Snapshot struct {
	ID string // lets another connection read the same snapshot

	conn *pgx.Conn
	tx   pgx.Tx
	lack *OwnerError // set by Contents if the role of the connection has fewer rights than the owner
}

// TakeSnapshot takes a snapshot of the record as it is now. The database must have a schema.
func TakeSnapshot(ctx context.Context, url string) (*Snapshot, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["application_name"] = "terrace backup"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	config.RuntimeParams["search_path"] = "public"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{conn: conn}
	s.tx, err = conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err == nil {
		err = s.tx.QueryRow(ctx, "select pg_export_snapshot()").Scan(&s.ID)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	ctx, cancel := detached(context.Background())
	defer cancel()
	return s.conn.Close(ctx)
}

// Contents summarizes the record, whatever its schema version.
func (s *Snapshot) Contents(ctx context.Context) (c Contents, err error) {
	if err := refuseFormer(ctx, s.tx); err != nil {
		return c, err
	}
	var migrated bool
	if err := s.tx.QueryRow(ctx, "select to_regclass($1) is not null and to_regclass('public.journal') is not null", versionTable).Scan(&migrated); err != nil {
		return c, err
	}
	if !migrated {
		return c, errors.New("the database holds no record of Terrace: check TERRACE_DATABASE_URL")
	}
	err = s.tx.QueryRow(ctx, `select clock_timestamp(), (select version from `+versionTable+`), current_setting('server_version_num')::integer / 10000,
		(select pg_get_userbyid(relowner) from pg_class where oid = 'public.journal'::regclass)`).Scan(&c.Instant, &c.Schema, &c.Server, &c.Owner)
	if err != nil {
		return c, err
	}
	c.Instant = c.Instant.UTC()
	if err := s.reads(ctx, c.Owner); err != nil {
		return c, err
	}
	if c.Roles, err = s.roles(ctx, c.Owner); err != nil {
		return c, err
	}
	if c.Guards, err = s.guards(ctx); err != nil {
		return c, err
	}
	c.Tables, err = s.count(ctx)
	return c, s.Denied(err)
}

// reads sets lack if the role of the connection does not have the owner's rights.
func (s *Snapshot) reads(ctx context.Context, owner string) error {
	e := &OwnerError{Why: "does not own the tables, and could not read all of them", Next: takesURLOf(owner)}
	var may bool
	err := s.tx.QueryRow(ctx, "select current_user::text, pg_has_role(current_user, $1, 'usage')", owner).Scan(&e.Role, &may)
	if err == nil && !may {
		s.lack = e
	}
	return err
}

// Denied wraps an error that occurred while reading the snapshot in an *OwnerError if the role of the connection has
// fewer rights than the owner. Otherwise it returns the error unchanged.
func (s *Snapshot) Denied(err error) error {
	if err == nil || s.lack == nil {
		return err
	}
	e := *s.lack
	e.Err = err
	return &e
}

// count returns the number of rows in each of the record's tables.
func (s *Snapshot) count(ctx context.Context) (map[string]int64, error) {
	rows, err := s.tx.Query(ctx, `select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(names))
	for _, name := range names {
		var n int64
		if err := s.tx.QueryRow(ctx, "select count(*) from "+pgx.Identifier{"public", name}.Sanitize()).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", name, err)
		}
		counts[name] = n
	}
	return counts, nil
}

// roles lists the roles other than the owner that have rights on a table or sequence, or will be granted them on new
// ones.
func (s *Snapshot) roles(ctx context.Context, owner string) ([]string, error) {
	rows, err := s.tx.Query(ctx, `
		select distinct pg_get_userbyid(a.grantee)::text from (
			select relacl as acl from pg_class where relnamespace = 'public'::regnamespace
			union all select attacl from pg_attribute t join pg_class c on c.oid = t.attrelid where c.relnamespace = 'public'::regnamespace
			union all select proacl from pg_proc where pronamespace = 'public'::regnamespace
			union all select defaclacl from pg_default_acl
			union all select nspacl from pg_namespace where nspname = 'public'
		) rights cross join aclexplode(rights.acl) a
		where a.grantee <> 0 and pg_get_userbyid(a.grantee) not in ($1, 'pg_database_owner')
			and a.grantee not in (select oid from pg_roles where rolname like 'pg\_%' or rolsuper) order by 1`, owner)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// guards is the query for the definitions of everything that protects the journal and the ledger from being
// overwritten, by kind and name. For triggers and constraints it drops brackets and spaces, because a restore changes
// them.
const guards = `
	select 'trigger ' || c.relname || '.' || t.tgname as name, t.tgenabled::text || regexp_replace(pg_get_triggerdef(t.oid), '[()\s]|ROW', '', 'g') as definition
	from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
	union all
	select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', concat_ws(' ', p.prosecdef, p.proconfig::text, p.provolatile::text,
		p.proowner = (select relowner from pg_class where oid = 'public.journal'::regclass), p.prosrc)
	from pg_proc p where p.pronamespace = 'public'::regnamespace
	union all
	select 'constraint ' || c.relname || '.' || k.conname, concat_ws(' ', k.convalidated, k.condeferrable, k.condeferred, regexp_replace(pg_get_constraintdef(k.oid), '[()\s]|ROW', '', 'g'))
	from pg_constraint k join pg_class c on c.oid = k.conrelid where c.relnamespace = 'public'::regnamespace and k.contype <> 'n'
	union all
	select 'rights of ' || case a.grantee when 0 then 'everybody' else pg_get_userbyid(a.grantee) end || ' to ' || c.name,
		string_agg(a.privilege_type, ' ' order by a.privilege_type)
	from (
		select relname::text as name, relowner as owner, relacl as acl from pg_class where relnamespace = 'public'::regnamespace
		union all select c.relname || '.' || t.attname, c.relowner, t.attacl from pg_attribute t join pg_class c on c.oid = t.attrelid
		where c.relnamespace = 'public'::regnamespace
	) c cross join aclexplode(c.acl) a where a.grantee <> c.owner group by a.grantee, c.name
	union all
	select 'policy ' || p.tablename || '.' || p.policyname, concat_ws(' ', p.permissive, p.roles::text, p.cmd, regexp_replace(p.qual, '[()\s]', '', 'g'), regexp_replace(p.with_check, '[()\s]', '', 'g'))
	from pg_policies p where p.schemaname = 'public'
	union all
	select 'row-level security of ' || c.relname, c.relrowsecurity::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
	union all
	select 'owner of ' || c.relname, (c.relowner = (select relowner from pg_class where oid = 'public.journal'::regclass))::text
	from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S')`

func (s *Snapshot) guards(ctx context.Context) (map[string]string, error) {
	rows, err := s.tx.Query(ctx, guards)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	var name, definition string
	_, err = pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		all[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(definition)))
		return nil
	})
	return all, err
}

// Heads calls each with the last link of every hash chain, sorted bytewise by kind and id.
func (s *Snapshot) Heads(ctx context.Context, each func(Head) error) error {
	rows, err := s.tx.Query(ctx, `select kind, id, seq, hash from (
		select distinct on (kind, id) kind, id, seq, hash from journal order by kind, id, seq desc
	) heads order by kind collate "C", id collate "C"`)
	if err != nil {
		return err
	}
	h := Head{}
	_, err = pgx.ForEachRow(rows, []any{&h.Aggregate.Kind, &h.Aggregate.ID, &h.Seq, &h.Hash}, func() error { return each(h) })
	return err
}

// SnapshotFile is a file that the record names.
type SnapshotFile struct {
	Evidence
	Described bool // the record describes it; if not, all but its SHA-256 is empty
	Certain   bool // a row names it; if not, an event contains its SHA-256, which may be the hash of something else
}

// Files calls each with every file that the record names, sorted by SHA-256: in its description, in another table (the
// column sha256) or in an event. Descriptions can be lost, and the file is then still the one that was named.
func (s *Snapshot) Files(ctx context.Context, each func(SnapshotFile) error) error {
	rows, err := s.tx.Query(ctx, `select format('select sha256, true as certain from %I.%I', 'public', c.relname)
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'sha256' and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`)
	if err != nil {
		return err
	}
	naming, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	rows, err = s.tx.Query(ctx, `with named as (`+strings.Join(naming, " union all ")+`
			union all select text, false from journal, string_to_table(data::text, '"') text where octet_length(text) = 64 and text !~ '[^0-9a-f]'
		)
		select n.sha256, coalesce(e.media_type, ''), coalesce(e.size, 0), coalesce(e.name, ''), coalesce(e.uploaded_by, ''), coalesce(e.uploaded_at, 'epoch'), e.sha256 is not null, n.certain
		from (select sha256, bool_or(certain) as certain from named group by sha256) n left join evidence e on e.sha256 = n.sha256 order by n.sha256 collate "C"`)
	if err != nil {
		return err
	}
	f := SnapshotFile{}
	_, err = pgx.ForEachRow(rows, []any{&f.SHA256, &f.MediaType, &f.Size, &f.Name, &f.UploadedBy, &f.UploadedAt, &f.Described, &f.Certain}, func() error { return each(f) })
	return err
}
