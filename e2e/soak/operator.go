package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// previousFile names the commit whose program and schema a soak begins with.
const previousFile = "e2e/soak/previous"

// buildPrevious builds the previous commit's program from the repository's own history.
func buildPrevious(ctx context.Context, repository, folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(repository, previousFile)) //nolint:gosec // in this repository
	if err != nil {
		return "", err
	}
	commit := strings.TrimSpace(string(text))
	sources := filepath.Join(folder, "previous")
	script := fmt.Sprintf(`set -e
git -C %[1]q cat-file -e %[2]s^{commit} 2>/dev/null || { echo "commit %[2]s of %[3]s is not in this clone: fetch the whole history (git fetch --unshallow)" >&2; exit 1; }
mkdir -p %[4]q && git -C %[1]q archive %[2]s | tar -x -C %[4]q
cd %[4]q
program=. # where it stood before cmd/terrace was there
[ ! -d cmd/terrace ] || program=./cmd/terrace
go build -trimpath -ldflags '-s -w' -o terrace $program`, repository, commit, previousFile, sources)
	build := exec.CommandContext(ctx, "bash", "-c", script) //nolint:gosec // fixed arguments
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the previous program: %w\n%s", err, out)
	}
	return filepath.Join(sources, "terrace"), nil
}

// upgrade migrates the schema while the previous program runs, then replaces one process after another.
func (s *soak) upgrade(ctx context.Context) error {
	s.people.upgrading.Store(true)
	defer s.people.upgrading.Store(false)
	next := s.Program
	err := until(ctx, func() error { _, err := run(ctx, next, s.stack.owning(), "migrate"); return err })
	if err != nil {
		return err
	}
	s.stack.bin.Store(&next)
	for _, kind := range []string{"api", "worker", "bank"} {
		for _, v := range s.stack.of(kind) {
			v.replace(ctx)
		}
	}
	return until(ctx, func() error { _, err := s.stack.terrace(ctx, "resume", "--replace"); return err })
}

// loseTemporal wipes Temporal's data and resumes the workflows from the record.
func (s *soak) loseTemporal(ctx context.Context) error {
	s.stack.cluster.paused.Store(true)
	if p := s.stack.cluster.up.Load(); p != nil {
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	for _, name := range []string{"temporal", "temporal_visibility"} {
		err := until(ctx, func() error { return execute(ctx, s.stack.server, "drop database if exists "+name+" with (force)") })
		if err != nil {
			return err
		}
	}
	s.stack.cluster.paused.Store(false)
	if err := s.hurryPayments(ctx); err != nil {
		return err
	}
	return until(ctx, func() error {
		text, err := s.stack.terrace(ctx, "resume")
		if err == nil {
			s.people.counts.add("resumed: "+lastLine(text), 1)
		}
		return err
	})
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// paymentsPerSecond limits requests to the bank, which a soak has to itself.
const paymentsPerSecond = 500

// hurryPayments raises the rate at which workers send requests to the bank, as an operator may. Temporal stores this
// rate, and it overrides the workers' own.
func (s *soak) hurryPayments(ctx context.Context) error {
	return until(ctx, func() error {
		c, err := client.DialContext(ctx, client.Options{HostPort: s.stack.temporal, Namespace: "terrace", Logger: silent{}})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.WorkflowService().UpdateTaskQueueConfig(ctx, &workflowservice.UpdateTaskQueueConfigRequest{
			Namespace: "terrace", Identity: "soak", TaskQueue: "terrace-payments", TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY,
			UpdateQueueRateLimit: &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{
				RateLimit: &taskqueuepb.RateLimit{RequestsPerSecond: paymentsPerSecond}, Reason: "a soak",
			},
		})
		return err
	})
}

// silent is the logger of a client whose failures are all retried.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
