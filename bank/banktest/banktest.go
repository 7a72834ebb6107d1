// Package banktest gives each test its own simulated bank and a gateway to it.
package banktest

import (
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"terrace/bank"
	"terrace/bank/simulator"
)

// Bank is a simulated bank on this machine. Bank and payer authenticate each other with TLS certificates.
type Bank struct {
	*simulator.Bank
	URL  string
	Keys simulator.Keys
}

// Start starts a bank that runs until the test ends. It supplies the key, so the options need none.
func Start(t testing.TB, o simulator.Options) *Bank {
	t.Helper()
	keys, err := simulator.NewKeys()
	must(t, err)
	o.Key, err = keys.Payer()
	must(t, err)
	inner, err := simulator.New(o)
	must(t, err)
	server := httptest.NewUnstartedServer(inner)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS, err = keys.TLS()
	must(t, err)
	server.StartTLS()
	t.Cleanup(func() {
		server.Close()
		_ = inner.Close()
	})
	return &Bank{Bank: inner, URL: server.URL, Keys: keys}
}

// Settings returns the settings for a gateway to the bank.
func (b *Bank) Settings() bank.Settings {
	return bank.Settings{
		URL: b.URL, Key: string(b.Keys.Key), Cert: string(b.Keys.Cert), CertKey: string(b.Keys.CertKey), CA: string(b.Keys.CA),
	}
}

// Gateway returns a gateway that pays through the bank.
func (b *Bank) Gateway(t testing.TB) *bank.Gateway {
	t.Helper()
	gateway, err := bank.Open(b.Settings())
	must(t, err)
	return gateway
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
