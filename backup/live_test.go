package backup_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"terrace/backup"
	"terrace/domain/flow"
	"terrace/postgres"
)

// traffic simulates users who draft pilots and upload files without a pause.
type traffic struct {
	mu       sync.Mutex
	accepted []flow.Command
	uploaded []string // SHA-256 of each file uploaded
	stop     chan struct{}
	all      sync.WaitGroup
}

func (o *office) traffic(people int) *traffic {
	f := &traffic{stop: make(chan struct{})}
	for person := range people {
		f.all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-f.stop:
					return
				default:
				}
				text := fmt.Sprintf("of %d, number %d", person, n)
				if err := o.upload(o.t.Context(), text); err != nil {
					o.t.Error(err)
					return
				}
				cmd := o.draft()
				if _, err := o.Execute(o.t.Context(), cmd); err != nil {
					o.t.Error(err)
					return
				}
				f.mu.Lock()
				f.accepted, f.uploaded = append(f.accepted, cmd), append(f.uploaded, shaOf(text))
				f.mu.Unlock()
			}
		})
	}
	return f
}

// soFar returns the number of commands accepted so far.
func (f *traffic) soFar() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.accepted)
}

func TestABackupUnderLiveTrafficHoldsEverythingAcceptedBeforeItAndIsConsistent(t *testing.T) {
	t.Parallel()
	o := found(t)
	f := o.traffic(4)
	eventually(t, "there is traffic", func() bool { return f.soFar() > 20 })
	before, folder := f.soFar(), filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), o.source(), folder, quietly)
	during := f.soFar()
	close(f.stop)
	f.all.Wait()
	must(t, err)
	if len(m.Lost) > 0 || during == before {
		t.Fatalf("lost %v, %d accepted meanwhile", m.Lost, during-before)
	}
	back := restored(t, folder)
	for i := range before {
		if _, err := back.Evidence(t.Context(), f.uploaded[i]); err != nil {
			t.Errorf("a file from before the backup: %v", err)
		}
		if again, err := back.Execute(t.Context(), f.accepted[i]); err != nil || !again.Repeated {
			t.Errorf("a command from before the backup: %+v, %v", again, err)
		}
	}
	wholeEvidence(t, back)
	back.agrees(t)
	t.Logf("%d commands before the backup, %d while it was made", before, during-before)
}

// wholeEvidence requires every file that the record names to be there.
func wholeEvidence(t *testing.T, o *office) {
	t.Helper()
	snapshot, err := postgres.TakeSnapshot(t.Context(), o.url)
	must(t, err)
	defer func() { must(t, snapshot.Close()) }()
	must(t, snapshot.Files(t.Context(), func(e postgres.SnapshotFile) error {
		text, err := o.evidence.ReadAll(t.Context(), e.SHA256)
		if err == nil && shaOf(string(text)) != e.SHA256 {
			t.Errorf("evidence %s is damaged", e.SHA256)
		}
		return err
	}))
}
