package main

import (
	"bytes"
	"strings"
	"testing"
)

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
