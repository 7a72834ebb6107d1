// Command temporald runs a whole Temporal server on 127.0.0.1, with its data in PostgreSQL or in memory.
//
// Once every namespace responds, one line of JSON on standard output reports its address. Exit status: 0 stopped on
// request, 1 failed, 2 wrong usage, 3 another temporald already uses the databases.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	enumspb "go.temporal.io/api/enums/v1"

	"terrace/devstack/lifetime"
	"terrace/devstack/temporal"
)

// searchAttributes are the attributes with which operators find workflows.
var searchAttributes = map[string]enumspb.IndexedValueType{
	"TerraceStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"TerracePlace": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"TerraceDue":   enumspb.INDEXED_VALUE_TYPE_DATETIME,
}

func main() { os.Exit(run()) }

func run() (status int) {
	config := temporal.Config{SearchAttributes: searchAttributes}
	flag.StringVar(&config.Postgres, "postgres", "", "URL of a PostgreSQL server; its databases temporal and temporal_visibility are created when missing")
	inMemory := flag.Bool("in-memory", false, "keep everything in memory instead, for tests")
	flag.IntVar(&config.Port, "port", 0, "port of the frontend on 127.0.0.1; 0 picks a free one")
	flag.IntVar(&config.UIPort, "ui-port", 0, "port of the web interface on 127.0.0.1; 0 means none")
	flag.Func("namespace", "namespace, created when missing; may be repeated (default terrace)", func(name string) error {
		config.Namespaces = append(config.Namespaces, name)
		return nil
	})
	withParent := flag.Bool("with-parent", false, "stop when the parent process ends, or standard input when that is a pipe")
	flag.Parse()
	if flag.NArg() > 0 || (config.Postgres == "") != *inMemory {
		fmt.Fprintln(os.Stderr, "temporald: give either --postgres URL or --in-memory, and no other arguments")
		return 2
	}
	if len(config.Namespaces) == 0 {
		config.Namespaces = []string{"terrace"}
	}

	ctx, cancel := lifetime.Context(*withParent)
	defer cancel()
	err := serve(ctx, config)
	if err == nil || ctx.Err() != nil { // ignore failures while stopping
		return 0
	}
	fmt.Fprintln(os.Stderr, "temporald:", err)
	if errors.Is(err, temporal.ErrAlreadyServed) {
		return 3
	}
	return 1
}

// readiness is the line on standard output.
type readiness struct {
	Ready   bool   `json:"ready"`
	Address string `json:"address"`
	UI      string `json:"ui,omitempty"`
	PID     int    `json:"pid"`
}

func serve(ctx context.Context, config temporal.Config) error {
	server, err := temporal.Start(ctx, config)
	if err != nil {
		return err
	}
	defer server.Stop()
	ready := readiness{Ready: true, Address: server.Address, UI: server.UI, PID: os.Getpid()}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
