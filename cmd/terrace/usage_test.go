package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAWrongCallPointsToTheHelpOfItsCommand(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"terrace: terrace does not take \"verfy\"; did you mean “terrace verify”?\nRun “terrace --help”":     {"verfy"},
		"terrace: terrace bank does not take \"kyes\"; did you mean “terrace bank keys”?\nRun “terrace bank": {"bank", "kyes"},
		"terrace: terrace backup takes one folder\nRun “terrace backup --help”":                              {"backup"},
		"terrace: unknown flag: --all\nRun “terrace resume --help”":                                          {"resume", "--all"},
	} {
		says(t, 2, want, args...)
	}
}

// A script with an empty variable must not resume as if the record had never been set back.
func TestARecordThatWasSetBackNeedsAReason(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", " "} {
		var out, errs bytes.Buffer
		if status := run([]string{"resume", "--rewound", reason}, &out, &errs); status != 2 || !strings.Contains(errs.String(), "--rewound is empty") {
			t.Errorf("status %d for %q: %s", status, reason, errs.String())
		}
	}
}
