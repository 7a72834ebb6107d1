// Package protocol defines the messages between Terrace and a bank (银行): payment orders, answers about them, and the
// signature of each request. docs/bank.md explains them to the developers of the bank's side.
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
	// MaxBody is the maximum size, in bytes, of an order or of an answer about one.
	MaxBody = 64 << 10
	// Skew is the maximum difference between the two sides' clocks. An older request is never carried out, so a request
	// that was held up in transit cannot be accepted later than twice this time.
	Skew = time.Minute
	// Currency is the currency of every amount.
	Currency = "CNY"
)

// Order (付款指令) requests one payment. The payer chooses the reference. A bank pays once per reference, however often it
// is asked.
type Order struct {
	Reference     string    `json:"reference"`
	Fen           money.Fen `json:"fen"`
	Currency      string    `json:"currency"`
	Payee         string    `json:"payee"`
	CreditCode    string    `json:"credit_code"`
	AccountName   string    `json:"account_name"`
	AccountNumber string    `json:"account_number,omitempty"`
}

// Status is the state of an order.
type Status string

const (
	Pending  Status = "pending"  // accepted, not yet carried out
	Paid     Status = "paid"     // carried out
	Refused  Status = "refused"  // no money moved, and none will
	Returned Status = "returned" // carried out, then the money came back (退汇)
	Unheard  Status = "unheard"  // no order has the reference
)

// Reason says why an order was refused or its money came back. It is a code, because a bank's own sentence could hold
// personal data.
type Reason string

// Reasons holds every reason with its text.
var Reasons = map[Reason]domain.Text{
	"wrong-account-name": {ZH: "户名不符", EN: "the account has another name"},
	"unknown-account":    {ZH: "账号不存在", EN: "there is no such account"},
	"closed-account":     {ZH: "账户已销户或冻结", EN: "the account is closed or frozen"},
	"no-cover":           {ZH: "余额不足", EN: "the payer's account lacks the money"},
	"wrong-order":        {ZH: "指令要素有误", EN: "the order is not well-formed"},
	"other":              {ZH: "其他原因", EN: "another reason"},
}

// Words returns the reason in both languages. For an unknown code it returns the text of another reason.
func (r Reason) Words() string {
	words, known := Reasons[r]
	if !known {
		words = Reasons["other"]
	}
	return words.ZH + " (" + words.EN + ")"
}

// Answer (回执) is a bank's answer about one order.
type Answer struct {
	Reference string        `json:"reference"`
	Status    Status        `json:"status"`
	Fen       money.Fen     `json:"fen,omitempty"`    // of the order; absent if unheard
	Number    string        `json:"number,omitempty"` // the bank's own (流水号), of the payment or of the return
	On        calendar.Date `json:"on,omitzero"`      // the day on which the bank booked it
	Why       Reason        `json:"why,omitempty"`    // if refused or returned
}

var (
	references = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	numbers    = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)
)

// IsReference reports whether an order can have the reference.
func IsReference(s string) bool { return references.MatchString(s) }

// ReadAnswer reads one answer about the order with the reference. It returns an error for anything else: what cannot be
// read is not an outcome.
func ReadAnswer(r io.Reader, reference string) (Answer, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	if err != nil {
		return Answer{}, errors.New("the answer broke off")
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

// check checks the fields of an answer against its status.
func (a Answer) check() error {
	booked := a.Status == Paid || a.Status == Returned
	switch {
	case a.Status != Unheard && a.Status != Pending && a.Status != Refused && !booked:
		return errors.New("the answer has an unknown status")
	case a.Status != Unheard && a.Fen <= 0:
		return fmt.Errorf("the answer %s lacks the amount", a.Status)
	case booked && a.On.IsZero():
		return fmt.Errorf("the answer %s lacks the day", a.Status)
	case a.Number == "" && booked, a.Number != "" && !numbers.MatchString(a.Number):
		return fmt.Errorf("the answer %s lacks a proper transaction number", a.Status)
	}
	return nil
}
