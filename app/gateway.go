package app

import (
	"context"
	"fmt"

	"terrace/activities"
	"terrace/bank"
)

// OpenGateway returns the payment gateway selected by TERRACE_GATEWAY. It does not connect to the bank.
func (s Settings) OpenGateway() (activities.Gateway, error) {
	switch s.Gateway {
	case "voucher":
		return activities.Voucher{}, nil
	case "http":
		g, err := bank.Open(bank.Settings{URL: s.BankURL, Key: s.BankKey, Cert: s.BankCert, CertKey: s.BankCertKey, CA: s.BankCA})
		if err != nil {
			return nil, UsageError{fmt.Errorf("TERRACE_GATEWAY is http: %w", err)}
		}
		return g, nil
	}
	return nil, UsageError{fmt.Errorf("TERRACE_GATEWAY is %q: set voucher (an officer pays by hand) or http (a bank)", s.Gateway)}
}

// askGateway checks that the gateway responds, by asking about an order that does not exist.
func (s Settings) askGateway(ctx context.Context) error {
	gateway, err := s.OpenGateway()
	if err != nil {
		return err
	}
	_, err = gateway.Ask(ctx, "doctor")
	return err
}
