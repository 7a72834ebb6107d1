package simulator

// Counts is how often the bank has misbehaved since it was opened.
type Counts struct {
	Requests     int `json:"requests"`
	Closed       int `json:"closed"`        // requests that arrived while the bank was down
	LostRequests int `json:"lost-requests"` // requests cut off before anything was done
	LostAnswers  int `json:"lost-answers"`  // requests carried out, then cut off without a response
	Late         int `json:"late"`
	Outdated     int `json:"outdated"` // responses with an earlier state that no longer held
}

// Counts returns how often the bank has misbehaved so far.
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
