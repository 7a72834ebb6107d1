package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/postgres"
)

func registerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "register FILE", Short: "Register places, organizations and people",
		Long: `Reads a JSON file with "places", "organizations" and "people", and adds or
updates them. A person listed without a token, who has none yet, gets a new one,
which is printed once: Terrace keeps only its hash. Safe to repeat; removes no entry, but
a row replaces all that is registered under its code or id.

  {"places": [{"code": "620000", "vintage": 2017, "level": "province", "zh": "甘肃省", "en": "Gansu"}],
   "organizations": [{"credit_code": "51620825MJDEM0030N", "name": {"zh": "示例苹果产业协会", "en": "Example Apple Association"},
     "registered": "2010-05-01", "inspection_passed": true, "staff": 3, "abnormal": false, "dishonest": false}],
   "people": [{"id": "auditor", "name": {"zh": "审计", "en": "Auditor"}, "roles": ["auditor"], "place": "620000"}]}

An organization's row must have its name and the day of its registration; other facts
that it leaves out count as no. A place's row must not be of an older "vintage", the
year of its code list, than the registered one.

Every place but a province names its "parent", which is in the file or registered
before, and so is the "place" of every person. A file that contradicts itself, its
codes or what is registered, or exceeds the limits, is refused as a whole; every fault
is named by its row and field. docs/operations.md shows all fields, limits, levels and
roles.
` + app.SettingsHelp("DATABASE_URL", "PROGRAMMES"),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return app.Misused(fmt.Errorf("%s takes one file", c.CommandPath()))
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
	defer func() { _ = file.Close() }() // opened for reading only
	registry, err := app.ReadRegistry(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fresh, err := a.Store.RegisterAndIssue(ctx, registry)
	if _, refused := errors.AsType[*postgres.RowError](err); refused {
		return fmt.Errorf("%s: 本次未登记任何内容，请更正以下各项 / nothing was registered; correct the following:\n%w", path, err)
	}
	if err != nil {
		return fmt.Errorf("%s: nothing was registered: %w", path, err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Registered %s, %s and %s.\n", number(len(registry.Places), "place", "places"),
		number(len(registry.Organizations), "organization", "organizations"), number(len(registry.People), "person", "people"))
	ids := slices.Sorted(maps.Keys(fresh))
	if len(ids) > 0 {
		text.WriteString("New tokens, shown only this once. Each identifies its person: Authorization: Bearer …\n")
	}
	for _, id := range ids {
		fmt.Fprintf(&text, "%s\t%s\n", id, fresh[id])
	}
	_, err = io.WriteString(c.OutOrStdout(), text.String())
	if err != nil && len(ids) > 0 {
		return fmt.Errorf("%s: everything was registered, but the new tokens could not be printed and are lost (%v): register again, each with a \"token\" of your own: %s",
			path, err, strings.Join(ids, ", ")) //nolint:errorlint // what to do is said here
	}
	return err
}
