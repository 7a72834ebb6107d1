// The draw command prints doc comments and refusals, drawn at random, so that a reader can judge how Terrace's texts
// read. The seed is a commit hash, so the same texts can be drawn again from a checkout of that commit.
//
//	go run ./tools/draw [hash]
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "draw:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	seed, err := seedOf(ctx, args)
	if err != nil {
		return err
	}
	comments, err := comments(".")
	if err != nil {
		return err
	}
	refusals, err := refusals(".")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Drawn with %s\n\n# %d of %d doc comments\n\n%s# %d of %d refusals\n\n%s", seed,
		each, len(comments), listed(draw(seed, comments)), each, len(refusals), listed(draw(seed, refusals)))
	return err
}

// seedOf returns the hash given as an argument, or else the hash of the current commit.
func seedOf(ctx context.Context, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	hash, err := exec.CommandContext(ctx, "git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "", fmt.Errorf("git rev-parse HEAD: %w", err)
	}
	return strings.TrimSpace(string(hash)), nil
}

func listed(texts []Text) string {
	var b strings.Builder
	for i, text := range texts {
		fmt.Fprintf(&b, "%d. %s\n   %s\n\n", i+1, text.At, strings.ReplaceAll(text.Words, "\n", "\n   "))
	}
	return b.String()
}
