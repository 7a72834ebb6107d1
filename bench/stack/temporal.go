package stack

import (
	"context"
	"errors"
	"strings"
)

// Namespace is the namespace of all workflows; task queues keep Terrace and its peers apart.
const Namespace = "terrace"

// StartTemporal starts Temporal with its data in the same PostgreSQL (databases temporal and temporal_visibility) and
// returns its address, which stays the same across restarts. It does nothing if Temporal is running.
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

// StopTemporal shuts Temporal down. Its data is kept.
func (s *Stack) StopTemporal() {
	if s.temporal != nil {
		s.temporal.Stop()
	}
}

// KillTemporal ends Temporal as kill -9 does. Its data is kept.
func (s *Stack) KillTemporal() {
	if s.temporal != nil {
		s.temporal.Kill()
	}
}

// WipeTemporal ends Temporal and drops its databases, so that the next start finds none.
func (s *Stack) WipeTemporal(ctx context.Context) error {
	s.StopTemporal()
	return errors.Join(
		s.Execute(ctx, s.server, "drop database if exists temporal with (force)"),
		s.Execute(ctx, s.server, "drop database if exists temporal_visibility with (force)"),
	)
}

// TemporalAddress returns Temporal's current or last address, or an empty string if it was never started.
func (s *Stack) TemporalAddress() string { return s.address }

// Temporal returns Temporal's process, or nil if it was never started.
func (s *Stack) Temporal() *Process { return s.temporal }
