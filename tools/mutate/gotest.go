package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// result is the outcome of a test run.
type result struct {
	passed map[string]bool // the top-level tests that passed
	failed string          // the first failure, of the most deeply nested test; empty if none failed
}

// event is one line of the output of go test -json.
type event struct {
	Action, Test, Output, FailedBuild string
}

const longest = "5m" // time limit for a package's tests, which a bug could make wait forever

// test runs the tests of a package with an overlay's changes applied. It runs either the named tests, each to its end,
// or all tests until one fails.
func (t *trial) test(ctx context.Context, pkg, overlay string, named ...string) (result, error) {
	args := []string{"test", "-json", "-count=1", "-vet=off", "-timeout", longest}
	if len(named) > 0 {
		args = append(args, "-run", "^("+strings.Join(named, "|")+")$")
	} else {
		args = append(args, "-failfast")
	}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	run := exec.CommandContext(ctx, "go", append(args, pkg)...) //nolint:gosec // tests of this module
	run.Dir = t.module
	output, err := run.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	var said strings.Builder
	run.Stderr = &said
	if err := run.Start(); err != nil {
		return result{}, err
	}
	r, readErr := readResult(output)
	if err := run.Wait(); ctx.Err() != nil {
		return result{}, ctx.Err()
	} else if err != nil && readErr == nil && r.failed == "" {
		readErr = fmt.Errorf("go test %s: %w %s", pkg, err, said.String())
	}
	return r, readErr
}

// readResult parses the output of go test -json. It returns an error if the code does not compile, because that does
// not count as a test catching the bug.
func readResult(output io.Reader) (result, error) {
	r := result{passed: map[string]bool{}}
	var built strings.Builder
	for lines := json.NewDecoder(output); ; {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return r, nil
		} else if err != nil {
			return r, err
		}
		switch {
		case e.Action == "build-output":
			built.WriteString(e.Output)
		case e.FailedBuild != "":
			return r, fmt.Errorf("does not compile: %s", strings.Join(strings.Fields(built.String()), " "))
		case e.Action == "pass" && e.Test != "":
			r.passed[e.Test] = true
		case e.Action == "fail" && (r.failed == "" || strings.HasPrefix(e.Test, r.failed+"/")):
			r.failed = e.Test
		}
	}
}
