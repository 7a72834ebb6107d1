// Package stacktest gives the tests of a package one stack to measure on.
package stacktest

import (
	"context"
	"os"
	"testing"

	"terrace/bench/stack"
)

// Main is a package's TestMain: it starts the stack, runs each of the steps on it and then the tests, and stops it.
func Main(m *testing.M, s **stack.Stack, steps ...func(context.Context, *stack.Stack) error) {
	os.Exit(run(m, s, steps))
}

func run(m *testing.M, s **stack.Stack, steps []func(context.Context, *stack.Stack) error) int {
	ctx := context.Background()
	var err error
	if *s, err = stack.Up(ctx, "../../bin"); err != nil {
		panic(err)
	}
	defer (*s).Down() //nolint:errcheck // what remains is in a temporary folder
	for _, step := range steps {
		if err := step(ctx, *s); err != nil {
			panic(err)
		}
	}
	return m.Run()
}
