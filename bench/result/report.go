// Package result holds the benchmark's results: the rows of bench.json, medians and spread over the rounds, the goals,
// and the table.
package result

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Report is the contents of bench.json.
type Report struct {
	Machine  Machine   `json:"machine"`
	Size     string    `json:"size"` // short or full
	Rounds   int       `json:"rounds"`
	Began    string    `json:"began"` // RFC 3339, UTC
	Seconds  float64   `json:"seconds"`
	Commands []Command `json:"commands"`
	Driving  []Driving `json:"driving"`
	Holding  []Holding `json:"holding"`
	Reading  []Reading `json:"reading"`
	Goals    []Goal    `json:"goals"`
	Missing  []string  `json:"missing,omitempty"` // measurements that failed, and why
}

// Machine describes the machine and how its servers were configured.
type Machine struct {
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	MemoryMB int               `json:"memory_mb"`
	Kernel   string            `json:"kernel"`
	Versions map[string]string `json:"versions"`
	Postgres map[string]string `json:"postgres"` // settings that differ from the server's defaults, and fsync
}

// The engines compared.
const (
	Terrace        = "terrace"
	Floor          = "floor"
	River          = "river"
	DBOS           = "dbos"       // one workflow per lifecycle, like the other workflow engines
	DBOSApart      = "dbos-apart" // one workflow per decision: DBOS has no notion of a lifecycle
	GoWorkflows    = "go-workflows"
	TemporalUpdate = "temporal-update"
)

// Peers are the engines that Terrace is meant to beat.
var Peers = []string{River, DBOS, DBOSApart, GoWorkflows, TemporalUpdate}

// Command is how fast decisions were made: medians over the rounds, with minimum and maximum.
type Command struct {
	Engine      string `json:"engine"`
	At          string `json:"at"`       // execute: called in-process; http: over a loopback port
	Temporal    string `json:"temporal"` // quiet (idle), backlog (workers are clearing one), or none (the engine does not use it)
	Concurrency int    `json:"concurrency"`

	PerSecond              float64 `json:"per_second"` // decisions accepted and answered
	PerSecondMin           float64 `json:"per_second_min"`
	PerSecondMax           float64 `json:"per_second_max"`
	LifecyclesPerSecond    float64 `json:"lifecycles_per_second"`
	LifecyclesPerSecondMin float64 `json:"lifecycles_per_second_min"`
	LifecyclesPerSecondMax float64 `json:"lifecycles_per_second_max"`
	P50                    float64 `json:"p50_ms"`
	P50Min                 float64 `json:"p50_ms_min"`
	P50Max                 float64 `json:"p50_ms_max"`
	P99                    float64 `json:"p99_ms"`
	P99Min                 float64 `json:"p99_ms_min"`
	P99Max                 float64 `json:"p99_ms_max"`
	CPUPerDecision         float64 `json:"cpu_ms_per_decision"` // of all processes: client, engine, PostgreSQL, Temporal
	CPUPerDecisionMin      float64 `json:"cpu_ms_per_decision_min"`
	CPUPerDecisionMax      float64 `json:"cpu_ms_per_decision_max"`
	Overtaken              float64 `json:"overtaken"` // share of all responses for which nothing was recorded because the workflow had already decided; the other figures leave them out
}

// Driving is how workflows carried lifecycles to their end.
type Driving struct {
	Engine string `json:"engine"`
	How    string `json:"how"` // back-to-back, or alone (every change is delivered separately)

	LifecyclesPerSecond    float64            `json:"lifecycles_per_second"`
	LifecyclesPerSecondMin float64            `json:"lifecycles_per_second_min"`
	LifecyclesPerSecondMax float64            `json:"lifecycles_per_second_max"`
	CPUPerLifecycle        float64            `json:"cpu_ms_per_lifecycle"`
	CPUPerLifecycleMin     float64            `json:"cpu_ms_per_lifecycle_min"`
	CPUPerLifecycleMax     float64            `json:"cpu_ms_per_lifecycle_max"`
	CPU                    map[string]float64 `json:"cpu_ms"` // per lifecycle, by process: api, worker, postgres, temporal, client
	SignalsPerLifecycle    float64            `json:"signals_per_lifecycle"`
	EventsPerLifecycle     float64            `json:"events_per_lifecycle"`
}

// Holding is one figure about a system that holds many open pilots.
type Holding struct {
	Pilots int    `json:"pilots"`
	What   string `json:"what"`
	Unit   string `json:"unit"`

	Value       float64 `json:"value"`
	ValueMin    float64 `json:"value_min"`
	ValueMax    float64 `json:"value_max"`
	BesideEmpty float64 `json:"beside_empty,omitempty"` // the value as a multiple of an empty system's; 0 if not applicable
}

// Reading is how fast a record of a given size was read.
type Reading struct {
	What     string `json:"what"`
	Projects int    `json:"projects"`

	PerSecond    float64 `json:"per_second"`
	PerSecondMin float64 `json:"per_second_min"`
	PerSecondMax float64 `json:"per_second_max"`
	P50          float64 `json:"p50_ms"`
	P50Min       float64 `json:"p50_ms_min"`
	P50Max       float64 `json:"p50_ms_max"`
	P99          float64 `json:"p99_ms"`
	P99Min       float64 `json:"p99_ms_min"`
	P99Max       float64 `json:"p99_ms_max"`
}

// Write writes the report as JSON, creating the folder if necessary.
func (r *Report) Write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}
