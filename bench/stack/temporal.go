package stack

import (
	"context"
	"errors"
	"strings"
)

// Namespace is where Terrace's workflows are; peers have their own by task queue.
const Namespace = "terrace"

// StartTemporal starts Temporal with its data in the same PostgreSQL (databases temporal and temporal_visibility), where it
// was before when it was started before, and answers its address. A running one stays.
func (s *Stack) StartTemporal(ctx context.Context) (address string, err error) {
	if s.temporal != nil && s.temporal.Running() {
		return s.address, nil
	}
	args := []string{"--with-parent", "--postgres", s.server, "--namespace", Namespace}
	if _, port, known := strings.Cut(s.address, ":"); known {
		args = append(args, "--port", port)
	}
	if s.temporal, err = s.launch("temporald", []string{"GOGC=400"}, args...); err != nil {
		return "", err
	}
	ready := struct{ Address string }{}
	if err := s.temporal.ready(ctx, &ready); err != nil {
		return "", err
	}
	s.address = ready.Address
	return s.address, nil
}

// StopTemporal stops it in order; its data stays.
func (s *Stack) StopTemporal() {
	if s.temporal != nil {
		s.temporal.Stop()
	}
}

// KillTemporal ends it as kill -9 does; its data stays.
func (s *Stack) KillTemporal() {
	if s.temporal != nil {
		s.temporal.Kill()
	}
}

// WipeTemporal ends it and drops its databases, so that the next start is on empty ones.
func (s *Stack) WipeTemporal(ctx context.Context) error {
	s.StopTemporal()
	return errors.Join(
		s.Execute(ctx, s.server, "drop database if exists temporal with (force)"),
		s.Execute(ctx, s.server, "drop database if exists temporal_visibility with (force)"),
	)
}

// TemporalAddress is where Temporal answers, or last answered; empty when it was never started.
func (s *Stack) TemporalAddress() string { return s.address }

// Temporal is its process; nil when it was never started.
func (s *Stack) Temporal() *Process { return s.temporal }
