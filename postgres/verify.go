package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// Part is the part of the record in which a difference was found.
type Part string

// The parts of the record that Verify compares with the journal.
const (
	JournalPart  Part = "journal" // an event is missing, was changed, or cannot be applied
	StatePart    Part = "state"
	ClaimPart    Part = "claim"
	ListPart     Part = "list"
	LedgerPart   Part = "ledger"
	EvidencePart Part = "evidence" // the description of a file is missing, or an aggregate is listed for a file that none of its events names
	BankPart     Part = "bank"     // a bank statement's lines are not those of its file
	SumPart      Part = "sum"      // a fund's stored total
	PlacePart    Part = "places"   // a place is not registered any more, or contradicts the others
	TurnPart     Part = "turns"    // turns that are out of date, although a worker should have written them by now
	LostPart     Part = "lost row" // a row that others refer to, without which no backup can be restored
)

// Difference is a point on which the record disagrees with its journal. If it concerns no aggregate, Aggregate names a
// programme, a place, a file or a table instead.
type Difference struct {
	Part      Part     `json:"part"`
	Aggregate flow.Ref `json:"aggregate"`
	What      string   `json:"what"`
}

const (
	ofProgramme flow.Kind = "programme"
	ofPlace     flow.Kind = "place"
	ofFile      flow.Kind = "file"
	ofTable     flow.Kind = "table"
)

func (d Difference) String() string {
	return fmt.Sprintf("%s of %s: %s", d.Part, d.Aggregate, d.What)
}

// findings collects differences.
type findings []Difference

func (f *findings) add(part Part, kind flow.Kind, id, format string, args ...any) {
	*f = append(*f, Difference{part, flow.Ref{Kind: kind, ID: id}, fmt.Sprintf(format, args...)})
}

// Verify rebuilds every aggregate from the journal and compares the result with the record. It also checks the hash
// chains, and compares the ledger with what the events posted. It changes nothing and does not block commands. It calls
// progress after each aggregate.
func (s *Store) Verify(ctx context.Context, progress func(done, total int)) ([]Difference, error) {
	found := []Difference{}
	err := s.eachAggregate(ctx, progress, func(ref flow.Ref) error {
		differences, err := s.verify(ctx, ref)
		found = append(found, differences...)
		return err
	})
	if err != nil {
		return nil, err
	}
	rest, err1 := s.verifyWhole(ctx)
	besides, err2 := s.verifyBesides(ctx)
	return slices.Concat(found, rest, besides), errors.Join(err1, err2)
}

// VerifySample is like Verify, but rebuilds only size aggregates, chosen at random. It still checks the totals and
// counts of the whole record.
func (s *Store) VerifySample(ctx context.Context, size int, progress func(done, total int)) ([]Difference, error) {
	found := []Difference{}
	sample, err := db.New(s.care).ListSampleEvents(ctx, size)
	for i, r := range sample {
		differences, err := s.verify(ctx, flow.Ref{Kind: r.Kind, ID: r.ID})
		if err != nil {
			return nil, err
		}
		found = append(found, differences...)
		progress(i+1, len(sample))
	}
	if err != nil {
		return nil, err
	}
	rest, err := s.verifyWhole(ctx)
	return append(found, rest...), err
}

// inspection holds everything that the record says about one aggregate at one instant.
type inspection struct {
	ref    flow.Ref
	found  findings
	rows   []row
	stored db.Aggregate // the zero value if the row is missing
	claims []string
	lines  map[int][]Line
	listed listed
	turns  []db.TurnRow
	files  []string // the files that its events name
	owed   bool     // a worker has yet to write its turns
	worded bool     // whether the kind has search words of its own
}

func (s *Store) verify(ctx context.Context, ref flow.Ref) ([]Difference, error) {
	i := inspection{ref: ref}
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.care, moment, func(tx pgx.Tx) error { return i.read(ctx, db.New(tx)) })
	if err != nil {
		return nil, err
	}
	i.found = brokenLinks(ref, i.rows)
	err = i.compareAll(s.catalogue)
	if err == nil {
		err = i.compareFiles(ctx, db.New(s.care))
	}
	if err == nil {
		return i.found, nil
	}
	if broken, ok := errors.AsType[*damageError](err); ok {
		return append(i.found, broken.Difference), nil
	}
	return nil, fmt.Errorf("verify %s: %w", ref, err)
}

// compareAll compares what the record holds with what follows from the journal.
func (i *inspection) compareAll(c *flow.Catalogue) (err error) {
	seq := len(i.rows)
	defer survive(i.ref, &seq, &err)
	lines := moved{}
	rebuilt, err := replayed(c, i.ref, i.rows, lines.note)
	if err != nil {
		return err
	}
	i.files = rebuilt.files
	if err := rebuilt.complete(i.ref, i.stored.Seq, i.stored.Head); err != nil {
		return err
	}
	i.compareRoots(rebuilt)
	i.compareLists(rebuilt)
	i.compareTurns(rebuilt)
	i.compareClaims(rebuilt)
	i.compareLedger(lines)
	return i.compareState(rebuilt)
}

func (i *inspection) read(ctx context.Context, q *db.Queries) (err error) {
	if i.rows, err = q.ListEvents(ctx, db.ListEventsParams{Kind: i.ref.Kind, ID: i.ref.ID}); err != nil {
		return err
	}
	i.stored, err = q.GetAggregate(ctx, db.GetAggregateParams{Kind: i.ref.Kind, ID: i.ref.ID})
	if absent(err) != nil {
		return err
	}
	if i.claims, err = q.ListClaimsOf(ctx, db.ListClaimsOfParams{Kind: i.ref.Kind, ID: i.ref.ID}); err != nil {
		return err
	}
	if err := i.readLines(ctx, q); err != nil {
		return err
	}
	var err1, err2 error
	i.turns, err1 = q.ListTurns(ctx, db.ListTurnsParams{Kind: i.ref.Kind, ID: i.ref.ID})
	i.owed, err2 = q.IsUnturned(ctx, db.IsUnturnedParams{Kind: i.ref.Kind, ID: i.ref.ID})
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	list := listingOf(i.ref.Kind)
	if i.listed, err = list.read(ctx, q, i.ref.ID); err != nil {
		return err
	}
	if i.worded = !list.searched; i.worded {
		return nil
	}
	i.worded, err = q.HasOwnWords(ctx, db.HasOwnWordsParams{Kind: string(i.ref.Kind), ID: i.ref.ID})
	return err
}

// readLines reads what the ledger holds of the events.
func (i *inspection) readLines(ctx context.Context, q *db.Queries) error {
	lines, err := q.ListLinesOf(ctx, db.ListLinesOfParams{Kind: i.ref.Kind, ID: i.ref.ID})
	i.lines = map[int][]Line{}
	for _, l := range lines {
		i.lines[l.Seq] = append(i.lines[l.Seq], Line{l.Owner, l.Name, l.Category, l.Fen})
	}
	return err
}

func (i *inspection) differs(part Part, format string, args ...any) {
	i.found.add(part, i.ref.Kind, i.ref.ID, format, args...)
}

// brokenLinks finds journal rows of an aggregate that are missing or were changed.
func brokenLinks(ref flow.Ref, rows []row) (found findings) {
	var prev []byte
	for n, r := range rows {
		if r.Seq != n+1 {
			found.add(JournalPart, ref.Kind, ref.ID, "event %d is missing", n+1)
			return found
		}
		if !bytes.Equal(seal(prev, r), r.Hash) {
			found.add(JournalPart, ref.Kind, ref.ID, "event %d was changed: its hash does not follow from its content and the event before it", r.Seq)
		}
		prev = r.Hash
	}
	return found
}

// compareRoots finds events filed under the wrong id. The right one is the id of the aggregate's root or, if it has
// none, its own. Older programs filed the events of an aggregate without a root under the first part of its id.
func (i *inspection) compareRoots(rebuilt image) {
	root := rootOf(rebuilt.state)
	before, _, _ := strings.Cut(i.ref.ID, ".")
	for _, r := range i.rows {
		if r.Pilot != root && (rebuilt.state.Root() != "" || r.Pilot != before) {
			i.differs(JournalPart, "event %d is filed under %q but belongs to %q", r.Seq, r.Pilot, root)
		}
	}
}

func (i *inspection) compareState(rebuilt image) error {
	want, err := rebuilt.columns(flow.ProgressOf(rebuilt.state))
	if err != nil {
		return err
	}
	a := i.stored
	if a.Seq == 0 {
		i.differs(StatePart, "it is missing")
		return nil
	}
	got := db.UpdateAggregateParams{
		Place: a.Place, Stage: a.Stage, Version: a.Version, Seq: a.Seq, Shape: a.Shape, State: a.State, Head: a.Head, NextAt: a.NextAt,
		Owes: a.Owes, Ended: a.Ended, Carried: a.Carried, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Kind: a.Kind, ID: a.ID,
	}
	if a.Shape != flow.Shape { // replayed when it is next read
		got.Shape, got.State = want.Shape, want.State
	} else if state := rebuilt.state.Aggregate().New(i.ref.ID); json.Unmarshal(a.State, state) == nil {
		if got.State, err = json.Marshal(state); err != nil {
			return err
		}
	}
	i.compare(StatePart, got, want)
	return nil
}

func (i *inspection) compareLists(rebuilt image) {
	if !i.worded {
		i.differs(ListPart, "its stored search words do not match its text")
	}
	listingOf(i.ref.Kind).of(rebuilt).compare(i, i.listed)
}

func (i *inspection) compareTurns(rebuilt image) {
	if i.owed { // a worker will write them soon; see verifyWhole
		return
	}
	held := make(map[turnKey]turn, len(i.turns))
	for _, r := range i.turns {
		t := turnHeld(r)
		held[t.key()] = t
	}
	for _, want := range turnsOf(rebuilt.state) {
		if got, known := held[want.key()]; known {
			i.compareIn(ListPart, want.key().String()+": ", got, want)
		} else {
			i.differs(ListPart, "%s is not listed", want.key())
		}
		delete(held, want.key())
	}
	for key := range held {
		i.differs(ListPart, "%s is listed but is not in the journal", key)
	}
}

func (i *inspection) compareClaims(rebuilt image) {
	if want := flow.ClaimsOf(rebuilt.state); !slices.Equal(i.claims, want) {
		i.differs(ClaimPart, "holds %q, the journal says %q", i.claims, want)
	}
}

// moved holds the ledger lines that follow from events, by the events' numbers.
type moved map[int][]Line

func (m moved) note(r row, state flow.State, e flow.Event) {
	if lines := linesOf(flow.Postings(state, e)); len(lines) > 0 {
		m[r.Seq] = lines
	}
}

func (i *inspection) compareLedger(want moved) {
	events := maps.Clone(i.lines)
	maps.Copy(events, want)
	for _, seq := range slices.Sorted(maps.Keys(events)) {
		if !slices.Equal(i.lines[seq], want[seq]) {
			i.differs(LedgerPart, "event %d has %s, the journal says %s", seq, booked(i.lines[seq]), booked(want[seq]))
		}
	}
}

// compareFiles finds files that the events name and the record does not list or describe. It may look them up later
// than the events, because files are never removed.
func (i *inspection) compareFiles(ctx context.Context, q *db.Queries) error {
	if len(i.files) == 0 {
		return nil
	}
	missing, err := q.ListMissingFiles(ctx, db.ListMissingFilesParams{Files: i.files, Kind: i.ref.Kind, ID: i.ref.ID})
	for _, f := range missing {
		if !f.Listed {
			i.differs(ListPart, "the file %s is not listed, which its events name", f.Sha256)
		}
		if !f.Described {
			i.differs(EvidencePart, "nothing is known of the file %s, which its events name", f.Sha256)
		}
	}
	return err
}

// booked formats ledger lines for a message.
func booked(lines []Line) string {
	if len(lines) == 0 {
		return "no lines"
	}
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%s yuan in %s of %s", l.Fen, accountName(l.Account, l.Category), l.Owner))
	}
	return "the lines " + strings.Join(all, ", ")
}

// compare finds the columns in which two rows of the same type differ.
func (i *inspection) compare(part Part, got, want any) { i.compareIn(part, "", got, want) }

// compareIn is like compare, for rows of the object named by prefix. An empty row counts as missing.
func (i *inspection) compareIn(part Part, prefix string, got, want any) {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	if g.IsZero() {
		i.differs(part, "%sthe row is missing", prefix)
		return
	}
	for n := range g.NumField() {
		name, a, b := columnName(g.Type().Field(n).Name), g.Field(n).Interface(), w.Field(n).Interface()
		switch {
		case text(a) == text(b):
		case name == "state":
			i.differs(part, "%sthe state is not what the journal says, in %s", prefix, strings.Join(unlike(text(a), text(b)), ", "))
		default:
			i.differs(part, "%s%s is %.200s, the journal says %.200s", prefix, name, text(a), text(b))
		}
	}
}

var innerCapital = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// columnName returns a field's column name in the database.
func columnName(field string) string {
	return strings.ToLower(innerCapital.ReplaceAllString(field, "${1}_$2"))
}

// unlike returns the names of the members in which two JSON objects differ.
func unlike(a, b string) (names []string) {
	var x, y map[string]json.RawMessage
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return []string{"every part"} // at least one is not an object
	}
	all := maps.Clone(x)
	maps.Copy(all, y)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !bytes.Equal(x[name], y[name]) {
			names = append(names, name)
		}
	}
	return names
}

// text formats a column's value so that it can be compared and shown: times in UTC, bytes as JSON or hex, amounts in fen
// as they are stored.
func text(value any) string {
	switch v := value.(type) {
	case money.Fen:
		return fmt.Sprintf("%d fen", int64(v))
	case string:
		return cmp.Or(v, "none")
	case *time.Time:
		if v == nil {
			return "none"
		}
		return text(*v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		if json.Valid(v) {
			return string(v)
		}
		return fmt.Sprintf("%x", v)
	case []string:
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%q", v)
	default:
		return fmt.Sprintf("%v", v)
	}
}

// verifyWhole finds rows of aggregates that are not in the journal, and ledger entries and balances that do not add up.
func (s *Store) verifyWhole(ctx context.Context) (found findings, err error) {
	q := db.New(s.care)
	for _, check := range []func(context.Context, *db.Queries) (findings, error){
		orphanAggregates, sharedClaims, owedTurns, wrongStatements, s.listAhead, verifyLedger, orphanRows, s.lostRows,
		verifyReading, verifyFiles, verifyBase, s.verifyFloors, verifyPositions,
	} {
		some, failed := check(ctx, q)
		found, err = append(found, some...), errors.Join(err, failed)
	}
	return found, err
}

// orphanAggregates finds aggregates that have lost all of their events.
func orphanAggregates(ctx context.Context, q *db.Queries) (found findings, err error) {
	aggregates, err := q.ListOrphanAggregates(ctx)
	for _, r := range aggregates {
		found.add(JournalPart, r.Kind, r.ID, "%s", lacking(1, r.Seq))
	}
	return found, err
}

// sharedClaims finds keys that more than one aggregate holds.
func sharedClaims(ctx context.Context, q *db.Queries) (found findings, err error) {
	shared, err := q.ListSharedClaims(ctx)
	for _, r := range shared {
		found.add(ClaimPart, r.Kind, r.ID, "%q is also held by another aggregate", r.Key)
	}
	return found, err
}

// owedTurns finds aggregates whose turns a worker should have written by now.
func owedTurns(ctx context.Context, q *db.Queries) (found findings, err error) {
	owed, err := q.ListOwedTurns(ctx, math.MaxInt32)
	for _, r := range owed {
		found.add(TurnPart, r.Kind, r.ID, "they have not been written since %s", r.WrittenAt.In(calendar.Shanghai).Format("2006-01-02 15:04:05 -07:00"))
	}
	return found, err
}

// wrongStatements finds bank statements of which not all lines are stored as they were read.
func wrongStatements(ctx context.Context, q *db.Queries) (found findings, err error) {
	statements, err := q.ListWrongStatements(ctx)
	for _, r := range statements {
		found.add(BankPart, ofFile, r.Sha256, "the statement has %d lines and closes at %d fen, what is stored of it has %d and comes to %d", r.Lines, r.ClosingFen, r.Stored, r.Sum)
	}
	return found, err
}

// lostRows finds rows that are missing although others refer to them.
func (s *Store) lostRows(ctx context.Context, _ *db.Queries) (found findings, err error) {
	lost, err := lostRows(ctx, s.care)
	for _, r := range lost {
		found.add(LostPart, ofTable, r.Table, "%s", r.what())
	}
	return found, err
}

// verifyPositions finds events whose positions do not rise, and whether that of the next event would not either.
func verifyPositions(ctx context.Context, q *db.Queries) (found findings, err error) {
	rows, err1 := q.ListWrongPositions(ctx)
	for _, r := range rows {
		found.add(JournalPart, r.Kind, r.ID, "event %d has the position %d, which is not above that of the event before it, %d", r.Seq, r.Position, r.Before)
	}
	low, err2 := q.IsJournalOriginLow(ctx)
	if low {
		found.add(StatePart, ofTable, "journal_origin", "the next event would not get a position above the last one")
	}
	return found, errors.Join(err1, err2)
}

// listAhead finds aggregates that have lost events, although their state does not show it: a list, a claim, a receipt,
// personal data or the ledger tells more of them than the journal.
func (s *Store) listAhead(ctx context.Context, q *db.Queries) (found findings, err error) {
	quiet := db.ListAheadParams{QuietKinds: []string{}, QuietNames: []string{}}
	for _, t := range s.catalogue.Events() {
		if t.Quiet {
			quiet.QuietKinds, quiet.QuietNames = append(quiet.QuietKinds, string(t.Aggregate)), append(quiet.QuietNames, t.Name)
		}
	}
	rows, err := q.ListAhead(ctx, quiet)
	for _, r := range rows {
		found.add(JournalPart, r.Kind, r.ID, "event %d is missing, as these show: %s", r.Seq+1, r.Tellers)
	}
	return found, err
}

// verifyFloors finds accounts that may go lower, or less low, than the rules say. A fund may give the total of a version
// of its programme that pilots follow (see ledger.Floor); one with a version that this program does not have is not judged.
func (s *Store) verifyFloors(ctx context.Context, q *db.Queries) (found findings, err error) {
	versions, err1 := q.ListVersions(ctx)
	floors, unjudged := map[string][]money.Fen{}, map[string]bool{} // by programme
	for _, v := range versions {
		rules, err := s.programmes.Find(v.Programme, v.ProgrammeVersion)
		if err != nil {
			unjudged[v.Programme] = true
			continue
		}
		floors[v.Programme] = append(floors[v.Programme], ledger.Floor(ledger.Account{Owner: v.Programme, Name: ledger.FundSource}, rules))
	}
	accounts, err2 := q.ListFloors(ctx, ledger.FundSource)
	for _, a := range accounts {
		switch versions := floors[a.Owner]; {
		case a.Name != ledger.FundSource:
			found.add(LedgerPart, pilot.Kind, a.Owner, "account %s may go down to %d fen, which is not the bound of its kind", accountName(a.Name, a.Category), a.Floor)
		case len(versions) > 0 && !unjudged[a.Owner] && !slices.Contains(versions, money.Fen(a.Floor)):
			found.add(LedgerPart, ofProgramme, a.Owner, "its fund may give %d fen, which is the total of no version that pilots follow", -a.Floor)
		}
	}
	return found, errors.Join(err1, err2)
}

// verifyBase finds what is missing of the rows that Terrace put into the tables when it made them, and of the places.
// Neither follows from the journal, and whatever is derived with their help would be wrong.
func verifyBase(ctx context.Context, q *db.Queries) (found findings, err error) {
	singles, err1 := q.GetSingles(ctx)
	for _, single := range []struct {
		part  Part
		table string
		there bool
	}{{LedgerPart, "fund_carry", singles.Carry}, {StatePart, "journal_origin", singles.Origin}, {PlacePart, "place_version", singles.Places}} {
		if err1 == nil && !single.there {
			found.add(single.part, ofTable, single.table, "its only row is missing")
		}
	}
	kinds, err2 := q.ListAccountKinds(ctx)
	held := make(map[string]db.LedgerAccountKind, len(kinds))
	for _, k := range kinds {
		held[k.Name] = k
	}
	for _, k := range ledger.Chart {
		if want := (db.LedgerAccountKind{Name: k.Name, Book: string(k.Book), Source: k.Source, ByCategory: k.ByCategory}); err2 == nil && held[k.Name] != want {
			found.add(LedgerPart, ofTable, "ledger_account_kind", "the account %s differs from the chart of accounts, or is missing", k.Name)
		}
	}
	lost, err3 := q.ListLostPlaces(ctx)
	for _, p := range lost {
		found.add(PlacePart, ofPlace, p, "is not registered, and the record names it")
	}
	places, err4 := listPlaces(ctx, q)
	_, wrong := place.New(places)
	for _, e := range placeErrors(wrong) {
		found.add(PlacePart, ofPlace, string(e.Code), "%s", e.EN)
	}
	return found, errors.Join(err1, err2, err3, err4)
}

// verifyFiles finds aggregates that are listed for a file that none of their events names, and files without an upload.
func verifyFiles(ctx context.Context, q *db.Queries) (found findings, err error) {
	uses, err1 := q.ListOrphanUses(ctx)
	for _, r := range uses {
		found.add(EvidencePart, r.Kind, r.ID, "the file %s is listed, and none of its events names it", r.Sha256)
	}
	files, err2 := q.ListFilesWithoutUpload(ctx)
	for _, sha256 := range files {
		found.add(EvidencePart, ofFile, sha256, "nobody is known to have uploaded it")
	}
	return found, errors.Join(err1, err2)
}

// verifyReading finds errors in what the record keeps for fast reads.
func verifyReading(ctx context.Context, q *db.Queries) (found findings, err error) {
	sums, err1 := q.ListWrongFundSums(ctx)
	for _, r := range sums {
		found.add(SumPart, ofProgramme, r.Programme, "%s in %s is %d fen, its lines sum to %d", r.Name, within(r.Place), r.Fen, r.Sum)
	}
	words, err2 := q.ListWrongWords(ctx)
	for _, r := range words {
		found.add(ListPart, flow.Kind(r.Kind), r.ID, "a search does not find it, or finds what is not there")
	}
	places, err3 := q.ListWrongReach(ctx)
	for _, r := range places {
		found.add(ListPart, ofPlace, r.Place, "the stored locations and the table of places disagree on whether it lies in %s", r.Above)
	}
	bereft, err5 := q.ListMissingBereft(ctx)
	for _, office := range bereft {
		found.add(ListPart, ofPlace, office, "reads a pilot outside it, and lists do not look for it")
	}
	launches, err4 := q.ListWrongLaunches(ctx)
	for _, r := range launches {
		if r.Missing {
			found.add(ListPart, ofProgramme, r.Programme, "has pilots of %s, but the list of launches does not show them", r.Place)
		} else {
			found.add(ListPart, ofProgramme, r.Programme, "has no pilots of %s, but the list of launches shows some", r.Place)
		}
	}
	return found, errors.Join(err1, err2, err3, err4, err5)
}

// within names the place of a sum, or all places if it has none.
func within(place string) string {
	if place == "" {
		return "all places"
	}
	return fmt.Sprintf("the place %q", place)
}

// verifyLedger finds ledger entries and balances that do not add up, which the database's safeguards should prevent.
func verifyLedger(ctx context.Context, q *db.Queries) (found findings, err error) {
	entries, err1 := q.ListWrongEntries(ctx)
	for _, r := range entries {
		found.add(LedgerPart, r.Kind, r.ID, "the entry of event %d sums to %d fen in the book %q", r.Seq, r.Sum, r.Book)
	}
	balances, err2 := q.ListWrongBalances(ctx)
	for _, r := range balances {
		found.add(LedgerPart, pilot.Kind, r.Owner, "account %s stands at %d fen, its lines sum to %d", accountName(r.Name, r.Category), r.Balance, r.Sum)
	}
	overdrawn, err3 := q.ListOverdrawn(ctx)
	for _, r := range overdrawn {
		found.add(LedgerPart, pilot.Kind, r.Owner, "account %s stands at %d fen, past its bound of %d", accountName(r.Name, r.Category), r.Balance, r.Floor)
	}
	unfounded, err4 := q.ListOrphanEntries(ctx)
	for _, r := range unfounded {
		found.add(LedgerPart, r.Kind, r.ID, "the entry of event %d has no such event", r.Seq)
	}
	return found, errors.Join(err1, err2, err3, err4)
}

// accountName returns the name of an account, and its category if it has one.
func accountName(name, category string) string {
	if category == "" {
		return name
	}
	return name + "/" + category
}

func orphanRows(ctx context.Context, q *db.Queries) (found findings, err error) {
	turns, err := q.ListOrphanTurns(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range turns {
		found.add(ListPart, r.Kind, r.ID, "its turns are listed, but it is not in the journal")
	}
	deliveries, err := q.ListOrphanDeliveries(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range deliveries {
		found.add(ListPart, r.Kind, r.ID, "news of it waits for delivery, but it is not in the journal")
	}
	ids, err := q.ListOrphanNoticeRows(ctx)
	for _, id := range ids {
		found.add(ListPart, pilot.Kind, id, "its notice is listed, but it is not in the journal")
	}
	return found, err
}
