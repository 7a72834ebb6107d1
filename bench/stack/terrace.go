package stack

import (
	"context"
	"regexp"

	"terrace/postgres"
)

// environment returns the settings that every Terrace program needs here.
func (s *Stack) environment(ctx context.Context, databaseURL string, more []string) ([]string, error) {
	evidence, err := s.Folder()
	if err != nil {
		return nil, err
	}
	if databaseURL, err = postgres.TrialURL(ctx, databaseURL); err != nil {
		return nil, err
	}
	env := []string{
		"TERRACE_DATABASE_URL=" + databaseURL, "TERRACE_LISTEN=127.0.0.1:0", "TERRACE_EVIDENCE_URL=file://" + evidence + "?no_tmp_dir=true", "GOGC=400",
	}
	if s.address != "" {
		env = append(env, "TERRACE_TEMPORAL_ADDRESS="+s.address, "TERRACE_TEMPORAL_NAMESPACE="+Namespace)
	}
	return append(env, more...), nil
}

var answers = regexp.MustCompile(`msg="the API answers" address=(\S+)`)

// API starts “terrace api” on a record and waits until it responds on a loopback port. It logs one line per request to
// a file, as in production.
func (s *Stack) API(ctx context.Context, databaseURL string, env ...string) (p *Process, baseURL string, err error) {
	env, err = s.environment(ctx, databaseURL, env)
	if err != nil {
		return nil, "", err
	}
	if p, err = s.Run("terrace", env, "api"); err != nil {
		return nil, "", err
	}
	found, err := p.await(ctx, answers)
	if err != nil {
		return nil, "", err
	}
	return p, "http://" + found[1], nil
}

// Worker starts “terrace worker” on a record and on Temporal: the workflows and the relay.
func (s *Stack) Worker(ctx context.Context, databaseURL string, env ...string) (*Process, error) {
	env, err := s.environment(ctx, databaseURL, env)
	if err != nil {
		return nil, err
	}
	return s.Run("terrace", env, "worker")
}

// Terrace runs another terrace subcommand to its end, and returns its exit status and output.
func (s *Stack) Terrace(ctx context.Context, databaseURL string, args ...string) (status int, text string, err error) {
	env, err := s.environment(ctx, databaseURL, nil)
	if err != nil {
		return 0, "", err
	}
	p, err := s.Run("terrace", env, args...)
	if err != nil {
		return 0, "", err
	}
	return p.Wait(ctx)
}
