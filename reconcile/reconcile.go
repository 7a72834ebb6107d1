package reconcile

import "context"

// Part is one of the comparisons that make up a reconciliation.
type Part string

// The comparisons, in the order in which they run.
const (
	BankPart   Part = "bank"   // compares the ledger with the bank statements
	BooksPart  Part = "books"  // checks the trial balance
	RecordPart Part = "record" // compares the ledger with states, lists and events
)

// Parts lists all comparisons in the order in which they run.
var Parts = []Part{BankPart, BooksPart, RecordPart}

// Standing is how far finance has got with a finding.
type Standing string

// The values of Standing.
const (
	Opened    Standing = "opened"    // found for the first time
	Open      Standing = "open"      // found before; finance has not explained it yet
	Explained Standing = "explained" // found before and explained by finance
	Unopened  Standing = "unopened"  // not opened yet, because the rules for explaining it come from a pilot's programme and no pilot has begun
)

// Record supplies the data to compare, and opens differences.
type Record interface {
	// Findings runs one of the comparisons. It calls progress from time to time.
	Findings(ctx context.Context, part Part, progress func(done, total int)) ([]Finding, error)
	// OpenDifference opens a difference for the finding, unless one exists already.
	OpenDifference(ctx context.Context, f Finding) (Standing, error)
}

// Counts is the number of findings of one comparison, by standing.
type Counts struct {
	Found     int `json:"found"`
	Opened    int `json:"opened"`
	Explained int `json:"explained"` // found before and explained by finance
}

// Run runs one of the comparisons and opens a difference for every finding. It may be interrupted and repeated at any
// time, because the same finding always leads to the same difference. It calls told with each finding.
func Run(ctx context.Context, r Record, part Part, progress func(done, total int), told func(Finding, Standing)) (Counts, error) {
	found, err := r.Findings(ctx, part, progress)
	if err != nil {
		return Counts{}, err
	}
	counts := Counts{Found: len(found)}
	for i, f := range found {
		standing, err := r.OpenDifference(ctx, f)
		if err != nil {
			return Counts{}, err
		}
		switch standing {
		case Opened:
			counts.Opened++
		case Explained:
			counts.Explained++
		case Open, Unopened:
		}
		told(f, standing)
		progress(i+1, len(found))
	}
	return counts, nil
}
