package reconcile

import "context"

// Part is one of the comparisons.
type Part string

// The parts, in their order.
const (
	BankPart   Part = "bank"   // the ledger and the bank statements
	BooksPart  Part = "books"  // the trial balance
	RecordPart Part = "record" // the ledger, and states, lists and events
)

// Parts lists all of them.
var Parts = []Part{BankPart, BooksPart, RecordPart}

// Standing is how far a finding is looked into.
type Standing string

// The standings of a finding.
const (
	Opened    Standing = "opened"    // found for the first time
	Open      Standing = "open"      // found before; finance has not explained it
	Explained Standing = "explained" // found before and explained
	Unopened  Standing = "unopened"  // no pilot has begun under whose rules anybody could explain it
)

// Record is what is compared, and where differences are opened.
type Record interface {
	// Findings compares one part. progress is told now and then.
	Findings(ctx context.Context, part Part, progress func(done, total int)) ([]Finding, error)
	// OpenDifference opens the finding's difference unless it is there.
	OpenDifference(ctx context.Context, f Finding) (Standing, error)
}

// Counts are what came of one part.
type Counts struct {
	Found     int `json:"found"`
	Opened    int `json:"opened"`
	Explained int `json:"explained"` // before
}

// Run compares one part and opens a difference for everything that is found. It may be broken off anywhere and run again: what
// is found again is the same difference. told hears of each finding.
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
