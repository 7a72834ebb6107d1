package simulator

// Counts says how often the bank has misbehaved since it was opened.
type Counts struct {
	Requests     int `json:"requests"`
	Closed       int `json:"closed"`        // requests answered while it was down
	LostRequests int `json:"lost-requests"` // cut before anything was done
	LostAnswers  int `json:"lost-answers"`  // carried out, then cut without an answer
	Late         int `json:"late"`
	Outdated     int `json:"outdated"` // repeated an earlier state that no longer held
}

// Counts returns how often the bank has misbehaved.
func (b *Bank) Counts() Counts {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.counts
}

func (b *Bank) count(note func(*Counts)) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	note(&b.counts)
}
