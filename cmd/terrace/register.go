package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"terrace/app"
)

func registerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "register FILE", Short: "Register places, organizations and people",
		Long: `Reads a JSON file with "places", "organizations" and "people", and adds or
updates them. A person listed without a token, who has none yet, gets a new one,
which is printed once. docs/operations.md shows the format. Safe to repeat.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return app.Misused(fmt.Errorf("register takes one file"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
				return register(ctx, c, a, args[0])
			})(c, nil)
		},
	}
}

func register(ctx context.Context, c *cobra.Command, a *app.App, path string) error {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	registry, err := app.ReadRegistry(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fresh, err := a.Register(ctx, registry)
	if err != nil {
		return err
	}
	c.Printf("Registered %d places, %d organizations and %d people.\n", len(registry.Places), len(registry.Organizations), len(registry.People))
	for id, token := range fresh {
		c.Printf("%s\t%s\n", id, token)
	}
	return nil
}
