// Package protocol defines the messages between Terrace and a bank (银行): payment orders, the responses to them, and the
// signature of each request. docs/bank.md explains the messages to the bank's developers.
package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

const (
	// MaxBody is the maximum size of an order or a response, in bytes.
	MaxBody = 64 << 10
	// Skew is the maximum difference allowed between the two clocks. The bank never carries out a request older than
	// this by its own clock, so a delayed request is accepted at most twice this long after it was sent.
	Skew = time.Minute
	// Currency is the currency of all amounts.
	Currency = "CNY"
)

// Order (付款指令) asks the bank to make one payment. The payer chooses the reference. The bank pays once per reference,
// however often it receives the order.
type Order struct {
	Reference     string    `json:"reference"`
	Fen           money.Fen `json:"fen"`
	Currency      string    `json:"currency"`
	Payee         string    `json:"payee"`
	CreditCode    string    `json:"credit_code"`
	AccountName   string    `json:"account_name"`
	AccountNumber string    `json:"account_number,omitempty"`
}

// Status is the state of an order at the bank.
type Status string

const (
	Pending  Status = "pending"  // the order was accepted but has not been carried out yet
	Paid     Status = "paid"     // the order was carried out
	Refused  Status = "refused"  // no money has moved, and none will
	Returned Status = "returned" // the order was carried out, but the money was later returned (退汇)
	Unheard  Status = "unheard"  // the bank has no order with this reference
)

// Reason is why an order was refused or its money was returned. It is a code rather than a sentence, because a bank's
// own words could contain personal data.
type Reason string

// Reasons maps every reason to its meaning.
var Reasons = map[Reason]domain.Text{
	"wrong-account-name": {ZH: "户名不符", EN: "the account name does not match"},
	"unknown-account":    {ZH: "账号不存在", EN: "the account does not exist"},
	"closed-account":     {ZH: "账户已销户或冻结", EN: "the account is closed or frozen"},
	"no-cover":           {ZH: "付款账户余额不足", EN: "the payer's account has insufficient funds"},
	"wrong-order":        {ZH: "指令要素有误", EN: "the payment order is invalid"},
	"other":              {ZH: "其他原因", EN: "another reason"},
}

// Words returns the reason's meaning in both languages. For an unknown code, it says that there is another reason.
func (r Reason) Words() string {
	words, known := Reasons[r]
	if !known {
		words = Reasons["other"]
	}
	return words.ZH + " (" + words.EN + ")"
}

// Answer (回执) is a bank's response about one order.
type Answer struct {
	Reference string        `json:"reference"`
	Status    Status        `json:"status"`
	Fen       money.Fen     `json:"fen,omitempty"`    // the amount of the order; absent if the bank has no such order
	Number    string        `json:"number,omitempty"` // the bank's transaction number (流水号) for the payment or for the return
	On        calendar.Date `json:"on,omitzero"`      // the date on which the bank booked it
	Why       Reason        `json:"why,omitempty"`    // present if the order was refused or its money was returned
}

var (
	references = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	numbers    = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)
)

// IsReference reports whether the text is a valid order reference.
func IsReference(s string) bool { return references.MatchString(s) }

// ReadAnswer reads the bank's response about the order with the given reference. It returns an error for anything
// invalid, because an unreadable response must not count as an outcome.
func ReadAnswer(r io.Reader, reference string) (Answer, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	if err != nil {
		return Answer{}, errors.New("the answer was cut off")
	}
	answer := Answer{}
	if len(text) > MaxBody || json.Unmarshal(text, &answer) != nil {
		return Answer{}, errors.New("the answer cannot be read")
	}
	if answer.Reference != reference {
		return Answer{}, errors.New("the answer is about another order")
	}
	return answer, answer.check()
}

// check returns an error if the response lacks a field that its status requires, or has one that its status does not
// allow.
func (a Answer) check() error {
	booked := a.Status == Paid || a.Status == Returned
	switch {
	case a.Status != Unheard && a.Status != Pending && a.Status != Refused && !booked:
		return errors.New("the answer has an unknown status")
	case a.Status != Unheard && a.Fen <= 0:
		return fmt.Errorf("the answer %s lacks the amount", a.Status)
	case booked && a.On.IsZero():
		return fmt.Errorf("the answer %s lacks the date", a.Status)
	case a.Number == "" && booked, a.Number != "" && !numbers.MatchString(a.Number):
		return fmt.Errorf("the answer %s lacks a proper transaction number", a.Status)
	}
	return nil
}
