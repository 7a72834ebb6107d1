package backup_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"terrace/backup"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// office is a record with its evidence store.
type office struct {
	*postgres.Store
	t        testing.TB
	url      string
	evidence *blob.Bucket
	people   map[string]domain.Actor
}

// open connects to an existing record and evidence store.
func open(t testing.TB, url, folder string) *office {
	t.Helper()
	return openAs(t, url, pgtest.Program(t, url), folder)
}

// openAs is like open, but connects with the URL program, which may be that of any role.
func openAs(t testing.TB, url, program, folder string) *office {
	t.Helper()
	set, err := programmes.Builtin()
	must(t, err)
	o := &office{t: t, url: url, people: map[string]domain.Actor{}}
	o.Store, err = postgres.Open(t.Context(), postgres.Config{URL: program, Programmes: set, Calendar: calendar.Published()})
	must(t, err)
	t.Cleanup(o.Close)
	o.evidence = store(t, folder)
	for _, p := range zhuanglang.Read().People() {
		o.people[p.ID] = p
	}
	return o
}

func store(t testing.TB, folder string) *blob.Bucket {
	t.Helper()
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true})
	must(t, err)
	t.Cleanup(func() { _ = bucket.Close() }) // an error no longer matters
	return bucket
}

// found sets up a record with the demonstration's data, a few pilots and a few files.
func found(t testing.TB) *office {
	t.Helper()
	return populate(t, open(t, pgtest.New(t), t.TempDir()))
}

func populate(t testing.TB, o *office) *office {
	t.Helper()
	demo := zhuanglang.Read()
	registry := postgres.Registry{Places: demo.Places()}
	for _, f := range demo.Organizations() {
		registry.Organizations = append(registry.Organizations, postgres.Organization{Name: domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, OrganizationFacts: f})
	}
	for _, p := range demo.People() {
		registry.People = append(registry.People, postgres.Person{Actor: p})
	}
	must(t, o.Register(t.Context(), registry))
	must(t, o.StartCalendar(t.Context(), calendar.On(2017, 9, 11).At(9, 0), 1e8))
	for i := range 3 {
		_, err := o.Execute(t.Context(), o.draft())
		must(t, err)
		must(t, o.upload(t.Context(), fmt.Sprintf("evidence %d", i)))
	}
	return o
}

func (o *office) draft() flow.Command {
	demo := zhuanglang.Read()
	return flow.Command{
		ID: uuid.NewString(), Actor: o.people[zhuanglang.CountyOfficer], Name: "draft",
		Aggregate: flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()},
		Payload:   &pilot.Draft{Programme: demo.Programme, Application: demo.Application()},
	}
}

// upload stores a file and then records it, as the API does.
func (o *office) upload(ctx context.Context, text string) error {
	sha := shaOf(text)
	if err := o.evidence.WriteAll(ctx, sha, []byte(text), &blob.WriterOptions{ContentType: "text/plain"}); err != nil {
		return err
	}
	return o.SaveEvidence(ctx, postgres.Evidence{SHA256: sha, MediaType: "text/plain", Size: int64(len(text)), UploadedBy: zhuanglang.CountyOfficer})
}

func shaOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func (o *office) source() backup.Source {
	return backup.Source{Database: o.url, Evidence: o.evidence, Product: "test"}
}

// save makes a backup and returns its folder.
func (o *office) save() string {
	o.t.Helper()
	folder := filepath.Join(o.t.TempDir(), "backup")
	m, err := backup.Make(o.t.Context(), o.source(), folder, quietly)
	must(o.t, err)
	if len(m.Lost) > 0 {
		o.t.Fatalf("lost %v", m.Lost)
	}
	return folder
}

func quietly(string, int64, int64) {}

func check(t testing.TB, folder string, key ed25519.PublicKey) *backup.Checked {
	t.Helper()
	c, err := backup.Check(t.Context(), folder, key, quietly)
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// restored restores a backup into an empty database and fails the test if anything differs.
func restored(t testing.TB, folder string) *office {
	t.Helper()
	url, files := pgtest.Empty(t), t.TempDir()
	differ, err := check(t, folder, nil).Restore(t.Context(), backup.Destination{Database: url, Evidence: store(t, files)}, quietly)
	must(t, err)
	if len(differ) > 0 {
		t.Fatalf("the restored record differs: %v", differ)
	}
	return open(t, url, files)
}

// agrees writes the outstanding turns, as a worker would, and requires that Verify finds no differences.
func (o *office) agrees(t testing.TB) {
	t.Helper()
	_, err := o.WriteTurns(t.Context())
	must(t, err)
	if differences, err := o.Verify(t.Context(), func(int, int) {}); err != nil || len(differences) > 0 {
		t.Errorf("the record differs: %v, %v", differences, err)
	}
}

func TestWhatIsRestoredIsWhatWasSaved(t *testing.T) {
	t.Parallel()
	o := found(t)
	asked := o.draft()
	_, err := o.Execute(t.Context(), asked)
	must(t, err)
	back := restored(t, o.save())
	back.agrees(t)
	for i := range 3 {
		text := fmt.Sprintf("evidence %d", i)
		if got, err := back.evidence.ReadAll(t.Context(), shaOf(text)); err != nil || string(got) != text {
			t.Errorf("%q is %q, %v", text, got, err)
		}
		if e, err := back.Evidence(t.Context(), shaOf(text)); err != nil || e.MediaType != "text/plain" {
			t.Errorf("the description of %q is %+v, %v", text, e, err)
		}
	}
	if again, err := back.Execute(t.Context(), asked); err != nil || !again.Repeated {
		t.Errorf("repeating a command from before the backup: %+v, %v", again, err)
	}
	if _, err := back.Execute(t.Context(), back.draft()); err != nil {
		t.Errorf("a new command is refused: %v", err)
	}
	before, err := o.LastPosition(t.Context())
	must(t, err)
	eventually(t, "the journal goes on behind what was restored", func() bool { // other transactions on the server can delay it briefly
		after, err := back.LastPosition(t.Context())
		must(t, err)
		return after > before
	})
}

func eventually(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !met(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func TestADamagedBackupIsRefusedByTheNameOfTheFile(t *testing.T) {
	t.Parallel()
	o := found(t)
	whole := o.save()
	if c := check(t, whole, nil); len(c.Findings) > 0 {
		t.Fatalf("a whole backup: %v", c.Findings)
	}
	one := "evidence/" + shaOf("evidence 1")
	tests := map[string]struct {
		damage func(folder string) error
		want   string
	}{
		"a flipped byte in the dump":         {flip("database.dump"), "database.dump: changed"},
		"a truncated dump":                   {truncate("database.dump"), "database.dump: has "},
		"no dump":                            {remove("database.dump"), "database.dump: missing"},
		"a flipped byte in evidence":         {flip(one), one + ": changed"},
		"truncated evidence":                 {truncate(one), one + ": has "},
		"missing evidence":                   {remove(one), one + ": missing"},
		"evidence under another name":        {rename(one, "evidence/"+shaOf("x")), one + ": missing"},
		"a flipped byte in the heads":        {flip("heads.txt"), "heads.txt: changed"},
		"a changed manifest":                 {flip("manifest.json"), "manifest.json: changed"},
		"no manifest":                        {remove("manifest.json"), "manifest.json: missing"},
		"a flipped hash":                     {flip("SHA256SUMS"), ""},
		"truncated hashes":                   {truncate("SHA256SUMS"), "SHA256SUMS: damaged"},
		"a file too many":                    {add("notes.txt"), "notes.txt: added"},
		"evidence too much":                  {add("evidence/" + shaOf("y")), "evidence/" + shaOf("y") + ": added"},
		"a folder too many":                  {func(f string) error { return os.Mkdir(filepath.Join(f, "more"), 0o700) }, "more: a folder"},
		"a link in the place of evidence":    {link(one), one + ": not a regular file"},
		"an added file that the sums name":   {listed("notes.txt"), "notes.txt: listed in SHA256SUMS"},
		"a file taken out of the sums alone": {unlisted("heads.txt"), "heads.txt: SHA256SUMS and manifest.json do not agree"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := copyOf(t, whole)
			must(t, test.damage(folder))
			c := check(t, folder, nil)
			if !slices.ContainsFunc(c.Findings, func(f backup.Finding) bool { return strings.HasPrefix(f.String(), test.want) }) {
				t.Errorf("found %v, want %s", c.Findings, test.want)
			}
			empty, files := pgtest.Empty(t), t.TempDir()
			if _, err := c.Restore(t.Context(), backup.Destination{Database: empty, Evidence: store(t, files)}, quietly); err == nil {
				t.Error("restored")
			}
			if target, err := postgres.InspectTarget(t.Context(), empty); err != nil || len(target.Holds) > 0 {
				t.Errorf("the database holds %v, %v", target.Holds, err)
			}
			if names, err := os.ReadDir(files); err != nil || len(names) > 0 {
				t.Errorf("the evidence store has %v, %v", names, err)
			}
		})
	}
}

func flip(name string) func(string) error {
	return func(folder string) error {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text[len(text)/2] ^= 1
		return os.WriteFile(path, text, 0o600)
	}
}

func truncate(name string) func(string) error {
	return func(folder string) error {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		return os.Truncate(filepath.Join(folder, name), info.Size()/2)
	}
}

func remove(name string) func(string) error {
	return func(folder string) error { return os.Remove(filepath.Join(folder, name)) }
}

func rename(from, to string) func(string) error {
	return func(folder string) error { return os.Rename(filepath.Join(folder, from), filepath.Join(folder, to)) }
}

func add(name string) func(string) error {
	return func(folder string) error { return os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600) }
}

// link returns a function that replaces a file with a symbolic link to the same bytes elsewhere.
func link(name string) func(string) error {
	return func(folder string) error {
		elsewhere := folder + ".elsewhere"
		return errors.Join(os.Rename(filepath.Join(folder, name), elsewhere), os.Symlink(elsewhere, filepath.Join(folder, name)))
	}
}

// listed returns a function that adds a file and lists its correct hash in SHA256SUMS.
func listed(name string) func(string) error {
	return func(folder string) error {
		text, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS"))
		if err != nil {
			return err
		}
		text = append(text, shaOf("x")+"  "+name+"\n"...)
		return errors.Join(add(name)(folder), os.WriteFile(filepath.Join(folder, "SHA256SUMS"), text, 0o600))
	}
}

func unlisted(name string) func(string) error {
	return func(folder string) error {
		text, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS"))
		if err != nil {
			return err
		}
		lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(l string) bool { return strings.HasSuffix(l, "  "+name+"\n") })
		return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(strings.Join(lines, "")), 0o600)
	}
}

func copyOf(t *testing.T, folder string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup")
	must(t, os.CopyFS(to, os.DirFS(folder)))
	return to
}

func TestAFolderThatIsNotABackupIsRefused(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{"an empty folder": t.TempDir(), "no folder": filepath.Join(t.TempDir(), "none")} {
		if _, err := backup.Check(t.Context(), folder, nil, quietly); err == nil {
			t.Errorf("%s counts as a backup", name)
		}
	}
}

func TestOnlyAnEmptyDatabaseIsRestoredInto(t *testing.T) {
	t.Parallel()
	o := found(t)
	c := check(t, o.save(), nil)
	files := t.TempDir()
	_, err := c.Restore(t.Context(), backup.Destination{Database: o.url, Evidence: store(t, files)}, quietly)
	if err == nil || !strings.Contains(err.Error(), "the database is not empty") {
		t.Errorf("into the record itself: %v", err)
	}
	o.agrees(t)
	if names, err := os.ReadDir(files); err != nil || len(names) > 0 {
		t.Errorf("the evidence store holds %v, %v", names, err)
	}
}

func TestEvidenceUnderItsNameIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	o := found(t)
	c := check(t, o.save(), nil)
	empty, evidence := pgtest.Empty(t), store(t, t.TempDir())
	must(t, evidence.WriteAll(t.Context(), shaOf("evidence 0"), []byte("evidence 0"), nil)) // left by an earlier attempt
	must(t, evidence.WriteAll(t.Context(), shaOf("evidence 1"), []byte("other"), nil))
	to := backup.Destination{Database: empty, Evidence: evidence}
	if _, err := c.Restore(t.Context(), to, quietly); err == nil || !strings.Contains(err.Error(), shaOf("evidence 1")) {
		t.Fatalf("over other bytes: %v", err)
	}
	if target, err := postgres.InspectTarget(t.Context(), empty); err != nil || len(target.Holds) > 0 {
		t.Errorf("the database holds %v, %v", target.Holds, err)
	}
	must(t, evidence.Delete(t.Context(), shaOf("evidence 1")))
	if differ, err := c.Restore(t.Context(), to, quietly); err != nil || len(differ) > 0 {
		t.Errorf("second try: %v, %v", differ, err)
	}
}

func TestEvidenceThatTheStoreHasLostIsNamedAndTheRestSaved(t *testing.T) {
	t.Parallel()
	o := found(t)
	must(t, o.evidence.Delete(t.Context(), shaOf("evidence 0")))
	must(t, o.evidence.WriteAll(t.Context(), shaOf("evidence 1"), []byte("evidence I"), nil))
	folder := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), o.source(), folder, quietly)
	must(t, err)
	got := map[string]string{}
	for _, l := range m.Lost {
		got[l.SHA256], _, _ = strings.Cut(l.Why, ":")
	}
	if want := map[string]string{shaOf("evidence 0"): "missing", shaOf("evidence 1"): "damaged"}; !maps.Equal(got, want) {
		t.Errorf("lost %v, want %v", got, want)
	}
	back := restored(t, folder)
	if text, err := back.evidence.ReadAll(t.Context(), shaOf("evidence 2")); err != nil || string(text) != "evidence 2" {
		t.Errorf("the rest: %q, %v", text, err)
	}
}

func TestEvidenceThatTheRecordDescribesWronglyIsNamedAndSaved(t *testing.T) {
	t.Parallel()
	o := found(t)
	for i, change := range []string{"size = 9", "media_type = 'application/pdf'", "media_type = 'text/html'"} {
		must(t, try(o.url, fmt.Sprintf("update evidence set %s where sha256 = '%s'", change, shaOf(fmt.Sprintf("evidence %d", i)))))
	}
	folder := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), o.source(), folder, quietly)
	must(t, err)
	got := map[string]string{}
	for _, l := range m.Misdescribed {
		got[l.SHA256] = l.Why
	}
	want := map[string]string{
		shaOf("evidence 0"): "has 10 bytes, and the record says 9",
		shaOf("evidence 1"): `is not of the type "application/pdf", as the record says`,
		shaOf("evidence 2"): `is not of the type "text/html", as the record says`,
	}
	if !maps.Equal(got, want) || len(m.Lost) > 0 {
		t.Errorf("misdescribed %v, lost %v", got, m.Lost)
	}
	if c := check(t, folder, nil); len(c.Findings) > 0 || len(c.Manifest.Misdescribed) != len(want) {
		t.Errorf("found %v, misdescribed %v", c.Findings, c.Manifest.Misdescribed)
	}
}

// unguarded runs statements with all triggers off, as the owner of the tables can.
func (o *office) unguarded(t *testing.T, statements ...string) {
	t.Helper()
	must(t, try(o.url, "set session_replication_role = replica; "+strings.Join(statements, "; ")))
}

func TestARecordThatLostARowIsSavedAndTheRowNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sql, lost string }{
		"a person with a token":         {"insert into token values (sha256('x'), 'somebody')", "the table actor: the row id=somebody is missing; token rows that refer to it: 1"},
		"a place with places in it":     {"delete from place where code = '620800'", "the table place: the row code=620800 is missing; place rows that refer to it: "},
		"the description of a file":     {"delete from evidence where sha256 = '" + shaOf("evidence 0") + "'", "the table evidence: the row sha256=" + shaOf("evidence 0") + " is missing; evidence_upload rows that refer to it: 1"},
		"an account of the ledger":      {"insert into ledger_entry values (7, 'pilot', 'x', 1, now(), 2); insert into ledger_line values (7, 1, 99, 5), (7, 2, 99, -5)", "the table ledger_account: the row account=99 is missing; ledger_line rows that refer to it: 2"},
		"nothing to which a row refers": {"delete from place_version", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := found(t)
			o.unguarded(t, test.sql)
			folder := filepath.Join(t.TempDir(), "backup")
			m, err := backup.Make(t.Context(), o.source(), folder, quietly)
			must(t, err)
			if got := fmt.Sprint(m.LostRows); test.lost == "" && len(m.LostRows) > 0 || !strings.HasPrefix(strings.Trim(got, "[]"), test.lost) {
				t.Errorf("lost %s, want %q", got, test.lost)
			}
			url, files := pgtest.Empty(t), t.TempDir()
			c := check(t, folder, nil)
			into := backup.Destination{Database: url, Evidence: store(t, files)}
			if test.lost == "" {
				_, err := c.Restore(t.Context(), into, quietly)
				must(t, err)
				return
			}
			if len(c.Manifest.LostRows) != len(m.LostRows) {
				t.Errorf("its manifest says %v", c.Manifest.LostRows)
			}
			if _, err := c.Restore(t.Context(), into, quietly); !errors.Is(err, backup.ErrUnrestorable) || !strings.HasPrefix(err.Error(), "nothing was restored") {
				t.Errorf("restored: %v", err)
			}
			c.Manifest.LostRows = nil // as in a backup of a program that did not look for them
			if _, err := c.Restore(t.Context(), into, quietly); !errors.Is(err, backup.ErrUnrestorable) || strings.Contains(err.Error(), "Restore again") {
				t.Errorf("restored without the list: %v", err)
			}
		})
	}
}

func TestAFileWhoseDescriptionIsLostIsSaved(t *testing.T) {
	t.Parallel()
	o := found(t)
	c := o.draft()
	c.Payload.(*pilot.Draft).Attachments = []string{shaOf("evidence 2")}
	_, err := o.Execute(t.Context(), c)
	must(t, err)
	o.unguarded(t, // uses and uploads name one file each, and events a third
		fmt.Sprintf("insert into evidence_use values ('%s', 'pilot', 'x')", shaOf("evidence 0")),
		fmt.Sprintf("delete from evidence_upload where sha256 <> '%s'", shaOf("evidence 1")),
		fmt.Sprintf("delete from evidence_use where sha256 <> '%s'", shaOf("evidence 0")),
		fmt.Sprintf(`insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
			select 1, kind, 'x', pilot, 1, name, version, at, day, actor, late, '{"digest":"%s"}', hash from journal limit 1`, shaOf("no file, but personal data")),
		"delete from evidence")
	folder := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), o.source(), folder, quietly)
	must(t, err)
	var undescribed []string
	for _, l := range m.Misdescribed {
		if strings.HasPrefix(l.Why, "is not described") {
			undescribed = append(undescribed, l.SHA256)
		}
	}
	want := []string{shaOf("evidence 0"), shaOf("evidence 1"), shaOf("evidence 2")}
	slices.Sort(want)
	if !slices.Equal(undescribed, want) || len(m.Lost) > 0 {
		t.Errorf("undescribed %v, want %v; lost %v", undescribed, want, m.Lost)
	}
	for _, sha := range want {
		if _, err := os.Stat(filepath.Join(folder, "evidence", sha)); err != nil {
			t.Error(err)
		}
	}
	if c := check(t, folder, nil); len(c.Findings) > 0 {
		t.Errorf("found %v", c.Findings)
	}
}

func TestABackupThatIsCutOffLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	o := found(t)
	for _, step := range []string{"database", "evidence"} {
		parent := t.TempDir()
		ctx, cut := context.WithCancel(t.Context())
		_, err := backup.Make(ctx, o.source(), filepath.Join(parent, "backup"), func(now string, _, _ int64) {
			if now == step {
				cut()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cut off at the %s: %v", step, err)
		}
		if names, err := os.ReadDir(parent); err != nil || len(names) > 0 {
			t.Errorf("cut off at the %s it left %v, %v", step, names, err)
		}
	}
}

func TestABackupNeverReplacesAnother(t *testing.T) {
	t.Parallel()
	o := found(t)
	folder := o.save()
	before := sizes(t, folder)
	if _, err := backup.Make(t.Context(), o.source(), folder, quietly); !errors.Is(err, backup.ErrExists) {
		t.Errorf("a second one of the same name: %v", err)
	}
	if after := sizes(t, folder); !maps.Equal(before, after) {
		t.Errorf("it was %v and is %v", before, after)
	}
}

func sizes(t *testing.T, folder string) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		all[path] = info.Size()
		return err
	}))
	return all
}

func TestTheRemainsOfAKilledBackupAreReplaced(t *testing.T) {
	t.Parallel()
	o := found(t)
	folder := filepath.Join(t.TempDir(), "backup")
	must(t, os.MkdirAll(folder+".partial/evidence", 0o755))
	for _, name := range []string{"database.dump", "heads.txt", "evidence/" + shaOf("x")} {
		must(t, os.WriteFile(filepath.Join(folder+".partial", name), []byte("half"), 0o644))
	}
	must(t, os.Chmod(folder+".partial", 0o755)) // as a lax umask leaves it
	_, err := backup.Make(t.Context(), o.source(), folder, func(string, int64, int64) {
		if _, err := backup.Make(t.Context(), o.source(), folder, quietly); err == nil || !strings.Contains(err.Error(), "another backup is being written") {
			t.Errorf("a second one at the same time: %v", err)
		}
	})
	must(t, err)
	if c := check(t, folder, nil); len(c.Findings) > 0 {
		t.Errorf("found %v", c.Findings)
	}
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s: %v, %v", path, info.Mode(), err)
		}
		return nil
	}))
}

func TestAFolderThatNoBackupLeftIsNotTouched(t *testing.T) {
	t.Parallel()
	o := found(t)
	file := func(name string) func(t *testing.T, partial string) error {
		return func(_ *testing.T, partial string) error {
			return errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(partial, name)), 0o700), os.WriteFile(filepath.Join(partial, name), []byte("mine"), 0o600))
		}
	}
	tests := map[string]struct {
		prepare func(t *testing.T, partial string) error
		mine    string // content of the folder that must still be there afterwards
	}{
		"a folder of somebody's files":           {file("letter.txt"), "letter.txt"},
		"a copy of evidence under other names":   {file("evidence/letter.txt"), "evidence/letter.txt"},
		"a folder in the folder":                 {file("evidence/deep/" + shaOf("x")), "evidence/deep/" + shaOf("x")},
		"a folder by the name of the dump":       {file("database.dump/letter.txt"), "database.dump/letter.txt"},
		"a file":                                 {func(_ *testing.T, partial string) error { return os.WriteFile(partial, []byte("mine"), 0o600) }, ""},
		"a link to a folder that looks like one": {linked, "evidence/" + shaOf("x")},
		"a link in the place of the evidence": {func(t *testing.T, partial string) error {
			return errors.Join(os.Mkdir(partial, 0o700), linked(t, filepath.Join(partial, "evidence")))
		}, "evidence/evidence/" + shaOf("x")},
		"another user's": {func(t *testing.T, partial string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			return errors.Join(os.Mkdir(partial, 0o700), os.Chown(partial, 65534, -1))
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "backup")
			must(t, test.prepare(t, folder+".partial"))
			if _, err := backup.Make(t.Context(), o.source(), folder, quietly); err == nil || !strings.Contains(err.Error(), "is in the way and was not left by a backup") {
				t.Errorf("it was accepted: %v", err)
			}
			if _, err := os.Stat(filepath.Join(folder+".partial", test.mine)); err != nil {
				t.Errorf("%s: %v", test.mine, err)
			}
		})
	}
}

// linked creates a symbolic link to a folder elsewhere that looks like a backup's.
func linked(t *testing.T, name string) error {
	elsewhere := t.TempDir()
	return errors.Join(os.Mkdir(filepath.Join(elsewhere, "evidence"), 0o700),
		os.WriteFile(filepath.Join(elsewhere, "evidence", shaOf("x")), []byte("mine"), 0o600), os.Symlink(elsewhere, name))
}

// Relies on the race detector: after a backup has failed, nothing may still be reading the record.
func TestABackupWhoseHeadsCannotBeWrittenEndsAltogether(t *testing.T) {
	t.Parallel()
	o := found(t)
	parent := t.TempDir()
	folder := filepath.Join(parent, "backup")
	m, err := backup.Make(t.Context(), o.source(), folder, func(step string, done, total int64) {
		if step == "database" && done == total {
			_ = os.WriteFile(folder+".partial/heads.txt", nil, 0o600) // it already exists when the backup wants to create it
		}
	})
	if !errors.Is(err, fs.ErrExist) || m.Chains != 0 {
		t.Errorf("%d heads, %v", m.Chains, err)
	}
	if names, err := os.ReadDir(parent); err != nil || len(names) > 0 {
		t.Errorf("it left %v, %v", names, err)
	}
}
