package backup

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestABackupNeverBeginsInWhatAnotherRemoves(t *testing.T) {
	t.Parallel()
	for range 300 {
		folder := filepath.Join(t.TempDir(), "backup")
		first, err := begin(folder)
		if err != nil {
			t.Fatal(err)
		}
		next := make(chan *draft)
		go func() {
			for {
				if d, err := begin(folder); err == nil {
					next <- d
					return
				} else if !strings.Contains(err.Error(), "another backup") && !strings.Contains(err.Error(), "no such file") {
					t.Error(err)
				}
			}
		}()
		abandoned := first.abandon()
		second := <-next
		_, there := second.Stat(evidenceDir)
		if err := errors.Join(abandoned, there, second.abandon()); err != nil {
			t.Fatal(err)
		}
	}
}
