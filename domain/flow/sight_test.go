package flow_test

import (
	"slices"
	"testing"

	"terrace/domain/flow"
)

func TestTheKeysOfReadersAreSortedAndUnique(t *testing.T) {
	t.Parallel()
	// The database stores these keys, and “terrace verify” compares them with keys derived from the journal, so every version of the
	// program must produce the same ones.
	r := flow.Readers{
		Experts: []string{"expert-2", "expert-1"}, Villages: []string{"620825103216", "620825103207", "620825103216"},
		Organizations: []string{"52620825000000182R", "", "52620000MJDEM0073G"},
	}
	want := []string{
		"organization/52620000MJDEM0073G", "organization/52620825000000182R", "person/expert-1", "person/expert-2", "village/620825103207", "village/620825103216",
	}
	if got := r.Keys(); !slices.Equal(got, want) {
		t.Errorf("keys are %q, want %q", got, want)
	}
}
