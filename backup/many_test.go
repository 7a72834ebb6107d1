package backup_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"terrace/backup"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres/pgtest"
)

// What each pilot adds to the measurement.
const (
	eventsOfPilot = 12
	filesOfPilot  = 2
	bytesOfFile   = 200 << 10
)

// many adds pilots, each with a dozen decisions and two files.
func (o *office) many(pilots int) {
	o.t.Helper()
	var all sync.WaitGroup
	work := make(chan int)
	for range 4 {
		all.Go(func() {
			for range work {
				if err := o.pilotOfSize(); err != nil {
					o.t.Error(err)
				}
			}
		})
	}
	for n := range pilots {
		work <- n
	}
	close(work)
	all.Wait()
}

func (o *office) pilotOfSize() error {
	cmd := o.draft()
	if _, err := o.Execute(o.t.Context(), cmd); err != nil {
		return err
	}
	for range eventsOfPilot - 1 {
		application := zhuanglang.Read().Application()
		application.Title.ZH = rand.Text()
		save := flow.Command{ID: uuid.NewString(), Actor: cmd.Actor, Name: "save-draft", Aggregate: cmd.Aggregate, Payload: &pilot.SaveDraft{Application: application}}
		if _, err := o.Execute(o.t.Context(), save); err != nil {
			return err
		}
	}
	for range filesOfPilot {
		file := make([]byte, bytesOfFile)
		rand.Read(file) // never fails
		if err := o.upload(o.t.Context(), string(file)); err != nil {
			return err
		}
	}
	return nil
}

// BACKUP_PILOTS=1000 go test -count 1 -v -run ManyPilots ./backup prints the times in docs/measured.md.
func TestARecordOfManyPilotsComesBackWithEveryOne(t *testing.T) {
	t.Parallel()
	pilots, err := strconv.Atoi(os.Getenv("BACKUP_PILOTS"))
	if err != nil {
		pilots = 10
	}
	o := found(t)
	o.many(pilots)
	folder := filepath.Join(t.TempDir(), "backup")
	clock := stopwatch{t: t, from: time.Now()}
	m, err := backup.Make(t.Context(), o.source(), folder, quietly)
	must(t, err)
	clock.lap("backup")
	if m.Chains != pilots+3 || m.Record.Tables["journal"] != int64(eventsOfPilot*pilots+3) || len(m.Files) != filesOfPilot*pilots+3+2 {
		t.Errorf("it has %d chains, %d events, %d files", m.Chains, m.Record.Tables["journal"], len(m.Files))
	}
	c := check(t, folder, nil)
	clock.lap("check")
	url, files := pgtest.Empty(t), t.TempDir()
	differ, err := c.Restore(t.Context(), backup.Destination{Database: url, Evidence: store(t, files)}, quietly)
	if err != nil || len(differ) > 0 {
		t.Fatalf("the restored record differs: %v, %v", differ, err)
	}
	clock.lap("restore")
	back := open(t, url, files)
	open, err := back.Rewound(t.Context(), "the test restored it")
	if err != nil || open != pilots+3 {
		t.Errorf("%d open, %v", open, err)
	}
	clock.lap("ready")
	back.agrees(t)
	clock.lap("verify")
	t.Logf("%d pilots, %d events, %d files, %.1f MiB", pilots, m.Record.Tables["journal"], len(m.Files), float64(m.Bytes())/(1<<20))
}

// stopwatch logs how long each step took.
type stopwatch struct {
	t    *testing.T
	from time.Time
}

func (s *stopwatch) lap(step string) {
	s.t.Helper()
	s.t.Logf("%-8s %6.2f s", step, time.Since(s.from).Seconds())
	s.from = time.Now()
}
