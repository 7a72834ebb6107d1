// Package bank sends payments to a bank over HTTP. It implements the gateway called http. Package protocol defines the
// messages to and from the bank, and docs/bank.md explains them to the bank's developers.
package bank

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"terrace/activities"
	"terrace/bank/protocol"
	"terrace/bank/statement"
	"terrace/domain/calendar"
	"terrace/domain/payment"
)

// Gateway submits payment orders to a bank. Any error means that the outcome is unknown. Its errors contain no personal
// data.
type Gateway struct {
	base   *url.URL
	key    ed25519.PrivateKey
	client *http.Client
	now    func() time.Time
}

// Name returns "http", the gateway's name in the record.
func (*Gateway) Name() string { return "http" }

// Instruct submits an order. If an order with the same reference and content was submitted before, Instruct returns
// that order's state.
func (g *Gateway) Instruct(ctx context.Context, order activities.Order) (payment.BankAnswer, error) {
	text, err := json.Marshal(protocol.Order{
		Reference: order.Reference, Fen: order.Fen, Currency: protocol.Currency,
		Payee: order.Payee.Name.ZH, CreditCode: order.Payee.CreditCode,
		AccountName: order.AccountName, AccountNumber: order.AccountNumber,
	})
	if err != nil {
		return payment.BankAnswer{}, errors.New("bank: the order cannot be written as JSON")
	}
	answer, err := g.order(ctx, http.MethodPut, order.Reference, text)
	switch {
	case err != nil:
		return payment.BankAnswer{}, err
	case answer.Status == protocol.Unheard, answer.Fen != order.Fen:
		return payment.BankAnswer{}, errors.New("bank: the answer is about another order")
	}
	return outcome(answer), nil
}

// Ask returns the state of the order with the given reference.
func (g *Gateway) Ask(ctx context.Context, reference string) (payment.BankAnswer, error) {
	answer, err := g.order(ctx, http.MethodGet, reference, nil)
	if err != nil {
		return payment.BankAnswer{}, err
	}
	return outcome(answer), nil
}

// Statement returns the bank's statement of the payer's account for a period, including its first and last days.
func (g *Gateway) Statement(ctx context.Context, from, to calendar.Date) (statement.Statement, error) {
	address := g.base.JoinPath("statement")
	address.RawQuery = url.Values{"from": {from.String()}, "to": {to.String()}}.Encode()
	response, err := g.send(ctx, http.MethodGet, address, nil)
	if err != nil {
		return statement.Statement{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return statement.Statement{}, unexpected(response.StatusCode)
	}
	s, err := statement.Parse(response.Body)
	var wrong *statement.Error
	switch {
	case errors.As(err, &wrong):
		return s, fmt.Errorf("bank: the statement: %w", wrong)
	case err != nil:
		return s, cut(ctx, err)
	case s.From != from || s.To != to:
		return statement.Statement{}, errors.New("bank: the statement is for another period")
	}
	return s, nil
}

// order sends a request about one order and returns the bank's response. A response must have the HTTP status that
// corresponds to the order's state, so that a proxy's error page is never mistaken for the bank's response.
func (g *Gateway) order(ctx context.Context, method, reference string, body []byte) (protocol.Answer, error) {
	if !protocol.IsReference(reference) {
		return protocol.Answer{}, errors.New("bank: the reference is not in the form of an order's reference")
	}
	response, err := g.send(ctx, method, g.base.JoinPath("orders", reference), body)
	if err != nil {
		return protocol.Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	refused, unheard := method == http.MethodPut && response.StatusCode == http.StatusUnprocessableEntity, method == http.MethodGet && response.StatusCode == http.StatusNotFound
	if response.StatusCode != http.StatusOK && !refused && !unheard {
		return protocol.Answer{}, unexpected(response.StatusCode)
	}
	answer, err := protocol.ReadAnswer(response.Body, reference)
	switch {
	case err != nil:
		return protocol.Answer{}, fmt.Errorf("bank: %w", err)
	case unheard != (answer.Status == protocol.Unheard), refused && answer.Status != protocol.Refused:
		return protocol.Answer{}, fmt.Errorf("bank: the answer's status does not match HTTP %d", response.StatusCode)
	}
	return answer, nil
}

func (g *Gateway) send(ctx context.Context, method string, address *url.URL, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("bank: the request cannot be made")
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	protocol.Sign(request, body, g.key, g.now())
	response, err := g.client.Do(request)
	if err != nil {
		return nil, cut(ctx, err)
	}
	return response, nil
}

// outcome converts the bank's response to an outcome as defined by the record.
func outcome(a protocol.Answer) payment.BankAnswer {
	answer := payment.BankAnswer{Fen: a.Fen, Number: a.Number, On: a.On}
	switch a.Status {
	case protocol.Pending:
		answer.Outcome = payment.Pending
	case protocol.Paid:
		answer.Outcome = payment.BankPaid
	case protocol.Refused:
		answer.Outcome, answer.Why = payment.BankRefused, a.Why.Words()
	case protocol.Returned:
		answer.Outcome, answer.Why = payment.SentBack, a.Why.Words()
	case protocol.Unheard:
		answer.Outcome = payment.Unheard
	}
	return answer
}

// unexpected returns an error for a status code that a bank should not respond with. The error says what to do.
func unexpected(code int) error {
	what := "this is no answer to the request"
	switch {
	case code == http.StatusUnauthorized:
		what = "it does not accept the signature; compare TERRACE_BANK_KEY and the clock with the bank's"
	case code == http.StatusConflict:
		what = "it holds another order under this reference"
	case code >= 500:
		what = "it cannot answer now"
	}
	return fmt.Errorf("bank: HTTP %d: %s", code, what)
}

// cut removes from a connection error everything that must not enter a workflow's history: the URL, whose query may
// contain personal data, and any bytes received.
func cut(ctx context.Context, err error) error {
	var network *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("bank: %w", ctx.Err())
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("bank: no answer in time")
	case errors.As(err, &network):
		return fmt.Errorf("bank: %w", network)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("bank: the connection was cut before the answer")
	}
	if why := distrust(err); why != "" {
		return errors.New("bank: " + why)
	}
	return errors.New("bank: the connection failed")
}
