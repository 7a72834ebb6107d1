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
		"terrace: --sample is \"abc\": it needs a whole number, such as 100\nRun “terrace verify --help”":    {"verify", "--sample", "abc"},
		"terrace: --day is \"fast\": it needs a duration, such as 100ms or 2s\n":                             {"demo", "--day", "fast"},
		"terrace: --record-only is \"no\": it must be true or false\n":                                       {"verify", "--record-only=no"},
		"terrace: unknown flag: --all\nRun “terrace resume --help”":                                          {"resume", "--all"},
	} {
		says(t, 2, want, args...)
	}
}

func TestHelpShowsTheSettingsThatACommandUses(t *testing.T) {
	t.Parallel()
	for command, not := range map[string]string{"migrate": "TERRACE_TEMPORAL_ADDRESS", "verify": "TERRACE_BANK_URL", "backup": "TERRACE_LISTEN", "worker": "TERRACE_EVIDENCE_URL", "api": "TERRACE_GATEWAY"} {
		var out bytes.Buffer
		run([]string{command, "--help"}, &out, &out)
		if text := out.String(); !strings.Contains(text, "  TERRACE_DATABASE_URL ") || strings.Contains(text, "  "+not+" ") {
			t.Errorf("the help of %s shows %s, or not its database:\n%s", command, not, text)
		}
	}
}

// A script with an empty variable must not resume as if the record had not been restored to an earlier state.
func TestARecordThatWasSetBackNeedsAReason(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", " "} {
		var out, errs bytes.Buffer
		if status := run([]string{"resume", "--rewound", reason}, &out, &errs); status != 2 || !strings.Contains(errs.String(), "--rewound is empty") {
			t.Errorf("status %d for %q: %s", status, reason, errs.String())
		}
	}
}
