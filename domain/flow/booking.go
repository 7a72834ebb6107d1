package flow

import (
	"terrace/domain"
	"terrace/domain/ledger"
)

// Booking declares the amount that an event moves in the ledger, and the accounts between which it moves.
type Booking struct {
	Event    *EventType // declaration of the event, which Describe fills in
	Amount   domain.Text
	From, To ledger.Side

	event Event // empty event, whose type Describe uses to find the declaration
	parts func(State, Event) []ledger.Part
}

// Books declares that an event moves money from one side to the other. The function parts takes the state after the event and returns
// the amounts.
func Books[S State, E any](amount domain.Text, from, to ledger.Side, parts func(S, *E) []ledger.Part) Booking {
	return Booking{
		Amount: amount, From: from, To: to, event: new(E),
		parts: func(s State, e Event) []ledger.Part { return parts(s.(S), e.(*E)) },
	}
}

// Postings returns the ledger postings of an event, given the state after it.
func Postings(s State, e Event) []ledger.Posting {
	a := s.Aggregate()
	return a.TypeOf(e).postings(a, s, e)
}

func (t *EventType) postings(a *Aggregate, s State, e Event) (all []ledger.Posting) {
	for _, b := range t.bookings {
		for _, part := range b.parts(s, e) {
			if part.Fen != 0 {
				all = append(all, ledger.Posting{Credit: account(a, s, b.From, part), Debit: account(a, s, b.To, part), Fen: part.Fen})
			}
		}
	}
	return all
}

// account returns the account to which one side of a booking refers.
func account(a *Aggregate, s State, side ledger.Side, part ledger.Part) ledger.Account {
	owner := part.Owner
	if owner == "" || part.Of != side.Owner {
		owner = a.Owner(s, side.Owner)
	}
	account := ledger.Account{Owner: owner, Name: side.Name}
	if kind, _ := ledger.KindOfAccount(side.Name); kind.ByCategory {
		account.Category = part.Category
	}
	return account
}
