package api_test

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"terrace/api"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

//go:embed testdata/matrix.txt
var matrix string

// row holds one operation's result for each person, as the table expects it or as the test found it.
type row []byte

// groups holds the number of people in each group of the table's columns.
var groups = []int{3, 3, 3, 3, 3, 3, 3, 2, 2, 3, 3, 2}

func (r row) String() string {
	var cells []string
	for at, rest := 0, groups; len(rest) > 0; at, rest = at+rest[0], rest[1:] {
		cells = append(cells, string(r[at:at+rest[0]]))
	}
	return strings.Join(cells, " ")
}

// readMatrix reads the table: the rows of each section, by operation.
func readMatrix(t *testing.T) map[string]map[string]row {
	t.Helper()
	table, section := map[string]map[string]row{}, ""
	for line := range strings.Lines(matrix) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "==":
			section = strings.Join(words[1:], " ")
			table[section] = map[string]row{}
		default:
			cells, wrong := words[:len(groups)], func(n int) bool { return len(words[n]) != groups[n] }
			for i := range cells {
				if wrong(i) {
					t.Fatalf("%s: group %d of %q", section, i+1, line)
				}
			}
			for _, op := range words[len(groups):] {
				if table[section][op] != nil {
					t.Errorf("%s: %s has two rows", section, op)
				}
				table[section][op] = row(strings.Join(cells, ""))
			}
		}
	}
	return table
}

// operation is an operation of the OpenAPI document.
type operation struct {
	method, path string
	body         any // an example
	bodiless     bool
	announced    map[string]bool // the statuses and codes of its documented problems
}

// scoped holds the reads that identify their record by a query parameter, by kind of section. % stands for the record's
// id.
var scoped = map[string]map[string]string{
	"house": {
		"get-trial-balance":     "/v1/ledger/trial-balance?programme=zhuanglang-2017",
		"get-account-statement": "/v1/ledger/statement?account=allotted&owner=zhuanglang-2017",
	},
	"pilot": {
		"get-trial-balance":     "/v1/ledger/trial-balance?pilot=%",
		"get-account-statement": "/v1/ledger/statement?account=available&owner=%",
	},
	"project": {
		"get-trial-balance":     "/v1/ledger/trial-balance?project=%",
		"get-account-statement": "/v1/ledger/statement?account=commitment&owner=%",
	},
}

// examples holds requests for the section house that are accepted without changing anything. They replace examples of
// the OpenAPI document that are missing or would change something.
var examples = map[string]request{
	"pilot-draft":          {body: []string{strings.Repeat("0", 64)}}, // its attachments
	"upload-evidence":      {body: "minutes", header: []string{"Content-Type", "text/plain", "Content-Digest", digest("other minutes")}},
	"enter-bank-statement": {body: api.BankStatementEntry{SHA256: strings.Repeat("0", 64), Format: "csv", Account: "基本户"}},
	"move-clock":           {body: `{"until":"2017-01-01T00:00:00+08:00"}`},
}

var collections = map[string]string{
	"pilots": "pilot", "projects": "project", "payments": "payment", "recoveries": "recovery", "differences": "difference", "evidence": "file",
}

// operations returns every operation of the document, by the kind of section that must list it. A command is listed
// under its own name.
func operations(t *testing.T) map[string]map[string]operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			RequestBody struct {
				Required bool
				Content  map[string]struct{ Example any }
			}
			Responses map[string]struct {
				Content map[string]struct{ Examples map[string]any }
			}
		}
	}
	must(t, json.Unmarshal(ok(api.OpenAPI())(t), &document))
	all := map[string]map[string]operation{}
	add := func(kind, name string, op operation) {
		if all[kind] == nil {
			all[kind] = map[string]operation{}
		}
		all[kind][name] = op
	}
	for path, methods := range document.Paths {
		parts := strings.Split(path, "/")
		kind := "house"
		if len(parts) > 3 && collections[parts[2]] != "" {
			kind = collections[parts[2]]
		}
		for method, o := range methods {
			name, body := o.OperationID, o.RequestBody
			if kind != "house" {
				name = strings.TrimPrefix(name, kind+"-")
			}
			path = regexp.MustCompile(`\{(id|sha256)\}`).ReplaceAllString(path, "%")
			if kind == "house" {
				path = strings.NewReplacer("%", "zhuanglang-2017", "{code}", "not-found").Replace(path)
			}
			announced := map[string]bool{}
			for status, r := range o.Responses {
				for code := range r.Content["application/problem+json"].Examples {
					announced[status+" "+strings.TrimSuffix(code, "-"+status)] = true
				}
			}
			add(kind, name, operation{strings.ToUpper(method), path, body.Content["application/json"].Example, !body.Required, announced})
		}
	}
	for _, kind := range []string{"project", "payment", "recovery", "difference"} {
		add(kind, "get-timeline", operation{}) // how much the pilot's timeline shows of the record
	}
	for kind, reads := range scoped {
		for name, path := range reads {
			o := all["house"][name]
			o.path = path
			add(kind, name, o)
		}
	}
	return all
}

// Every operation gives each person what the table says. A record that a person cannot read is hidden from their
// commands too. Lists, timelines and streams all show a person the same records.
func TestWhoSeesAndMayDoWhat(t *testing.T) {
	t.Parallel()
	table, operations := readMatrix(t), operations(t)
	for section, rows := range table {
		kind, _, _ := strings.Cut(section, " ")
		if want, got := slices.Sorted(maps.Keys(operations[kind])), slices.Sorted(maps.Keys(rows)); !slices.Equal(want, got) {
			t.Errorf("%s: the table has rows for\n%v, the document has\n%v", section, got, want)
		}
	}
	var played, absent sync.Map
	t.Cleanup(func() {
		for section := range table {
			if _, found := played.Load(section); !found {
				t.Errorf("no world holds %s", section)
			}
		}
	})
	for name, build := range worlds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openScene(t, operations)
			s.absent = &absent
			build(s)
			for section := range s.ids {
				played.Store(section, true)
			}
			s.play(t, table)
		})
	}
}

// play checks a world against the table.
func (s *scene) play(t *testing.T, table map[string]map[string]row) {
	t.Helper()
	before := s.rows()
	s.compareWith()
	found := map[string]map[string]row{}
	for section := range s.ids {
		found[section] = map[string]row{}
		for op := range table[section] {
			found[section][op] = row(strings.Repeat("?", len(s.cast)))
		}
	}
	sights := make([]map[flow.Ref]byte, len(s.cast))
	t.Run("everybody", func(t *testing.T) {
		for i, who := range s.cast {
			t.Run(cmp.Or(who.ID, "nobody"), func(t *testing.T) {
				t.Parallel()
				p := &player{scene: s, t: t, who: who.ID, timelines: map[string][]told{}, hidden: map[string]string{}, followed: map[string]bool{}}
				for section, rows := range found {
					for op, cells := range rows {
						cells[i] = p.verdict(section, op)
					}
				}
				sights[i] = p.readsAlike()
			})
		}
	})
	s.streamsAlike(t, found, sights)
	for section, rows := range found {
		for op, got := range rows {
			if want := table[section][op]; string(want) != string(got) {
				t.Errorf("== %s: %s\n%s  want\n%s  got", section, op, want, got)
			}
		}
	}
	if after := s.rows(); after != before {
		t.Errorf("rows %v, before %v: something was accepted", after, before)
	}
}

// ask sends a request directly to the handler, without a network connection.
func (s *scene) ask(who string, r request) answer {
	var body strings.Reader
	switch b := r.body.(type) {
	case nil:
	case string:
		body.Reset(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			panic(err)
		}
		body.Reset(string(text))
	}
	q := httptest.NewRequestWithContext(s.ctx, r.method, r.path, &body)
	if who != "" {
		q.Header.Set("Authorization", "Bearer token-of-"+who)
	}
	if r.method == http.MethodPost || r.method == http.MethodPut {
		q.Header.Set("Idempotency-Key", uuid.NewString())
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(r.header); i += 2 {
		q.Header.Set(r.header[i], r.header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, q)
	return answer{status: w.Code, header: w.Result().Header, body: w.Body.Bytes()}
}

// player is one of the table's people, in one world.
type player struct {
	*scene
	t         *testing.T
	who       string
	timelines map[string][]told // by pilot
	hidden    map[string]string // by id: the response to a read of a hidden record
	followed  map[string]bool   // addresses that were read
}

// verdict returns the letter for what the player gets from an operation on a section's record.
func (p *player) verdict(section, op string) byte {
	kind, _, _ := strings.Cut(section, " ")
	o, id := p.operations[kind][op], p.ids[section]
	switch {
	case op == "follow-pilot" || op == "follow-events":
		return '?' // see streamsAlike
	case op == "get-timeline":
		return p.sight(flow.Ref{Kind: flow.Kind(kind), ID: id})
	case kind == "house":
		r := examples[op]
		r.method, r.path = o.method, o.path
		if op == "pilot-draft" {
			r.body = edit(p.t, p.draft(), "attachments", r.body)
		}
		return p.letter(o, p.ask(p.who, r))
	case o.method == http.MethodPost:
		return p.command(o, p.operations[kind]["get-"+kind], id)
	default:
		return p.read(op, o, id)
	}
}

// letter returns the table's letter for a response that either shows the whole record or refuses it.
func (p *player) letter(o operation, a answer) byte {
	if a.status >= http.StatusBadRequest && o.method != http.MethodHead {
		must(p.t, json.Unmarshal(a.body, &a.problem))
		a.isProblem(p.t)
		if refused := fmt.Sprint(a.status, " ", a.problem.Code); !o.announced[refused] {
			p.t.Errorf("%s %s does not document %s", o.method, o.path, refused)
		}
	}
	p.follows(o.path, a)
	switch {
	case a.problem.Code == "notice-over":
		return 'o'
	case a.status == http.StatusUnauthorized:
		return '!'
	case a.status == http.StatusForbidden:
		return 'x'
	case a.status == http.StatusNotFound:
		return '.'
	case a.status < http.StatusInternalServerError:
		return 'A'
	}
	p.t.Errorf("%d %s", a.status, a.body)
	return '?'
}

// follows requests every address in a response. A player must be able to read every address that they are given, unless
// it is the address of a command.
func (p *player) follows(from string, a answer) {
	var body any
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" || json.Unmarshal(a.body, &body) != nil {
		return
	}
	for _, address := range addresses(body) {
		if p.followed[address] {
			continue
		}
		p.followed[address] = true
		got := p.ask(p.who, request{method: http.MethodGet, path: address})
		if got.status != http.StatusOK && got.status != http.StatusMethodNotAllowed {
			p.t.Errorf("%s hands out %s, which answers %d %s", from, address, got.status, got.body)
		}
	}
}

// addresses returns the URL paths in a JSON document. It omits path templates, and streams because they never end.
func addresses(document any) (all []string) {
	switch v := document.(type) {
	case string:
		if strings.HasPrefix(v, "/v1/") && !strings.Contains(v, "{") && !strings.HasSuffix(v, "/events") {
			all = append(all, v)
		}
	case []any:
		for _, item := range v {
			all = append(all, addresses(item)...)
		}
	case map[string]any:
		for _, item := range v {
			all = append(all, addresses(item)...)
		}
	}
	return all
}

// read compares what the player reads with what the auditor reads.
func (p *player) read(op string, o operation, id string) byte {
	a := p.ask(p.who, request{method: o.method, path: strings.ReplaceAll(o.path, "%", id)})
	switch letter := p.letter(o, a); {
	case a.status != http.StatusOK:
		return letter
	case p.same(a.body, p.wholes[op+" "+id].body):
		return 'W'
	default:
		return 'P'
	}
}

// same reports whether two reads are equal apart from what each reader can do, and from the account number that only the paying
// office's finance reads, as TestAccountNumbersAreForTheOfficesFinanceAloneAndInNoLog proves.
func (p *player) same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var mine, whole map[string]json.RawMessage
	if json.Unmarshal(a, &mine) != nil || json.Unmarshal(b, &whole) != nil {
		return false
	}
	for _, own := range []string{"your_turn", "you_may", "account_number"} {
		delete(mine, own)
		delete(whole, own)
	}
	return maps.EqualFunc(mine, whole, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// Values of If-Match: a version that no record here has reached, and any version.
const (
	outdated   = `"999"`
	anyVersion = "*"
)

// command sends a command with a version that never matches. A sender who may act must be told first of all that the
// version is stale. A sender who cannot see the record must get the same response as to a read and, whatever the
// request contains, the same response as for a record that does not exist.
func (p *player) command(o, read operation, id string) byte {
	send := func(id, version, key string, body any) answer {
		return p.ask(p.who, request{o.method, strings.ReplaceAll(o.path, "%", id), p.who, body, []string{"If-Match", version, "Idempotency-Key", key}})
	}
	key := uuid.NewString()
	first := send(id, outdated, key, o.body)
	switch letter := p.letter(o, first); {
	case first.status == http.StatusPreconditionFailed:
		return 'A'
	case letter == 'o':
		return letter
	case letter == 'A': // refused for a reason other than its sender, or even accepted
		p.t.Errorf("%s: %d %s", o.path, first.status, first.body)
		return '?'
	case letter != '.':
		return letter
	}
	hidden, known := p.hidden[id]
	if !known {
		hidden = bare(p.ask(p.who, request{method: http.MethodGet, path: strings.ReplaceAll(read.path, "%", id)}), id)
		p.hidden[id] = hidden
	}
	if told := bare(first, id); told != hidden {
		p.t.Errorf("%s answers\n%s\nbut its read answers\n%s", o.path, told, hidden)
	}
	right := p.wholes[read.path+id].header.Get("ETag")
	type try struct {
		version, key string
		body         any
	}
	tries := []try{{right, key, o.body}} // repeated under the same key
	if o.bodiless {
		tries = append(tries, try{anyVersion, uuid.NewString(), nil})
	}
	if p.used[p.who] != "" {
		tries = append(tries, try{right, p.used[p.who], o.body})
	}
	for i, try := range tries {
		there := bare(send(id, try.version, try.key, try.body), id)
		nowhere := fmt.Sprint(p.who, o.path, i)
		absent, known := p.absent.Load(nowhere)
		if !known {
			absent = bare(send(elsewhere(id), try.version, try.key, try.body), elsewhere(id))
			p.absent.Store(nowhere, absent)
		}
		if there != absent {
			p.t.Errorf("%s with version %s answers\n%s\nbut without a record\n%s", o.path, try.version, there, absent)
		}
	}
	return '.'
}

// elsewhere returns an unused id of the same form.
func elsewhere(id string) string {
	if strings.HasPrefix(id, "bank.") {
		return "bank.d" + strings.Repeat("e", len(id)-len("bank.d"))
	}
	return unused + id[len(unused):]
}

var instance = regexp.MustCompile(`urn:uuid:[0-9a-f-]+`)

// bare returns the text of a response without the request id, which differs each time, and with % for the record's id.
func bare(a answer, id string) string {
	headers := maps.Clone(a.header)
	delete(headers, "X-Request-Id")
	delete(headers, "Content-Length")
	return fmt.Sprintln(a.status, headers) + strings.ReplaceAll(instance.ReplaceAllString(string(a.body), "urn:uuid:"), id, "%")
}

// readsAlike compares the player's lists and timelines with single reads of every record in the world. It returns how
// much of each record the player sees.
func (p *player) readsAlike() map[flow.Ref]byte {
	seen := map[flow.Ref]byte{}
	if p.who == "" {
		return seen
	}
	var readable []string
	for _, ref := range p.refs {
		op := "get-" + string(ref.Kind)
		letter := p.read(op, p.operations[string(ref.Kind)][op], ref.ID)
		if letter == '.' {
			continue
		}
		if seen[ref] = letter; !strings.HasPrefix(ref.ID, "bank.") {
			seen[ref] = p.sight(ref)
		}
		readable = append(readable, catalogue.Path(ref.Kind)+"/"+ref.ID)
	}
	var listed []string
	for collection, kind := range collections {
		if kind == "file" {
			continue
		}
		var page struct{ Items []struct{ Href string } }
		p.json("/v1/"+collection+"?limit=200", &page)
		for _, item := range page.Items {
			listed = append(listed, item.Href)
		}
	}
	slices.Sort(readable)
	if slices.Sort(listed); !slices.Equal(readable, listed) {
		p.t.Errorf("the lists show\n%v\nbut single reads show\n%v", listed, readable)
	}
	for _, ref := range p.refs {
		if ref.Kind == pilot.Kind && seen[ref] != 0 {
			p.told("the timeline of "+ref.ID, p.timeline(ref.ID), ref.ID, seen)
		}
	}
	return seen
}

// sight returns how much of a record its pilot's timeline shows.
func (p *player) sight(ref flow.Ref) byte {
	if p.who == "" {
		return '!'
	}
	if strings.HasPrefix(ref.ID, "bank.") {
		return '.'
	}
	letter := byte('.')
	for _, e := range p.timeline(ref.ID[:len(unused)]) {
		if e.Aggregate == ref && e.By != nil {
			return 'W'
		} else if e.Aggregate == ref {
			letter = 'P'
		}
	}
	return letter
}

// json reads a path that may be hidden.
func (p *player) json(path string, into any) {
	a := p.ask(p.who, request{method: http.MethodGet, path: path})
	switch a.status {
	case http.StatusOK:
		must(p.t, json.Unmarshal(a.body, into))
	case http.StatusNotFound:
	default:
		p.t.Errorf("%s: %d %s", path, a.status, a.body)
	}
}

// told is an event as a timeline or stream shows it. By is set if it shows who acted.
type told struct {
	Position  int64
	Aggregate flow.Ref
	By        *struct{ ID string }
}

// timeline returns a pilot's timeline, or nothing if the pilot is hidden.
func (p *player) timeline(id string) []told {
	all, known := p.timelines[id]
	for after := int64(0); !known; known = after == 0 {
		var page struct {
			Items []told
			Next  int64
		}
		p.json("/v1/pilots/"+id+"/timeline?limit=500&after="+itoa(after), &page)
		all, after = append(all, page.Items...), page.Next
	}
	p.timelines[id] = all
	return all
}

// told checks the events of a pilot, or of all records, against what the player sees. They must be exactly the events of
// those records, and name the person who acted only where the player sees the whole record.
func (p *player) told(where string, news []told, pilotID string, seen map[flow.Ref]byte) {
	p.t.Helper()
	var want []told
	for _, e := range p.journal {
		if seen[e.Aggregate] != 0 && (pilotID == "" || strings.HasPrefix(e.Aggregate.ID, pilotID)) {
			want = append(want, e)
		}
	}
	if !slices.EqualFunc(want, news, func(a, b told) bool { return a.Position == b.Position && a.Aggregate == b.Aggregate }) {
		p.t.Errorf("%s shows %s\n%v, want\n%v", where, p.who, about(news), about(want))
	}
	for _, e := range news {
		if (e.By != nil) != (seen[e.Aggregate] == 'W') {
			p.t.Errorf("%s: for %s, who sees %c of %s, position %d names %v", where, p.who, seen[e.Aggregate], e.Aggregate, e.Position, e.By)
			return
		}
	}
}

// about counts events by aggregate.
func about(news []told) map[flow.Ref]int {
	counts := map[flow.Ref]int{}
	for _, e := range news {
		counts[e.Aggregate]++
	}
	return counts
}

// streamsAlike opens every person's streams from the first event, stops the server, and compares what each stream sent
// with what its reader sees.
func (s *scene) streamsAlike(t *testing.T, found map[string]map[string]row, sights []map[flow.Ref]byte) {
	t.Helper()
	type stream struct {
		who           int
		section, path string
		answer        *http.Response
	}
	var streams []stream
	open := func(who int, section, path string) {
		q := ok(http.NewRequestWithContext(s.ctx, http.MethodGet, s.server.URL+path, http.NoBody))(t)
		if s.cast[who].ID != "" {
			q.Header.Set("Authorization", "Bearer token-of-"+s.cast[who].ID)
		}
		q.Header.Set("Last-Event-ID", "0")
		streams = append(streams, stream{who, section, path, ok(http.DefaultTransport.RoundTrip(q))(t)}) //nolint:bodyclose // it is, below
	}
	s.settle()
	for i := range s.cast {
		for section, id := range s.ids {
			switch kind, _, _ := strings.Cut(section, " "); kind {
			case "pilot":
				open(i, section, "/v1/pilots/"+id+"/events")
			case "house":
				open(i, section, "/v1/events")
			}
		}
	}
	s.handler.Stop() // a stream ends once it has sent everything
	for _, o := range streams {
		p := &player{scene: s, t: t, who: s.cast[o.who].ID, followed: map[string]bool{}}
		a := answer{status: o.answer.StatusCode, header: o.answer.Header, body: readAll(t, o.answer)}
		id, kind, op := s.ids[o.section], "pilot", "follow-pilot"
		if o.section == "house" {
			kind, op = "house", "follow-events"
		}
		letter := p.letter(s.operations[kind][op], a)
		if a.status == http.StatusOK {
			var news []told
			for data := range strings.SplitSeq(string(a.body), "\ndata: ") {
				var e told
				if line, _, _ := strings.Cut(data, "\n"); json.Unmarshal([]byte(line), &e) == nil && e.Position > 0 {
					news = append(news, e)
				}
			}
			p.told("the stream "+o.path, news, id, sights[o.who])
			if id != "" {
				letter = sights[o.who][flow.Ref{Kind: pilot.Kind, ID: id}]
			}
		}
		found[o.section][op][o.who] = letter
	}
}

// compareWith stores the auditor's reads, with which those of all others are compared.
func (s *scene) compareWith() {
	s.t.Helper()
	auditor := &player{scene: s, t: s.t, who: "auditor", timelines: map[string][]told{}, hidden: map[string]string{}, followed: map[string]bool{}}
	for section, id := range s.ids {
		kind, _, _ := strings.Cut(section, " ")
		for op, o := range s.operations[kind] {
			if kind != "house" && o.method != http.MethodPost && op != "follow-pilot" && op != "get-timeline" {
				a := s.ask("auditor", request{method: o.method, path: strings.ReplaceAll(o.path, "%", id)})
				s.wholes[op+" "+id], s.wholes[o.path+id] = a, a
			}
		}
		if kind == "pilot" {
			s.journal = append(s.journal, auditor.timeline(id)...)
		}
	}
	if s.ids["pilot neighbour"] == "" {
		s.journal = append(s.journal, auditor.timeline(s.theirs)...)
	}
	// events of aggregates without a pilot are in no timeline
	rows := ok(s.sql.Query(s.ctx, "select position, kind, id from journal where id like 'bank.%'"))(s.t)
	for rows.Next() {
		var e told
		must(s.t, rows.Scan(&e.Position, &e.Aggregate.Kind, &e.Aggregate.ID))
		s.journal = append(s.journal, e)
	}
	must(s.t, rows.Err())
	slices.SortFunc(s.journal, func(a, b told) int { return cmp.Compare(a.Position, b.Position) })
	if all := s.rows()[0]; len(s.journal) != all {
		s.t.Errorf("the auditor's timelines show %d of %d events", len(s.journal), all)
	}
	for _, e := range s.journal {
		if ref := e.Aggregate; !slices.Contains(s.refs, ref) {
			s.refs = append(s.refs, ref)
			s.wholes["get-"+string(ref.Kind)+" "+ref.ID] = s.ask("auditor", request{method: http.MethodGet, path: catalogue.Path(ref.Kind) + "/" + ref.ID})
		}
	}
}
