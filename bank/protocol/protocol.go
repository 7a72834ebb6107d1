// Package protocol is what Terrace and a bank (银行) say to one another: orders
// to pay, answers about them, and the signature that each request carries.
// docs/bank.md tells the same to whoever writes the bank's side.
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
	// MaxBody is the greatest size in bytes of an order or of an answer about one.
	MaxBody = 64 << 10
	// Skew is how far the clocks of both sides may lie apart. A request older than
	// that is never carried out, so nothing that was held up on its way can be
	// taken later than twice this time.
	Skew = time.Minute
	// Currency of every amount.
	Currency = "CNY"
)

// Order (付款指令) asks for one payment. The reference is the payer's own: under
// one reference a bank pays once, however often it is asked.
type Order struct {
	Reference     string    `json:"reference"`
	Fen           money.Fen `json:"fen"`
	Currency      string    `json:"currency"`
	Payee         string    `json:"payee"`
	CreditCode    string    `json:"credit_code"`
	AccountName   string    `json:"account_name"`
	AccountNumber string    `json:"account_number,omitempty"`
}

// Status is how an order stands.
type Status string

const (
	Pending  Status = "pending"  // taken, not yet carried out
	Paid     Status = "paid"     // carried out
	Refused  Status = "refused"  // nothing moved and nothing will
	Returned Status = "returned" // carried out, and the money came back (退汇)
	Unheard  Status = "unheard"  // there is no order under the reference
)

// Reason says why an order was refused or its money came back. It is a code,
// because a sentence of the bank's could hold personal data.
type Reason string

// Reasons are all reasons with their words.
var Reasons = map[Reason]domain.Text{
	"wrong-account-name": {ZH: "户名不符", EN: "the account has another name"},
	"unknown-account":    {ZH: "账号不存在", EN: "there is no such account"},
	"closed-account":     {ZH: "账户已销户或冻结", EN: "the account is closed or frozen"},
	"no-cover":           {ZH: "余额不足", EN: "the payer's account lacks the money"},
	"wrong-order":        {ZH: "指令要素有误", EN: "the order is not well-formed"},
	"other":              {ZH: "其他原因", EN: "another reason"},
}

// Words are the reason in both languages; a code nobody knows is another reason.
func (r Reason) Words() string {
	words, known := Reasons[r]
	if !known {
		words = Reasons["other"]
	}
	return words.ZH + " (" + words.EN + ")"
}

// Answer (回执) is what a bank says about one order.
type Answer struct {
	Reference string        `json:"reference"`
	Status    Status        `json:"status"`
	Fen       money.Fen     `json:"fen,omitempty"`    // of the order; absent for unheard
	Number    string        `json:"number,omitempty"` // the bank's own (流水号), of the payment or of the return
	On        calendar.Date `json:"on,omitzero"`      // the day the bank booked it
	Why       Reason        `json:"why,omitempty"`    // of refused and returned
}

var (
	references = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	numbers    = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)
)

// IsReference tells whether an order can bear the reference.
func IsReference(s string) bool { return references.MatchString(s) }

// ReadAnswer reads one answer about the order under the reference. It errs on
// anything that is not exactly that: what cannot be read is not an outcome.
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

// check holds what an answer tells against its status.
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
