package api

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"terrace/domain"
)

func TestOnlyAStoreWithoutRoomIsCalledFull(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]domain.Code{syscall.ENOSPC: "storage-full", syscall.EDQUOT: "storage-full", syscall.EIO: "", syscall.EROFS: "", errors.New("full"): ""} {
		err := room(t.Context(), fmt.Errorf("store evidence: %w", &fs.PathError{Op: "write", Path: "x", Err: cause}))
		refused, ok := domain.Refused(err)
		if ok != (want != "") || ok && refused.Code != want {
			t.Errorf("room(%v) is %v", cause, err)
		}
	}
}
