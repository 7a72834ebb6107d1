package simulator

// Counts are how often the bank misbehaved since it was opened.
type Counts struct {
	Requests     int `json:"requests"`
	Closed       int `json:"closed"`        // answered while it was down
	LostRequests int `json:"lost-requests"` // cut before anything was done
	LostAnswers  int `json:"lost-answers"`  // carried out and cut without an answer
	Late         int `json:"late"`
	Outdated     int `json:"outdated"` // said what was so before, and is so no more
}

// Counts tells how often the bank misbehaved.
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
