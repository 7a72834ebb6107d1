package e2e

import (
	"net/http"
	"syscall"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
)

type health struct {
	Status, Database, Temporal string
	AcceptsCommands            bool `json:"accepts_commands"`
}

func TestCommandsAreAcceptedWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	temporal := ownTemporal(t, server.url)
	system := newSystem(t, newDatabase(t, server.url), temporal.address)
	system.launch("--people=false", "--day", "2ms")
	s := system.draft(1)
	s.rest()
	temporal.kill()

	eventually(t, "/readyz says that Temporal is away and accepts commands", func() bool {
		now := get[health](s.client, reader, "/readyz")
		return now.Status == "degraded" && now.Temporal == "away" && now.AcceptsCommands
	})
	s.submit()
	if got := s.send(reader, http.MethodGet, pathOf(s.pilot())+"/run", nil, nil); got.Status != http.StatusServiceUnavailable || got.problem(t).Code != "temporal-away" {
		t.Errorf("workflow status: %s", got)
	}
	s.refused(zhuanglang.CountyOfficer, s.pilot(), "accept", pilot.Accept{}, http.StatusConflict, "checks-pending")

	if err := temporal.start(); err != nil {
		t.Fatal(err)
	}
	s.accept().endorse(approvers...)
	s.reaches(s.pilot(), pilot.Review)
}

func TestRequestsAreRefusedWhilePostgresIsAwayAndSucceedAfterwards(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	system := newSystem(t, newDatabase(t, server.url), shared.temporalAddress(t))
	system.launch("--people=false", "--day", "2ms")
	s := system.draft(1).submit()
	if err := syscall.Kill(server.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.ended

	eventually(t, "/readyz says that the database is away", func() bool {
		return s.send(reader, http.MethodGet, "/readyz", nil, nil).Status == http.StatusServiceUnavailable
	})
	away := func(who, method, path string, body any) {
		t.Helper()
		got := s.send(who, method, path, map[string]string{"Idempotency-Key": "away"}, body)
		if got.Status != http.StatusServiceUnavailable || got.problem(t).Code != "database-away" {
			t.Errorf("%s %s: %s", method, path, got)
		}
	}
	away(reader, http.MethodGet, "/readyz", nil)
	away(reader, http.MethodGet, pathOf(s.pilot()), nil)
	away(zhuanglang.CountyOfficer, http.MethodPost, pathOf(s.pilot())+"/withdraw", pilot.Withdraw{Reason: "r"})

	if err := server.start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record answers again", func() bool {
		return s.send(reader, http.MethodGet, pathOf(s.pilot()), nil, nil).Status == http.StatusOK
	})
	s.accept().endorse(approvers...).panel().score(1, 80).conclude().noticeOver().approve(1).rollout()
}
