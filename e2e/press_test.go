package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/e2e/negative"
)

// pressed is the number of times that each command is sent concurrently.
const pressed = 10

// Every command that users can send is sent ten times concurrently under one Idempotency-Key, when it is legal. The
// servers are killed at random times. After one last kill, all commands are sent ten times again. Each takes effect
// once, and all responses to it are the same. The journal holds each event once: walk finds any event that no response
// reported.
func TestACommandSentTenTimesTakesEffectOnceEvenAfterACrash(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	system := newSystem(t, newDatabase(t, server.url), shared.temporalAddress(t))
	system.launch("--people=false", "--day", "2ms")
	p := &pressing{server: server, system: system, dice: rand.New(rand.NewPCG(4, 1)), operations: map[string]int{}}
	system.life(p.prepare)

	p.kill()
	p.restart()
	p.again()
	system.verify()
	for _, o := range document(t, system.client).Operations {
		if o.Method == http.MethodPost && p.operations[o.ID] == 0 {
			t.Errorf("%s was never sent", o)
		}
	}
	t.Logf("%d operations, %d requests pressed %d times, %d kills", len(p.operations), total(p.operations), pressed, p.kills)
}

// pressing sends each command of a story many times concurrently, and kills the servers meanwhile.
type pressing struct {
	server     *postgres
	system     *system
	dice       *rand.Rand
	stories    []*story
	operations map[string]int // number of requests pressed, by operation
	kills      int
}

// prepare makes a story press its commands, that is, send each many times concurrently.
func (p *pressing) prepare(s *story) {
	s.press = pressed
	s.pressedAs = func(path string) {
		if o := document(s.t, s.client).Find(http.MethodPost, path); o != nil {
			p.operations[o.ID]++
		}
	}
	s.meanwhile = func() (restart func()) {
		if p.dice.IntN(30) > 0 {
			return func() {}
		}
		for range p.dice.IntN(5) { // until some responses are on their way
			p.system.try(reader, http.MethodGet, "/v1/me", nil, nil) //nolint:errcheck // only passes time
		}
		p.kill()
		return p.restart
	}
	p.stories = append(p.stories, s)
}

// kill kills the program and its Postgres together.
func (p *pressing) kill() {
	p.system.t.Helper()
	p.kills++
	p.system.signal(syscall.SIGKILL)
	if err := syscall.Kill(p.server.pid, syscall.SIGKILL); err != nil {
		p.system.t.Fatal(err)
	}
	<-p.system.ended
	<-p.server.ended
}

// restart restarts Postgres and the program.
func (p *pressing) restart() {
	p.system.t.Helper()
	eventually(p.system.t, "Postgres starts again", func() bool { return p.server.start() == nil })
	p.system.launch("--people=false", "--day", "2ms")
}

// again presses every accepted command once more.
func (p *pressing) again() {
	for _, s := range p.stories {
		for _, a := range s.accepted {
			for _, got := range s.sendAtOnce(a) {
				s.sameAnswer(a, a.answer, got)
				if got.Header.Get("Idempotency-Replayed") != "true" {
					s.t.Errorf("%s was done again after the crash: %s", a.command, got)
				}
			}
		}
	}
}

// document returns the program's own OpenAPI document.
func document(t *testing.T, c *client) *negative.Document {
	t.Helper()
	d, err := described(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var described = func() func(*client) (*negative.Document, error) {
	var once sync.Mutex
	var d *negative.Document
	return func(c *client) (_ *negative.Document, err error) {
		once.Lock()
		defer once.Unlock()
		if d == nil {
			var a answer
			if a, err = c.try(reader, http.MethodGet, "/openapi.json", nil, nil); err == nil {
				d, err = negative.Read(a.Body)
			}
		}
		return d, err
	}
}()

// sendAtOnce sends a command s.press times concurrently under one key. It repeats requests left without a response by a
// kill until they get one.
func (s *story) sendAtOnce(a *accepted) []answer {
	s.t.Helper()
	text, err := json.Marshal(a.payload)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.atOnce(a.who, a.path, map[string]string{"Idempotency-Key": a.key}, text)
}

func (s *story) atOnce(who, path string, header map[string]string, body []byte) []answer {
	s.t.Helper()
	answers, errs := make([]answer, max(s.press, 1)), make([]error, max(s.press, 1))
	send := func(i int) { answers[i], errs[i] = s.try(who, http.MethodPost, path, header, body) }
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { send(i) })
	}
	restart := func() {}
	if s.meanwhile != nil {
		restart = s.meanwhile()
	}
	all.Wait()
	restart()
	for i := range answers {
		if s.meanwhile != nil {
			eventually(s.t, path+" is answered", func() bool {
				if errs[i] == nil && answers[i].Status != http.StatusServiceUnavailable {
					return true
				}
				send(i)
				return false
			})
		}
		if errs[i] != nil {
			s.t.Fatalf("%s: %v", path, errs[i])
		}
	}
	if s.pressedAs != nil {
		s.pressedAs(path)
	}
	return answers
}

// pressFile uploads a file s.press times concurrently. The file is stored once, under its digest, and described the
// same way each time.
func (s *story) pressFile(who, text string) {
	s.t.Helper()
	s.onceThere(s.atOnce(who, "/v1/evidence", fileHeader(text), []byte(text)))
}

// pressStatement enters an uploaded bank statement s.press times concurrently; its lines are stored once.
func (s *story) pressStatement(entry map[string]string) {
	s.t.Helper()
	text, err := json.Marshal(entry)
	if err != nil {
		s.t.Fatal(err)
	}
	s.onceThere(s.atOnce(zhuanglang.CountyFinance, "/v1/bank-statements", map[string]string{"Idempotency-Key": s.key()}, text))
}

// onceThere requires that all responses have the same body, whether the content was created or already existed.
func (s *story) onceThere(answers []answer) {
	s.t.Helper()
	for _, got := range answers {
		if got.Status != http.StatusCreated && got.Status != http.StatusOK || !bytes.Equal(got.Body, answers[0].Body) {
			s.t.Errorf("the same content: %s, and %s", answers[0], got)
		}
	}
}

// sameAnswer requires that a repeated command gets the same response as the first: status, headers, and the body except
// for the current progress.
func (s *story) sameAnswer(a *accepted, first, got answer) {
	s.t.Helper()
	same := first.Status == got.Status && bytes.Equal(lastingPart(first), lastingPart(got))
	for _, name := range []string{"ETag", "Location", "Content-Type"} {
		same = same && first.Header.Get(name) == got.Header.Get(name)
	}
	if !same {
		s.t.Errorf("%s under one key: %s, and %s", a.command, first, got)
	}
}

// lastingPart returns the body of a response without the progress, which may change.
func lastingPart(a answer) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.Body, &fields) != nil {
		return a.Body
	}
	delete(fields, "progress")
	var text bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		_, _ = fmt.Fprintf(&text, "%s:%s\n", name, fields[name])
	}
	return text.Bytes()
}

func total(by map[string]int) (sum int) {
	for _, n := range by {
		sum += n
	}
	return sum
}
