package app

import (
	"context"
	"fmt"

	"terrace/activities"
	"terrace/bank"
)

// OpenGateway returns the payment gateway that TERRACE_GATEWAY selects. It does not connect.
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

// askGateway asks the gateway about an order that was never given.
func (s Settings) askGateway(ctx context.Context) error {
	gateway, err := s.OpenGateway()
	if err != nil {
		return err
	}
	_, err = gateway.Ask(ctx, "doctor")
	return err
}
