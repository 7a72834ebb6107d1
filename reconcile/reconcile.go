package reconcile

import "context"

// Part is one of the comparisons.
type Part string

// The parts, in their order.
const (
	BankPart   Part = "bank"   // the ledger and the bank statements
	BooksPart  Part = "books"  // the trial balance
	RecordPart Part = "record" // the ledger against states, lists and events
)

// Parts lists all of them.
var Parts = []Part{BankPart, BooksPart, RecordPart}

// Standing says how far a finding has been investigated.
type Standing string

// The standings of a finding.
const (
	Opened    Standing = "opened"    // found for the first time
	Open      Standing = "open"      // found before, not yet explained by finance
	Explained Standing = "explained" // found before and explained
	Unopened  Standing = "unopened"  // no pilot has begun under rules by which anybody could explain it
)

// Record supplies what is compared and opens differences.
type Record interface {
	// Findings compares one part. It calls progress from time to time.
	Findings(ctx context.Context, part Part, progress func(done, total int)) ([]Finding, error)
	// OpenDifference opens the finding's difference unless it already exists.
	OpenDifference(ctx context.Context, f Finding) (Standing, error)
}

// Counts are the results of one part.
type Counts struct {
	Found     int `json:"found"`
	Opened    int `json:"opened"`
	Explained int `json:"explained"` // found before and explained
}

// Run compares one part and opens a difference for every finding. It may be interrupted at any point and run again: the
// same finding leads to the same difference. It passes each finding to told.
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
