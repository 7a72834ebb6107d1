package e2e

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"terrace/bank/protocol"
	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

// reconcile enters the bank's own statement, as finance does, and demands that the reconciliation finds what came back unnoticed
// and nothing else; once finance has explained that, everything agrees.
func (a *audit) reconcile() {
	a.t.Helper()
	const finance = zhuanglang.CountyFinance
	file, answered := a.upload(finance, "text/csv", a.statement())
	if !answered {
		return
	}
	entry := map[string]string{"sha256": file, "format": "csv", "account": "专户"}
	if got, _ := a.order(finance, "/v1/bank-statements", "statement", entry); got.Status != http.StatusCreated {
		a.t.Errorf("the bank's statement: %s", got)
		return
	}
	expected := map[string]string{}
	for payment, back := range a.unnoticed {
		expected[back.Number] = fmt.Sprint(pilot.BankWithoutLedger, " ", back.Fen, " of ", a.attempts[payment].pilot())
	}
	for range 2 { // what is found again is no second difference
		a.agrees(len(expected) == 0)
		if found := a.differences(); !maps.Equal(found, expected) {
			a.t.Errorf("the reconciliation finds %v, the bank sent back unnoticed %v", found, expected)
		}
	}
	for _, d := range a.listed() {
		a.perform(finance, pilot.Ref{Kind: pilot.DifferenceKind, ID: d.ID}, "explain", "", pilot.ExplainDifference{Explanation: "退汇,银行查询时答复未退"})
	}
	a.agrees(true)
}

func (p paymentItem) pilot() string { return p.Payer.ID[:36] }

// agrees runs the reconciliation, which ends well where everything agrees or is explained.
func (a *audit) agrees(well bool) {
	a.t.Helper()
	status, text := run(a.t, a.env, "reconcile")
	if (status == 0) != well || !strings.Contains(text, "Compared with the bank") {
		a.t.Errorf("terrace reconcile ends with %d:\n%s", status, text)
	}
}

type differenceItem struct {
	ID      string
	Pilot   string
	What    pilot.Discrepancy
	Subject string
	Found   money.Fen `json:"found_fen"`
}

// listed are the differences that people see.
func (a *audit) listed() []differenceItem {
	page, _ := see[struct{ Items []differenceItem }](a.ordeal, zhuanglang.CountyFinance, "/v1/differences?limit=200")
	return page.Items
}

func (a *audit) differences() map[string]string {
	found := map[string]string{}
	for _, d := range a.listed() {
		found[d.Subject] += fmt.Sprint(d.What, " ", d.Found, " of ", d.Pilot)
	}
	return found
}

// statement is the bank's own, of all its days, which it tells only when it is in the mood to.
func (a *audit) statement() (csv []byte) {
	a.t.Helper()
	bank, key := a.asPayer()
	address := fmt.Sprintf("https://%s/statement?from=%s&to=%s", a.bankAt, callDay, calendar.Of(a.now()))
	eventually(a.t, "the bank gives its statement", func() bool {
		request, err := http.NewRequestWithContext(context.WithoutCancel(a.ctx), http.MethodGet, address, nil)
		if err != nil {
			a.t.Fatal(err)
		}
		protocol.Sign(request, nil, key, time.Now())
		response, err := bank.Do(request)
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		csv, err = io.ReadAll(response.Body)
		return err == nil && response.StatusCode == http.StatusOK
	})
	return csv
}

// asPayer is a client that the bank takes for the payer, and the key that it signs with.
func (a *audit) asPayer() (*http.Client, ed25519.PrivateKey) {
	a.t.Helper()
	file := func(name string) string { return filepath.Join(a.keys, name) }
	own, first := tls.LoadX509KeyPair(file("cert.pem"), file("cert-key.pem"))
	authority, second := os.ReadFile(file("ca.pem"))
	signing, third := os.ReadFile(file("key.pem"))
	if err := errors.Join(first, second, third); err != nil {
		a.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	block, _ := pem.Decode(signing)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		a.t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, RootCAs: roots}}
	return &http.Client{Transport: transport, Timeout: patience}, key.(ed25519.PrivateKey)
}
