package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// stopTime is the time limit for a graceful stop.
const stopTime = 15 * time.Second

func TestAStoppingTerraceFinishesRequestsUnderWay(t *testing.T) {
	t.Parallel()
	system := start(t)
	s := system.draft(1).submit()
	everything, one := system.streaming(reader, "/v1/events"), system.streaming(reader, pathOf(s.pilot())+"/events")
	for _, lines := range []<-chan string{everything, one} {
		if !contains(lines, "event: pilot.submitted") {
			t.Fatal("the stream does not report the submission")
		}
	}
	body, rest := io.Pipe()
	answered := make(chan answer, 1)
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, system.base+pathOf(s.pilot())+"/accept", body)
		r.Header.Set("Authorization", "Bearer "+system.token(zhuanglang.CountyOfficer))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "slow")
		response, err := system.http.Do(r)
		if err != nil {
			answered <- answer{}
			return
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		answered <- answer{response.StatusCode, response.Header, text}
	}()
	if _, err := rest.Write([]byte("{")); err != nil { // the request is under way
		t.Fatal(err)
	}
	s.await(s.pilot(), "accept", "")
	system.signal(syscall.SIGTERM)
	for _, lines := range []<-chan string{everything, one} {
		if !contains(lines, "event: bye") {
			t.Error("a stream ends without a farewell")
		}
	}
	if _, err := rest.Write([]byte("}")); err != nil {
		t.Error(err)
	}
	_ = rest.Close()
	if got := <-answered; got.Status != http.StatusOK {
		t.Errorf("the request under way: %s", got)
	}
	if status := system.wait(t, stopTime); status != 0 {
		t.Errorf("stopped with status %d:\n%s", status, system.tail())
	}
	system.launch("--people=false", "--day", "2ms") // for the checks at the end
	receipt := flow.Receipt{}
	system.post(zhuanglang.CountyOfficer, pathOf(s.pilot())+"/accept", "slow", pilot.Accept{}).into(t, &receipt)
	s.accepted = append(s.accepted, &accepted{who: zhuanglang.CountyOfficer, command: "accept", path: pathOf(s.pilot()) + "/accept", ref: s.pilot(), payload: pilot.Accept{}, receipt: receipt})
}

// contains reports whether any line contains the wanted text. It reads until it finds one or the stream ends.
func contains(lines <-chan string, wanted string) bool {
	for {
		select {
		case line, more := <-lines:
			if line == wanted || !more {
				return more
			}
		case <-time.After(patience):
			return false
		}
	}
}

func TestTheRealClockIsNotMixedWithAVirtualCalendar(t *testing.T) {
	t.Parallel()
	system := start(t)
	for _, command := range []string{"serve", "api", "worker"} {
		status, text := run(t, system.environment(), command)
		if status != 1 || !strings.Contains(text, "virtual calendar") {
			t.Errorf("terrace %s exits with %d: %s", command, status, text)
		}
	}
}

// programmeOfToday writes the demonstration's programme with a call that opens today and its other dates moved to the
// coming years.
func programmeOfToday(t *testing.T) (folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "programmes", "zhuanglang-2017.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	changed := string(text)
	for from, to := range map[string]string{
		"zhuanglang-2017": "today", "2017-09-01": day(today), "2017-09-11": day(today), "2018-06-30": day(today.AddDate(1, 0, 0)),
		"2018-12-31": day(today.AddDate(2, 0, 0)), "2019-06-30": day(today.AddDate(2, 6, 0)),
	} {
		changed = strings.ReplaceAll(changed, from, to)
	}
	folder = tempFolder(t)
	if err := os.WriteFile(filepath.Join(folder, "today.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// registryOf writes the demonstration's people and places to a file for “terrace register”, as an office would.
func registryOf(t *testing.T, data *zhuanglang.Data) (path string) {
	t.Helper()
	type organization struct {
		Name domain.Text `json:"name"`
		pilot.OrganizationFacts
	}
	var organizations []organization
	for _, f := range data.Organizations() {
		organizations = append(organizations, organization{domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, f})
	}
	text, err := json.Marshal(map[string]any{"places": data.Places(), "organizations": organizations, "people": data.People()})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(tempFolder(t), "registry.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPIAndWorkerCarryAPilotOnTheRealClock(t *testing.T) {
	t.Parallel()
	data := zhuanglang.Read()
	system := newSystem(t, newDatabase(t, shared.postgresURL(t)), shared.temporalAddress(t))
	env := append(system.environment(), "TERRACE_LISTEN=127.0.0.1:0", "TERRACE_PROGRAMMES="+programmeOfToday(t))
	if status, text := run(t, env, "migrate"); status != 0 {
		t.Fatalf("terrace migrate exits with %d: %s", status, text)
	}
	status, text := run(t, env, "register", registryOf(t, data))
	if status != 0 {
		t.Fatalf("terrace register exits with %d: %s", status, text)
	}
	tokens := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if id, token, ok := strings.Cut(line, "\t"); ok {
			tokens[id] = token
		}
	}
	system.token = func(person string) string { return tokens[person] }
	for _, command := range []string{"api", "worker"} {
		p, err := launch("terrace", env, command)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			p.signal(syscall.SIGTERM)
			if status := p.wait(t, patience); status != 0 {
				t.Errorf("terrace %s exits with status %d: %s", command, status, p.tail())
			}
		})
		if command == "api" {
			system.base = addressInLog(t, p)
		}
	}
	application := data.Application()
	for i := range application.Proposals {
		for j := range application.Proposals[i].Milestones {
			application.Proposals[i].Milestones[j].Due = calendar.Of(time.Now().AddDate(1, 0, 0))
		}
	}
	receipt := flow.Receipt{}
	system.post(zhuanglang.CountyOfficer, "/v1/pilots", "draft", pilot.Draft{Programme: "today", Application: application}).into(t, &receipt)
	system.post(zhuanglang.CountyOfficer, pathOf(receipt.Aggregate)+"/submit", "submit", pilot.Submit{}).into(t, &receipt)
	eventually(t, "the workflow compares the application with the directory", func() bool {
		now := system.read(receipt.Aggregate)
		return now.Stage == pilot.Eligibility && len(now.Progress.Duties) == 0
	})
	system.post(zhuanglang.CountyOfficer, pathOf(receipt.Aggregate)+"/accept", "accept", pilot.Accept{}).into(t, &receipt)
	if got := system.send(zhuanglang.CountyOfficer, http.MethodPut, "/v1/clock", map[string]string{"Idempotency-Key": "clock"}, map[string]time.Time{"until": time.Now().Add(time.Hour)}); got.Status != http.StatusNotFound {
		t.Errorf("moving the real clock: %s", got)
	}
	if status, text := run(t, env, "verify"); status != 0 {
		t.Errorf("terrace verify exits with %d: %s", status, text)
	}
}

var addressInLogLine = regexp.MustCompile(`address=(\S+:[0-9]+)`)

func addressInLog(t *testing.T, p *process) (base string) {
	t.Helper()
	eventually(t, "terrace api says where it answers", func() bool {
		if found := addressInLogLine.FindStringSubmatch(p.errors.String()); found != nil {
			base = fmt.Sprintf("http://%s", found[1])
		}
		return base != "" || !p.running()
	})
	if base == "" {
		t.Fatal(p.tail())
	}
	return base
}
