package lifecycle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/project"
)

// Request is a person's decision as sent over HTTP.
type Request struct {
	Path, Token, Key string
	Body             []byte
}

var collections = map[flow.Kind]string{project.Kind: "/v1/projects/", payment.Kind: "/v1/payments/"}

// Request returns the nth decision as an HTTP request.
func (v *Village) Request(n int) (Request, error) {
	c, err := v.Command(n)
	if err != nil {
		return Request{}, err
	}
	body, err := json.Marshal(c.Payload)
	return Request{collections[c.Aggregate.Kind] + c.Aggregate.ID + "/" + c.Name, TokenOf(c.Actor.ID), c.ID, body}, err
}

// Post sends the request to the API at the base URL. Any response other than “recorded” is an error.
func (r Request) Post(ctx context.Context, client *http.Client, base string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.Token)
	request.Header.Set("Idempotency-Key", r.Key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s: %s", r.Path, answer.Status, text)
	}
	return err
}
