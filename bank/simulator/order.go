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

// order is an accepted order. Its fate is decided when it is accepted, and stored on disk; its state at any later time
// follows from that.
type order struct {
	protocol.Order
	Number  string          `json:"number"` // number of the payment; the number of its return ends in R
	Taken   time.Time       `json:"taken"`
	Settles time.Time       `json:"settles"` // when the order is carried out or refused
	Refused protocol.Reason `json:"refused,omitempty"`
	Returns time.Time       `json:"returns,omitzero"` // when the money is returned
}

// decide makes the random decisions about a new order.
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

// at returns the state of the order at the given time.
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

// before returns the order's previous state, as in a delayed or repeated response.
func (o *order) before(now time.Time) protocol.Answer {
	switch a := o.at(now); {
	case a.Status == protocol.Returned:
		return o.at(o.Returns.Add(-1))
	case now.Before(o.Settles), o.Settles.Equal(o.Taken) && o.Refused != "":
		return a
	}
	return protocol.Answer{Reference: o.Reference, Fen: o.Fen, Status: protocol.Pending}
}

// transfers returns the order's transfers up to the given time.
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
