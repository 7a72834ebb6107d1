package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Mutation is a bug to plant: it removes a guard or makes it weaker than its rule.
type Mutation struct {
	Name    string
	Rule    string // the rule that the guard enforces
	Edits   []Edit
	Package string // the package whose tests must notice the bug, such as ./postgres
	Test    string // the test that should notice the bug; if it does not, another test of the package may
	Quick   bool   // the test needs no server and little time
}

// Edit replaces a text that occurs exactly once in a file of the module.
type Edit struct{ File, Old, New string }

// in returns the edit of a mutation that needs only one.
func in(file, before, after string) []Edit { return []Edit{{file, before, after}} }

// apply returns the changed text of each file that the mutation changes.
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

// overlay writes the changed files to a temporary folder, and with them the list that go -overlay reads. The list also
// works for embedded files. remove deletes the folder.
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
