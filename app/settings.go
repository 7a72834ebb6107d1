package app

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Settings holds the program's settings, which are read from environment variables. Each may also be given as
// NAME_FILE, the path of a file that contains the value, as is usual for secrets.
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

	Unknown []string // what is wrong with each variable in the environment that looks like a setting and is none

	owner bool // whether the database URL is that of the tables' owner, which is needed to settle a restored record
}

// described lists the settings with their --help texts. Names omit the prefix TERRACE_.
var described = []struct{ name, text string }{
	{"DATABASE_URL", "postgres://… of the record (or DATABASE_URL)"},
	{"TEMPORAL_ADDRESS", "host:port of Temporal [127.0.0.1:7233]"},
	{"TEMPORAL_NAMESPACE", "its namespace [terrace]"},
	{"LISTEN", "where the API answers [127.0.0.1:8080]"},
	{"EVIDENCE_URL", "where evidence is kept\n[file:///var/lib/terrace/evidence?no_tmp_dir=true]"},
	{"PROGRAMMES", "a folder of *.yaml with programmes of your own []"},
	{"LOG_LEVEL", "debug, info, warn or error [info]"},
	{"QUEUE_PREFIX", "prefix of the task queue names []"},
	{"SEARCH_ATTRIBUTES", "the namespace has the search attributes TerraceStage,\nTerracePlace and TerraceDue [true]"},
	{"VIRTUAL_CALENDAR", "accept a record on a virtual calendar; only for\ntrials, production uses the real clock [false]"},
	{"RELAY_SIGNALS", "concurrent signals to Temporal, at least 1; more of\nthem slow the answers of a small machine [16]"},
	{"GATEWAY", "voucher (an officer pays by hand) or http (a bank)\n[voucher]"},
	{"BANK_URL", "https://… of the bank []"},
	{"BANK_KEY", "Ed25519 key that signs orders []"},
	{"BANK_CERT", "client certificate []"},
	{"BANK_CERT_KEY", "its private key []"},
	{"BANK_CA", "CA that signed the bank's certificate []"},
}

// SettingsHelp returns help on the settings that a command uses. Names omit the prefix TERRACE_, and a trailing
// asterisk stands for all names with that beginning.
func SettingsHelp(used ...string) string {
	var text strings.Builder
	text.WriteString("\nSettings (environment; NAME_FILE names a file that holds the value):")
	for _, d := range described {
		if slices.ContainsFunc(used, func(u string) bool {
			prefix, all := strings.CutSuffix(u, "*")
			return u == d.name || all && strings.HasPrefix(d.name, prefix)
		}) {
			_, _ = fmt.Fprintf(&text, "\n  TERRACE_%-19s %s", d.name, strings.ReplaceAll(d.text, "\n", "\n"+strings.Repeat(" ", 30)))
		}
	}
	return text.String()
}

// ReadSettings reads the settings from environment variables and uses defaults for any that are missing.
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
	s := Settings{Unknown: unknown(values)}
	if err := env.ParseWithOptions(&s, env.Options{Environment: values}); err != nil {
		return Settings{}, UsageError{named(err, values)}
	}
	if err := CheckAddress(s.Listen); err != nil {
		return Settings{}, UsageError{fmt.Errorf("TERRACE_LISTEN is %w", err)}
	}
	if s.RelaySignals < 1 {
		return Settings{}, UsageError{fmt.Errorf("TERRACE_RELAY_SIGNALS is %d: without signals, the workflows receive no news; set it to 1 or more", s.RelaySignals)}
	}
	return s, nil
}

// others lists how the variables begin that are not settings of the program, although they begin with TERRACE_: those of
// its tests, its private Postgres and docker-compose.yml, and those that Kubernetes sets for a service named terrace.
var others = []string{"TERRACE_TEST_", "TERRACE_POSTGRES_BIN", "TERRACE_VERSION", "TERRACE_PORT", "TERRACE_SERVICE_"}

// unknown names each variable that begins with TERRACE_ and is not a setting, with the setting that was probably meant.
func unknown(values map[string]string) (all []string) {
	var known []string
	for _, d := range described {
		known = append(known, "TERRACE_"+d.name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		plain := strings.TrimSuffix(name, "_FILE")
		foreign := slices.ContainsFunc(others, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if !strings.HasPrefix(name, "TERRACE_") || foreign || slices.Contains(known, plain) {
			continue
		}
		near := slices.MinFunc(known, func(a, b string) int { return distance(plain, a) - distance(plain, b) })
		all = append(all, fmt.Sprintf("%s is not a setting and has no effect; the nearest is %s", name, near))
	}
	return all
}

// distance returns how many letters must be inserted, removed or replaced to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, before+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// CheckAddress returns an error that quotes the address if the API cannot answer at such an address.
func CheckAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		return fmt.Errorf("%q: give a host and a port, such as 127.0.0.1:8080, or :8080 to answer on every network", address)
	}
	return nil
}

// needs says which values a setting accepts, for types that cannot be parsed from every string.
var needs = map[reflect.Type]string{
	reflect.TypeFor[slog.Level](): "it must be debug, info, warn or error",
	reflect.TypeFor[int]():        "it needs a whole number, such as 16",
	reflect.TypeFor[bool]():       "it must be true or false",
}

// named replaces field names in the errors of ReadSettings with the names of environment variables.
func named(err error, values map[string]string) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	for i, err := range all.Errors {
		if wrong, ok := errors.AsType[env.ParseError](err); ok {
			field, _ := reflect.TypeFor[Settings]().FieldByName(wrong.Name) // always found, because the error names a field of Settings
			name := field.Tag.Get("env")
			why := wrong.Err
			if need, known := needs[field.Type]; known {
				why = errors.New(need)
			}
			all.Errors[i] = fmt.Errorf("%s is %q: %w", name, values[name], why)
		}
	}
	return errors.Join(all.Errors...)
}

// UsageError means that the command line or a setting is wrong.
type UsageError struct{ error }

// Misused marks err as a UsageError.
func Misused(err error) error { return UsageError{err} }

// needDatabase returns an error if no database is configured.
func (s Settings) needDatabase() error {
	if s.DatabaseURL == "" {
		return UsageError{fmt.Errorf("TERRACE_DATABASE_URL is not set: give the URL of the Postgres that holds the record")}
	}
	return nil
}

// temporal returns the address of Temporal, or the default address if none is configured.
func (s Settings) temporal() string {
	if s.TemporalAddress == "" {
		return "127.0.0.1:7233"
	}
	return s.TemporalAddress
}

// AsOwner returns a copy of the settings for settling a restored record. The database URL must be that of the tables'
// owner.
func (s Settings) AsOwner() Settings {
	s.owner = true
	return s
}
