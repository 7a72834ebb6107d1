// Command marks replaces ASCII punctuation in Chinese texts with full-width punctuation, in code and documentation
// below the current folder. Full-width marks are easily lost between an editor and a file.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	err := read(".", func(name, content string) error {
		corrected, at := correct(name, content)
		if len(at) == 0 {
			return nil
		}
		fmt.Printf("%s: %d\n", name, len(at))
		return os.WriteFile(name, []byte(corrected), 0o600) //nolint:gosec // the tool writes what it read; an existing file keeps its mode
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "marks:", err)
		os.Exit(1)
	}
}

// read calls do for each file with user-facing texts. It omits Go tests, whose texts are test data.
func read(root string, do func(name, content string) error) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case ".git", "bin", "node_modules", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".go", ".md", ".yaml", ".json", ".svg", ".html":
		default:
			return nil
		}
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(name) //nolint:gosec // the tool reads the files in its folder
		if err != nil {
			return err
		}
		return do(name, string(content))
	})
}
