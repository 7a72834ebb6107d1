package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Mutation is a bug to plant: it removes a guard, which enforces a rule, or makes it weaker than the rule.
type Mutation struct {
	Name    string
	Rule    string // the rule that the guard enforces
	Edits   []Edit
	Package string // the package whose tests must catch the bug, such as ./postgres
	Test    string // the test that should catch the bug; if it does not, another test of the package may
	Quick   bool   // the test needs no server and takes little time
}

// Edit replaces a text that occurs exactly once in a file of the module.
type Edit struct{ File, Old, New string }

// in returns the edits of a mutation that needs only one.
func in(file, before, after string) []Edit { return []Edit{{file, before, after}} }

// apply returns the new contents of each file that the mutation changes, by path.
func (m Mutation) apply(module string) (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range m.Edits {
		path, err := filepath.Abs(filepath.Join(module, e.File))
		if err != nil {
			return nil, err
		}
		text, begun := texts[path]
		if !begun {
			bytes, err := os.ReadFile(path) //nolint:gosec // a file of this module
			if err != nil {
				return nil, err
			}
			text = string(bytes)
		}
		if n := strings.Count(text, e.Old); n != 1 {
			return nil, fmt.Errorf("%s holds %q %d times instead of once", e.File, e.Old, n)
		}
		texts[path] = strings.Replace(text, e.Old, e.New, 1)
	}
	return texts, nil
}

// overlay writes the changed files, and the file that go -overlay reads, to a temporary folder. Embedded files can be
// replaced in this way too. The caller must call remove to delete the folder.
func (m Mutation) overlay(module string) (list string, remove func(), err error) {
	texts, err := m.apply(module)
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) } // a temporary folder; the system would delete it too
	var replaced struct{ Replace map[string]string }
	replaced.Replace = map[string]string{}
	for path, text := range texts {
		changed := filepath.Join(folder, fmt.Sprintf("%d-%s", len(replaced.Replace), filepath.Base(path)))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			remove()
			return "", nil, err
		}
		replaced.Replace[path] = changed
	}
	written, err := json.Marshal(replaced)
	list = filepath.Join(folder, "overlay.json")
	if err == nil {
		err = os.WriteFile(list, written, 0o600)
	}
	if err != nil {
		remove()
	}
	return list, remove, err
}
