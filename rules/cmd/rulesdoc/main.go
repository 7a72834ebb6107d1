// Rulesdoc generates docs/rules.md, lifecycle.md, errors.md and ledger.md from the code. It fails if there are gaps in the register
// of rules.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"terrace/rules"
)

func main() {
	if err := write(".."); err != nil { // go generate runs in rules/
		_, _ = fmt.Fprintln(os.Stderr, "rulesdoc:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	book, err := rules.Read(root)
	if err != nil {
		return err
	}
	if gaps := book.Gaps(); len(gaps) > 0 {
		return fmt.Errorf("the rule book has gaps:\n  %s", strings.Join(gaps, "\n  "))
	}
	pages, err := book.Pages()
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(root, "docs", name), []byte(text), 0o644); err != nil { //nolint:gosec // everyone may read the documentation
			return err
		}
	}
	return nil
}
