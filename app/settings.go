package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Settings are read from environment variables. Each may also be given as NAME_FILE, the path of a file that contains
// the value, as is usual for secrets.
type Settings struct {
	DatabaseURL       string     `env:"TERRACE_DATABASE_URL"`
	TemporalAddress   string     `env:"TERRACE_TEMPORAL_ADDRESS"`
	TemporalNamespace string     `env:"TERRACE_TEMPORAL_NAMESPACE" envDefault:"terrace"`
	Listen            string     `env:"TERRACE_LISTEN" envDefault:"127.0.0.1:8080"`
	EvidenceURL       string     `env:"TERRACE_EVIDENCE_URL" envDefault:"file:///var/lib/terrace/evidence?no_tmp_dir=true"`
	Programmes        string     `env:"TERRACE_PROGRAMMES"`
	LogLevel          slog.Level `env:"TERRACE_LOG_LEVEL" envDefault:"INFO"`
	QueuePrefix       string     `env:"TERRACE_QUEUE_PREFIX"`
	SearchAttributes  bool       `env:"TERRACE_SEARCH_ATTRIBUTES" envDefault:"true"`
	VirtualCalendar   bool       `env:"TERRACE_VIRTUAL_CALENDAR"`
	RelaySignals      int        `env:"TERRACE_RELAY_SIGNALS" envDefault:"16"`
	Gateway           string     `env:"TERRACE_GATEWAY" envDefault:"voucher"`
	BankURL           string     `env:"TERRACE_BANK_URL"`
	BankKey           string     `env:"TERRACE_BANK_KEY"`
	BankCert          string     `env:"TERRACE_BANK_CERT"`
	BankCertKey       string     `env:"TERRACE_BANK_CERT_KEY"`
	BankCA            string     `env:"TERRACE_BANK_CA"`

	owner bool // the database URL is that of the tables' owner, who settles a restored record
}

// SettingsHelp lists the settings, for the help of the command line.
const SettingsHelp = `
Settings (environment; NAME_FILE names a file that holds the value):
  TERRACE_DATABASE_URL        postgres://… of the record (or DATABASE_URL)
  TERRACE_TEMPORAL_ADDRESS    host:port of Temporal           [127.0.0.1:7233]
  TERRACE_TEMPORAL_NAMESPACE  its namespace                   [terrace]
  TERRACE_LISTEN              where the API answers           [127.0.0.1:8080]
  TERRACE_EVIDENCE_URL        where evidence is kept          [file:///var/lib/terrace/evidence?no_tmp_dir=true]
  TERRACE_PROGRAMMES          a folder of *.yaml with programmes of your own []
  TERRACE_LOG_LEVEL           debug, info, warn or error      [info]
  TERRACE_QUEUE_PREFIX        prefix of the task queue names  []
  TERRACE_SEARCH_ATTRIBUTES   the namespace has the search attributes TerraceStage,
                              TerracePlace and TerraceDue     [true]
  TERRACE_VIRTUAL_CALENDAR    accept a record on a virtual calendar; only for
                              trials, production uses the real clock [false]
  TERRACE_RELAY_SIGNALS       concurrent signals to Temporal, at least 1; more of
                              them slow the answers of a small machine [16]
  TERRACE_GATEWAY             voucher (an officer pays by hand) or http (a bank) [voucher]
  TERRACE_BANK_URL            https://… of the bank           []
  TERRACE_BANK_KEY            Ed25519 key that signs orders   []
  TERRACE_BANK_CERT           client certificate              []
  TERRACE_BANK_CERT_KEY       its private key                 []
  TERRACE_BANK_CA             CA that signed the bank's certificate []`

// ReadSettings reads the settings from environment variables. Settings that are missing have their default values.
func ReadSettings(environ []string) (Settings, error) {
	values := env.ToMap(environ)
	for name, path := range values {
		plain, isFile := strings.CutSuffix(name, "_FILE")
		if !isFile || !strings.HasPrefix(name, "TERRACE_") {
			continue
		}
		if values[plain] != "" {
			return Settings{}, fmt.Errorf("both %s and %s are set; keep one", plain, name)
		}
		text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			return Settings{}, fmt.Errorf("%s: %w", name, err)
		}
		values[plain] = strings.TrimSpace(string(text))
	}
	if values["TERRACE_DATABASE_URL"] == "" {
		values["TERRACE_DATABASE_URL"] = values["DATABASE_URL"]
	}
	s := Settings{}
	if err := env.ParseWithOptions(&s, env.Options{Environment: values}); err != nil {
		return Settings{}, UsageError{named(err, values)}
	}
	if s.RelaySignals < 1 {
		return Settings{}, UsageError{fmt.Errorf("TERRACE_RELAY_SIGNALS is %d: without signals, the workflows receive no news; set it to 1 or more", s.RelaySignals)}
	}
	return s, nil
}

// named replaces the names of fields in the errors of ReadSettings by the names of the environment variables.
func named(err error, values map[string]string) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	for i, err := range all.Errors {
		if wrong, ok := errors.AsType[env.ParseError](err); ok {
			field, _ := reflect.TypeFor[Settings]().FieldByName(wrong.Name) // it is the one that was read
			name := field.Tag.Get("env")
			all.Errors[i] = fmt.Errorf("%s is %q: %w", name, values[name], wrong.Err)
		}
	}
	return errors.Join(all.Errors...)
}

// UsageError means that the command line or a setting is wrong.
type UsageError struct{ error }

// Misused marks err as a UsageError.
func Misused(err error) error { return UsageError{err} }

// needDatabase returns an error if the settings name no database.
func (s Settings) needDatabase() error {
	if s.DatabaseURL == "" {
		return UsageError{fmt.Errorf("TERRACE_DATABASE_URL is not set: give the URL of the Postgres that holds the record")}
	}
	return nil
}

// temporal returns the address of Temporal, or the default address if none is set.
func (s Settings) temporal() string {
	if s.TemporalAddress == "" {
		return "127.0.0.1:7233"
	}
	return s.TemporalAddress
}

// AsOwner returns the settings for settling a restored record, for which the database URL must be that of the tables'
// owner.
func (s Settings) AsOwner() Settings {
	s.owner = true
	return s
}
