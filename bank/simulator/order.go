package simulator

import (
	"fmt"
	"time"

	"terrace/bank/protocol"
	"terrace/domain/calendar"
)

const (
	kindPayment = "payment"
	kindReturn  = "return"
)

// order is an order with its fate, which is decided when the bank accepts it. Its state at any time follows from what is
// on disk.
type order struct {
	protocol.Order
	Number  string          `json:"number"` // of the payment; its return has the suffix R
	Taken   time.Time       `json:"taken"`
	Settles time.Time       `json:"settles"` // paid or refused from then on
	Refused protocol.Reason `json:"refused,omitempty"`
	Returns time.Time       `json:"returns,omitzero"` // when the money comes back
}

// decide rolls the dice for a new order.
func (b *Bank) decide(asked protocol.Order, luck *dice) *order {
	now := b.clock.now()
	o := &order{Order: asked, Number: fmt.Sprintf("B%09d", len(b.orders)+1), Taken: now, Settles: now}
	o.Settles = now.Add(time.Duration(luck.fate("clear") * float64(luck.Clear)))
	switch {
	case asked.Currency != protocol.Currency || asked.AccountName == "":
		o.Refused, o.Settles = "wrong-order", now
	case luck.fate("refuse") < luck.Refuse:
		o.Refused = "unknown-account"
		if luck.fate("refuse-at-once") < 0.5 {
			o.Settles = now
		}
	case luck.fate("return") < luck.Return:
		o.Returns = o.Settles.Add(luck.ReturnAfter)
	}
	return o
}

// at returns the state of the order at a time.
func (o *order) at(now time.Time) protocol.Answer {
	a := protocol.Answer{Reference: o.Reference, Fen: o.Fen, Status: protocol.Pending}
	switch {
	case now.Before(o.Settles):
	case o.Refused != "":
		a.Status, a.Why = protocol.Refused, o.Refused
	case o.Returns.IsZero() || now.Before(o.Returns):
		a.Status, a.Number, a.On = protocol.Paid, o.Number, calendar.Of(o.Settles)
	default:
		a.Status, a.Number, a.On, a.Why = protocol.Returned, o.Number+"R", calendar.Of(o.Returns), "wrong-account-name"
	}
	return a
}

// before returns the state before the current one, as if the answer came late or twice.
func (o *order) before(now time.Time) protocol.Answer {
	switch a := o.at(now); {
	case a.Status == protocol.Returned:
		return o.at(o.Returns.Add(-1))
	case now.Before(o.Settles), o.Settles.Equal(o.Taken) && o.Refused != "":
		return a
	}
	return protocol.Answer{Reference: o.Reference, Fen: o.Fen, Status: protocol.Pending}
}

// transfers returns the movements of the order up to a time.
func (o *order) transfers(now time.Time) []Transfer {
	if o.Refused != "" || now.Before(o.Settles) {
		return nil
	}
	paid := Transfer{
		Reference: o.Reference, Number: o.Number, Kind: kindPayment, Fen: -o.Fen,
		On: calendar.Of(o.Settles), At: o.Settles, Payee: o.AccountName,
	}
	if o.Returns.IsZero() || now.Before(o.Returns) {
		return []Transfer{paid}
	}
	back := paid
	back.Number, back.Kind, back.Fen = o.Number+"R", kindReturn, o.Fen
	back.On, back.At = calendar.Of(o.Returns), o.Returns
	return []Transfer{paid, back}
}
