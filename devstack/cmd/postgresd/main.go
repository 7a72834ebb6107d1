// Command postgresd runs a private PostgreSQL server on 127.0.0.1 and keeps its data between runs.
//
// Once the server accepts connections, one line of JSON on standard output reports its address. Exit status: 0 stopped
// on request, 1 failed, 2 wrong usage, 3 the data directory is already in use by a running server.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"

	"terrace/devstack/lifetime"
	"terrace/devstack/postgres"
)

func main() { os.Exit(run()) }

func run() (status int) {
	data := flag.String("data", postgres.DefaultData(), "data directory; initialized when new, never wiped")
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 picks a free one")
	database := flag.String("database", "terrace", "database, created when missing")
	durable := flag.Bool("durable", true, "survive a crash of the machine; false is faster, for throw-away data")
	connections := flag.Int("max-connections", 200, "maximum number of connections")
	withParent := flag.Bool("with-parent", false, "stop when the parent process ends, or standard input when that is a pipe")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "postgresd: unexpected argument %q\n", flag.Arg(0))
		return 2
	}
	syscall.Umask(0o022) // the server's account passes through the folders created here

	ctx, cancel := lifetime.Context(*withParent)
	defer cancel()
	err := serve(ctx, postgres.Config{
		Data: *data, Port: *port, Database: *database, MaxConnections: *connections, Volatile: !*durable,
	})
	if err == nil || ctx.Err() != nil { // ignore failures while stopping
		return 0
	}
	fmt.Fprintln(os.Stderr, "postgresd:", err)
	if _, served := errors.AsType[*postgres.AlreadyServedError](err); served {
		return 3
	}
	return 1
}

// readiness is the line on standard output.
type readiness struct {
	Ready bool   `json:"ready"`
	URL   string `json:"url"`
	PID   int    `json:"pid"`
	Data  string `json:"data"`
}

func serve(ctx context.Context, config postgres.Config) error {
	server, err := postgres.Start(ctx, config)
	if err != nil {
		return err
	}
	defer server.Stop()
	ready := readiness{Ready: true, URL: server.URL, PID: server.PID, Data: server.Data}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-server.Ended():
		return fmt.Errorf("PostgreSQL ended unexpectedly; its messages are in %s", server.Log)
	}
}
