package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/bank/simulator"
	"terrace/domain/calendar"
)

// trialBank holds the flags of “terrace bank”.
type trialBank struct {
	simulator.Options
	keys, listen, admin, start string
	plain, worst               bool
	day                        time.Duration
}

func bankCommand() *cobra.Command {
	b := &trialBank{}
	c := &cobra.Command{
		Use: "bank", Short: "Run a simulated bank to try payments on", Args: noArguments,
		Long: `Runs a bank that accepts the orders of TERRACE_GATEWAY=http, carries out each
reference once, and misbehaves as told. No money moves. It keeps its orders in
--store and recovers them after a restart, even after kill -9.

  terrace bank keys --out keys    throw-away keys and certificates for both sides
  terrace bank --keys keys        the bank; prints the settings that pay through it

Try what a bank can do to a payment, one fault at a time or all at once:
  terrace bank --keys keys --lose-answers 0.3 --clear 10m
  terrace bank --keys keys --worst --day 1m       a bank day takes a minute

While it runs, /admin/… answers on this machine without authentication:
  curl 127.0.0.1:9081/admin/transfers             every movement
  curl -d lose-answers=0.5 127.0.0.1:9081/admin/faults
  curl -d down-for=1h 127.0.0.1:9081/admin/faults
  curl -d now=2018-03-01T09:00:00+08:00 127.0.0.1:9081/admin/clock`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := b.prepare(c); err != nil {
				return err
			}
			return b.run(c.Context(), c)
		},
	}
	f := c.Flags()
	f.StringVar(&b.keys, "keys", "", "`folder` that “terrace bank keys” wrote")
	f.StringVar(&b.listen, "listen", "127.0.0.1:9080", "where the bank answers; port 0 picks a free one")
	f.StringVar(&b.admin, "admin", "127.0.0.1:9081", "where /admin/… answers; an address of this machine")
	f.StringVar(&b.Store, "store", "", "`file` that keeps the orders [orders.jsonl in the folder of --keys]")
	f.Uint64Var(&b.Seed, "seed", 1, "the same seed produces the same faults")
	f.BoolVar(&b.plain, "plain", false, "plain HTTP without certificates, on an address of this machine; requests are still signed")
	f.StringVar(&b.start, "start", "", "`day` on which a new store's calendar begins, like 2018-03-01 [today]")
	f.DurationVar(&b.day, "day", 24*time.Hour, "how long a bank day takes")
	f.BoolVar(&b.worst, "worst", false, "every fault at once; other flags override single ones")
	faults := flag.NewFlagSet("faults", flag.ContinueOnError)
	b.Faults.Flags(faults)
	f.AddGoFlagSet(faults)
	c.AddCommand(bankKeysCommand())
	return c
}

func bankKeysCommand() *cobra.Command {
	out, hosts := "", []string(nil)
	c := &cobra.Command{
		Use: "keys", Short: "Create throw-away keys and certificates for both sides", Args: noArguments,
		Long: `Creates a certificate authority, a server certificate for the simulated bank, and
a client certificate and a signing key for the payer. They are valid for a year
and only for trials. Never overwrites a file.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return app.Misused(errors.New("--out is missing: name a folder for the keys"))
			}
			keys, err := simulator.NewKeys(hosts...)
			if err != nil {
				return err
			}
			if err := keys.Write(out); err != nil {
				return err
			}
			c.Printf("The keys are in %s. Next: terrace bank --keys %s\n", out, out)
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", "", "`folder` for the keys; created if missing")
	c.Flags().StringArrayVar(&hosts, "host", nil, "another `name` or IP address of the bank's server")
	return c
}

// prepare validates the flags and converts them to the options of the bank simulator.
func (b *trialBank) prepare(c *cobra.Command) error {
	if b.keys == "" {
		return app.Misused(errors.New("--keys is missing: make some with “terrace bank keys --out keys”"))
	}
	for name, address := range map[string]string{"--admin": b.admin, "--plain: --listen": b.listen} {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); (name == "--admin" || b.plain) && (err != nil || ip == nil || !ip.IsLoopback()) {
			return app.Misused(fmt.Errorf("%s %s is not an address that only this machine can reach, such as 127.0.0.1:9081", name, address))
		}
	}
	if b.start != "" {
		day, err := calendar.Parse(b.start)
		if err != nil {
			return app.Misused(fmt.Errorf("--start: %w", err))
		}
		b.Start = day.At(9, 0)
	}
	if b.day < time.Millisecond {
		return app.Misused(errors.New("--day must be at least 1ms"))
	}
	b.Day = b.day
	if b.Store == "" {
		b.Store = filepath.Join(b.keys, "orders.jsonl")
	}
	if b.worst {
		return b.worsen(c)
	}
	return nil
}

// worsen sets every simulated fault to its most severe level, except those set by other flags.
func (b *trialBank) worsen(c *cobra.Command) error {
	given, worst := map[string]string{}, simulator.Worst()
	set := flag.NewFlagSet("worst", flag.ContinueOnError)
	worst.Flags(set)
	set.VisitAll(func(f *flag.Flag) {
		if c.Flags().Changed(f.Name) {
			given[f.Name] = c.Flags().Lookup(f.Name).Value.String()
		}
	})
	for name, value := range given {
		if err := set.Set(name, value); err != nil {
			return app.Misused(fmt.Errorf("--%s: %w", name, err))
		}
	}
	b.Faults = worst
	return nil
}

// run runs the bank simulator until the context is cancelled.
func (b *trialBank) run(ctx context.Context, c *cobra.Command) error {
	keys, err := simulator.ReadKeys(b.keys)
	if err != nil {
		return fmt.Errorf("%w; “terrace bank keys --out %s” makes them", err, b.keys)
	}
	server, err := simulator.Listen(ctx, b.Options, keys, simulator.Doors{Protocol: b.listen, Admin: b.admin, Plain: b.plain})
	if err != nil {
		return err
	}
	b.teach(c, server)
	return server.Serve(ctx)
}

// teach prints the URLs of the bank simulator, and the settings with which Terrace can pay through it.
func (b *trialBank) teach(c *cobra.Command, server *simulator.Server) {
	scheme := "https"
	if b.plain {
		scheme = "http"
	}
	folder, err := filepath.Abs(b.keys)
	if err != nil {
		folder = b.keys
	}
	certificates := ""
	if !b.plain {
		certificates = fmt.Sprintf("TERRACE_BANK_CERT_FILE=%s\nTERRACE_BANK_CERT_KEY_FILE=%s\nTERRACE_BANK_CA_FILE=%s\n",
			filepath.Join(folder, simulator.CertFile), filepath.Join(folder, simulator.CertKeyFile), filepath.Join(folder, simulator.CAFile))
	}
	c.Printf(`The simulated bank answers; no money moves. Orders are kept in %s.
Its movements: curl http://%s/admin/transfers
Settings that pay through it:
TERRACE_GATEWAY=http
TERRACE_BANK_URL=%s://%s
TERRACE_BANK_KEY_FILE=%s
%s`, b.Store, server.AdminAddress(), scheme, server.Protocol(), filepath.Join(folder, simulator.KeyFile), certificates)
}
