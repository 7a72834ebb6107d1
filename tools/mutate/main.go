// The mutate command tests the tests. It plants bugs one at a time: each removes one guard (a check or constraint that
// enforces a rule) from a copy of the program that only the compiler sees, and the tests must catch it. The command
// prints which test did. It fails if no test of the expected package catches a bug, if a bug breaks more than its
// guard, or if the text to be changed no longer exists.
//
//	go run ./tools/mutate [-quick] [-only word]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	only := flag.String("only", "", "plant only the bugs whose name matches this, such as a word")
	quick := flag.Bool("quick", false, "plant only some bugs that need no server, to check that this command works")
	flag.Parse()
	name, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := (&trial{module: ".", controls: controls, out: os.Stdout}).run(ctx, choose(mutations, name, *quick)); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func choose(all []Mutation, only *regexp.Regexp, quick bool) (chosen []Mutation) {
	for _, m := range all {
		if only.MatchString(m.Name) && (m.Quick || !quick) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// trial applies mutations to a module, one at a time.
type trial struct {
	module   string            // the module's folder
	controls map[string]string // for each package, the control: a test that passes whichever guard is missing
	out      io.Writer
}

// run first checks that the named tests and the controls pass on the unchanged code. It then checks that each mutation
// makes a test fail while the package's control still passes.
func (t *trial) run(ctx context.Context, planted []Mutation) error {
	if len(planted) == 0 {
		return errors.New("no bug has that name")
	}
	if err := t.pass(ctx, planted); err != nil {
		return err
	}
	t.say("| Planted bug | The guard's rule | Caught by | Seconds |\n|---|---|---|--:|\n")
	var errs []error
	began := time.Now()
	for _, m := range planted {
		start := time.Now()
		by, err := t.plant(ctx, m)
		if err != nil {
			by = "**" + err.Error() + "**"
			errs = append(errs, fmt.Errorf("%s: %w", m.Name, err))
		}
		t.say("| %s | %s | %s | %.1f |\n", m.Name, m.Rule, by, time.Since(start).Seconds())
	}
	t.say("\n%d planted, %d caught, %d not, in %.0f s\n", len(planted), len(planted)-len(errs), len(errs), time.Since(began).Seconds())
	return errors.Join(errs...)
}

func (t *trial) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) // a failed write only leaves a gap in the table
}

// pass runs all named tests on the unchanged code, because a test that always fails would seem to catch every bug.
func (t *trial) pass(ctx context.Context, planted []Mutation) error {
	named := map[string][]string{}
	for _, m := range planted {
		named[m.Package] = append(named[m.Package], m.Test, t.controls[m.Package])
	}
	for pkg, tests := range named {
		result, err := t.test(ctx, pkg, "", tests...)
		switch {
		case err != nil:
			return err
		case result.failed != "":
			return fmt.Errorf("%s fails in %s although nothing is planted", result.failed, pkg)
		}
		for _, test := range tests {
			if !result.passed[test] {
				return fmt.Errorf("%s has no test %s", pkg, test)
			}
		}
	}
	return nil
}

var (
	errSurvived = errors.New("survived")
	errBroken   = errors.New("broken, not caught")
)

// plant applies a mutation and returns the test that catches it: the test named in the mutation or, if that passes,
// another test of the package. It also runs the package's control (see controls). If the control fails too, the
// mutation has broken more than the guard that it removes, and the failing test proves nothing.
func (t *trial) plant(ctx context.Context, m Mutation) (by string, err error) {
	overlay, remove, err := m.overlay(t.module)
	if err != nil {
		return "", err
	}
	defer remove()
	control := t.controls[m.Package]
	result, err := t.test(ctx, m.Package, overlay, m.Test, control)
	switch {
	case err != nil:
		return "", err
	case !result.passed[control]:
		return "", fmt.Errorf("%w: %s does not pass either", errBroken, control)
	case result.failed != "":
		return result.failed, nil
	}
	result, err = t.test(ctx, m.Package, overlay)
	if err == nil && result.failed == "" {
		err = errSurvived
	}
	return result.failed, err
}
