package main

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"terrace/bank/protocol"
	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/difference"
)

// finding is a difference that the reconciliation found.
type finding struct {
	ID, What, Subject, Pilot string
	Found                    int64 `json:"found_fen"`
}

// reconcile enters the bank's own statement, as finance does, and returns the new differences. Once finance has
// explained them, everything must agree.
func (s *soak) reconcile() ([]finding, error) {
	s.tell("reconciling with the bank")
	csv, err := s.statement()
	if err != nil {
		return nil, err
	}
	const finance = zhuanglang.CountyFinance
	file, err := s.people.upload(finance, "text/csv", csv)
	if err != nil {
		return nil, err
	}
	if err := s.enterStatement(finance, file); err != nil {
		return nil, err
	}
	_, first := s.stack.terrace(s.ctx, "reconcile")
	found, err := s.differences()
	if err != nil {
		return nil, err
	}
	if (first == nil) != (len(found) == 0) {
		return nil, fmt.Errorf("terrace reconcile lists %d differences and exits with %w", len(found), first)
	}
	for _, d := range found {
		explain := difference.ExplainDifference{Explanation: "退汇，银行查询时答复未退"}
		if a, err := s.people.order(finance, "/v1/differences/"+d.ID+"/explain", d.ID+"/explain", explain); err != nil || a.status != http.StatusOK {
			return nil, fmt.Errorf("explain %s: %w %d %s", d.ID, err, a.status, a.body)
		}
	}
	if text, err := s.stack.terrace(s.ctx, "reconcile"); err != nil || !strings.Contains(text, "Compared with the bank") {
		return nil, fmt.Errorf("after everything was explained: %w\n%s", err, text)
	}
	return found, s.quiet()
}

// enterStatement logs no intent, because entering a statement leaves no command receipt to check it against.
func (s *soak) enterStatement(who, file string) error {
	text, err := json.Marshal(map[string]string{"sha256": file, "format": "csv", "account": "专户"})
	if err != nil {
		return err
	}
	a, err := s.people.exchange(request{who: who, path: "/v1/bank-statements", key: "statement", body: text}, s.stack.apis[0])
	if err == nil && a.status != http.StatusCreated && a.status != http.StatusOK {
		err = fmt.Errorf("the bank's statement: %d %s", a.status, a.body)
	}
	return err
}

// differences returns the differences that users see.
func (s *soak) differences() (all []finding, err error) {
	for cursor := ""; ; {
		page := struct {
			Items []finding
			Next  string
		}{}
		if err := s.see(zhuanglang.CountyFinance, "/v1/differences?limit=200&cursor="+cursor, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// see reads a resource that must exist.
func (s *soak) see(who, path string, into any) error {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.stack.apis[0]+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token(who))
	response, err := s.people.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// statement fetches the bank's own statement for all dates. It retries, because the bank is down at times.
func (s *soak) statement() (csv []byte, err error) {
	bank, key, err := s.asPayer()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("https://%s/statement?from=%s&to=%s", s.stack.bankAt, callDay, calendar.Of(s.almanac.now()))
	limit, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	err = until(limit, func() error {
		request, err := http.NewRequestWithContext(limit, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		protocol.Sign(request, nil, key, time.Now())
		response, err := bank.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if csv, err = io.ReadAll(response.Body); err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("the bank's statement: %s", response.Status)
		}
		return err
	})
	return csv, err
}

// asPayer returns a client that authenticates as the payer, and the key it signs with.
func (s *soak) asPayer() (*http.Client, ed25519.PrivateKey, error) {
	file := func(name string) string { return filepath.Join(s.Folder, "keys", name) }
	own, first := tls.LoadX509KeyPair(file("cert.pem"), file("cert-key.pem"))
	authority, second := os.ReadFile(file("ca.pem"))
	signing, third := os.ReadFile(file("key.pem"))
	if err := errors.Join(first, second, third); err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	block, _ := pem.Decode(signing)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, RootCAs: roots}}
	return &http.Client{Transport: transport, Timeout: patience}, key.(ed25519.PrivateKey), nil
}
