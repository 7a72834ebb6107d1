package app_test

import (
	"errors"
	"strings"
	"testing"

	"terrace/app"
)

func TestTheGatewayIsChosenBySettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		gateway string
		want    string // a part of the refusal
	}{
		"an officer pays by hand when nothing is set": {nil, "voucher", ""},
		"voucher":                         {[]string{"TERRACE_GATEWAY=voucher"}, "voucher", ""},
		"an unknown gateway":              {[]string{"TERRACE_GATEWAY=cheque"}, "", "set voucher (an officer pays by hand) or http (a bank)"},
		"http without an address":         {[]string{"TERRACE_GATEWAY=http"}, "", "TERRACE_BANK_URL is not set: give"},
		"http without a key":              {[]string{"TERRACE_GATEWAY=http", "TERRACE_BANK_URL=https://bank.example"}, "", "TERRACE_BANK_KEY_FILE"},
		"http elsewhere without security": {[]string{"TERRACE_GATEWAY=http", "TERRACE_BANK_URL=http://bank.example"}, "", "https://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := app.ReadSettings(c.environ)
			if err != nil {
				t.Fatal(err)
			}
			g, err := s.OpenGateway()
			var wrong app.UsageError
			switch {
			case c.want == "" && (err != nil || g.Name() != c.gateway):
				t.Errorf("%v, %v", g, err)
			case c.want != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
