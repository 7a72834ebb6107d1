package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"terrace/activities"
	"terrace/bank"
	"terrace/bank/simulator"
	"terrace/domain/calendar"
)

// gateway is the way money leaves, by TERRACE_GATEWAY.
func (s settings) gateway() (activities.Gateway, error) {
	switch s.Gateway {
	case "voucher":
		return activities.Voucher{}, nil
	case "http":
		g, err := bank.Open(bank.Settings{URL: s.BankURL, Key: s.BankKey, Cert: s.BankCert, CertKey: s.BankCertKey, CA: s.BankCA})
		if err != nil {
			return nil, usageError{fmt.Errorf("TERRACE_GATEWAY is http: %w", err)}
		}
		return g, nil
	}
	return nil, usageError{fmt.Errorf("TERRACE_GATEWAY is %q: set voucher (an officer pays by hand) or http (a bank)", s.Gateway)}
}

// trialBank is “terrace bank”.
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
		Long: `Runs a bank that takes the orders of TERRACE_GATEWAY=http, carries out each
reference once, and misbehaves as it is told to. No money moves. It keeps its
orders in --store and comes back as it was, even from kill -9.

  terrace bank keys --out keys    throw-away keys and certificates of both sides
  terrace bank --keys keys        the bank; prints the settings that pay through it

Try what a bank can do to a payment; each flag below, or everything:
  terrace bank --keys keys --lose-answers 0.3 --clear 10m
  terrace bank --keys keys --worst --day 1m       a day of the bank takes a minute

While it runs, /admin/… answers on this machine, whoever asks:
  curl 127.0.0.1:9081/admin/transfers             every movement, to count
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
	f.Uint64Var(&b.Seed, "seed", 1, "the same seed has the same faults")
	f.BoolVar(&b.plain, "plain", false, "plain HTTP without certificates, on an address of this machine; requests are still signed")
	f.StringVar(&b.start, "start", "", "`day` on which a new store's calendar begins, like 2018-03-01 [today]")
	f.DurationVar(&b.day, "day", 24*time.Hour, "how long a day of the bank takes")
	f.BoolVar(&b.worst, "worst", false, "every fault at once; flags beside it change single ones")
	faults := flag.NewFlagSet("faults", flag.ContinueOnError)
	b.Faults.Flags(faults)
	f.AddGoFlagSet(faults)
	c.AddCommand(bankKeysCommand())
	return c
}

func bankKeysCommand() *cobra.Command {
	out, hosts := "", []string(nil)
	c := &cobra.Command{
		Use: "keys", Short: "Make throw-away keys and certificates of both sides", Args: noArguments,
		Long: `Makes a certificate authority, a server certificate for the simulated bank, a
client certificate and a signing key for the payer. They last a year and
are for trying alone. Overwrites nothing.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{errors.New("--out is missing: name a folder for the keys")}
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
	c.Flags().StringVar(&out, "out", "", "`folder` for the keys; made when it is missing")
	c.Flags().StringArrayVar(&hosts, "host", nil, "another `name` or IP address of the bank's server")
	return c
}

// prepare turns flags into options.
func (b *trialBank) prepare(c *cobra.Command) error {
	if b.keys == "" {
		return usageError{errors.New("--keys is missing: make some with “terrace bank keys --out keys”")}
	}
	for name, address := range map[string]string{"--admin": b.admin, "--plain: --listen": b.listen} {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); (name == "--admin" || b.plain) && (err != nil || ip == nil || !ip.IsLoopback()) {
			return usageError{fmt.Errorf("%s %s is no address of this machine alone, like 127.0.0.1:9081", name, address)}
		}
	}
	if b.start != "" {
		day, err := calendar.Parse(b.start)
		if err != nil {
			return usageError{fmt.Errorf("--start: %w", err)}
		}
		b.Start = day.At(9, 0)
	}
	if b.day < time.Millisecond {
		return usageError{errors.New("--day must be at least 1ms")}
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

// worsen sets every fault, and then again those that were given.
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
			return usageError{fmt.Errorf("--%s: %w", name, err)}
		}
	}
	b.Faults = worst
	return nil
}

// run answers until the context ends.
func (b *trialBank) run(ctx context.Context, c *cobra.Command) error {
	keys, err := simulator.ReadKeys(b.keys)
	if err != nil {
		return fmt.Errorf("%w; “terrace bank keys --out %s” makes them", err, b.keys)
	}
	if b.Key, err = keys.Payer(); err != nil {
		return err
	}
	inner, err := simulator.New(b.Options)
	if err != nil {
		return err
	}
	defer func() { _ = inner.Close() }()
	doors, err := b.open(ctx, inner, keys)
	if err != nil {
		return err
	}
	b.teach(c, doors)
	ended := make(chan error, len(doors))
	for _, d := range doors {
		go func() { ended <- d.serve() }()
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	for _, d := range doors {
		_ = d.server.Close() // whoever waits for an answer asks again
	}
	return err
}

// door is a server with its listener.
type door struct {
	server   *http.Server
	listener net.Listener
}

func (d door) serve() error {
	if d.server.TLSConfig != nil {
		return d.server.ServeTLS(d.listener, "", "")
	}
	return d.server.Serve(d.listener)
}

// open listens for the protocol and, apart from it, for whoever tries the bank.
func (b *trialBank) open(ctx context.Context, inner *simulator.Bank, keys simulator.Keys) (doors []door, err error) {
	certificates, err := keys.TLS()
	if err != nil {
		return nil, err
	}
	if b.plain {
		certificates = nil
	}
	for _, d := range []struct {
		address string
		handler http.Handler
		tls     *tls.Config
	}{{b.listen, inner, certificates}, {b.admin, inner.Admin(), nil}} {
		server := &http.Server{
			Handler: d.handler, TLSConfig: d.tls, ReadTimeout: 10 * time.Second, ReadHeaderTimeout: 10 * time.Second,
			ErrorLog: log.New(slogWriter{}, "", 0),
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.address)
		if err != nil {
			for _, open := range doors {
				_ = open.listener.Close()
			}
			return nil, err
		}
		doors = append(doors, door{server, listener})
	}
	return doors, nil
}

// slogWriter takes what the servers complain about: cut connections, mostly on purpose.
type slogWriter struct{}

func (slogWriter) Write(line []byte) (int, error) {
	slog.Debug(string(line))
	return len(line), nil
}

// teach prints where the bank is, and the settings that pay through it.
func (b *trialBank) teach(c *cobra.Command, doors []door) {
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
%s`, b.Store, doors[1].listener.Addr(), scheme, doors[0].listener.Addr(), filepath.Join(folder, simulator.KeyFile), certificates)
}
