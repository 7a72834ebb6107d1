package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"terrace/app"
)

func TestASettingThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"TERRACE_LOG_LEVEL=loud":       `TERRACE_LOG_LEVEL is "loud": it must be debug, info, warn or error`,
		"TERRACE_RELAY_SIGNALS=many":   `TERRACE_RELAY_SIGNALS is "many": it needs a whole number, such as 16`,
		"TERRACE_LISTEN=abc":           `TERRACE_LISTEN is "abc": give a host and a port, such as 127.0.0.1:8080, or :8080`,
		"TERRACE_LISTEN=127.0.0.1":     `TERRACE_LISTEN is "127.0.0.1": give a host and a port`,
		"TERRACE_LISTEN=127.0.0.1:web": `TERRACE_LISTEN is "127.0.0.1:web": give a host and a port`,
		"TERRACE_VIRTUAL_CALENDAR=yes": `TERRACE_VIRTUAL_CALENDAR is "yes": it must be true or false`,
	} {
		var wrong app.UsageError
		if _, err := app.ReadSettings([]string{setting}); !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: said %v", setting, err)
		}
	}
}

func TestARelayHasAtLeastOneSignalUnderWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		signals int // 0: rejected
	}{
		"nothing set":           {nil, 16},
		"set to an empty value": {[]string{"TERRACE_RELAY_SIGNALS="}, 16},
		"one":                   {[]string{"TERRACE_RELAY_SIGNALS=1"}, 1},
		"many":                  {[]string{"TERRACE_RELAY_SIGNALS=1000"}, 1000},
		"none":                  {[]string{"TERRACE_RELAY_SIGNALS=0"}, 0},
		"a negative number":     {[]string{"TERRACE_RELAY_SIGNALS=-1"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := app.ReadSettings(c.environ)
			var wrong app.UsageError
			switch {
			case c.signals > 0 && (err != nil || s.RelaySignals != c.signals):
				t.Errorf("%d, %v", s.RelaySignals, err)
			case c.signals == 0 && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), "set it to 1 or more")):
				t.Errorf("said %v", err)
			}
		})
	}
}

func TestAVariableThatIsNoSettingIsNamedWithTheNearestOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("postgres://x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for variable, near := range map[string]string{
		"TERRACE_DATABASE=x":                "TERRACE_DATABASE_URL",
		"TERRACE_TEMPORAL_ADRESS=x":         "TERRACE_TEMPORAL_ADDRESS",
		"TERRACE_LISTN=x":                   "TERRACE_LISTEN",
		"TERRACE_LISTEN=:0":                 "",
		"TERRACE_DATABASE_URL_FILE=" + file: "",
		"TERRACE_PORT_8080_TCP=x":           "",
		"LISTEN=x":                          "",
	} {
		s, err := app.ReadSettings([]string{variable})
		name, _, _ := strings.Cut(variable, "=")
		want := name + " is not a setting and has no effect; the nearest is " + near
		if err != nil || (near == "") != (len(s.Unknown) == 0) || near != "" && s.Unknown[0] != want {
			t.Errorf("of %s it says %q, %v", variable, s.Unknown, err)
		}
	}
}
