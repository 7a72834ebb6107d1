// Package programmes reads the rules of programmes (资助计划) from YAML files, including those that ship with Terrace. It
// is strict: an unknown key, a missing source or contradictory rules cause an error that names the file.
package programmes

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/programme"
)

//go:embed *.yaml
var builtin embed.FS

// Set holds programmes, each in one or more versions.
type Set struct {
	all []*programme.Programme
}

// Builtin returns the programmes that ship with Terrace.
func Builtin() (*Set, error) { return Read(builtin) }

// Read reads every *.yaml file in a folder.
func Read(folder fs.FS) (*Set, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	set := &Set{}
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		p, err := decode(text)
		if err != nil {
			for _, fault := range plainly(err) {
				errs = append(errs, fmt.Errorf("%s: %w", name, fault))
			}
			continue
		}
		set.all = append(set.all, p)
	}
	slices.SortStableFunc(set.all, byVersion)
	return set, errors.Join(errs...)
}

func decode(text []byte) (*programme.Programme, error) {
	tree := yaml.Node{}
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	if err := whole(&tree); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	p := &programme.Programme{}
	if err := decoder.Decode(p); err != nil {
		return nil, err
	}
	completed := catalogue.All.Complete(p)
	return p, errors.Join(p.Validate(), completed)
}

// With returns the programmes of both sets. It returns an error if both contain the same version of a programme.
func (s *Set) With(other *Set) (*Set, error) {
	joined := &Set{all: slices.Clone(s.all)}
	for _, p := range other.all {
		if _, err := s.Find(p.ID, p.Version); err == nil {
			return nil, fmt.Errorf("programme %s has two entries for version %d", p.ID, p.Version)
		}
		joined.all = append(joined.all, p)
	}
	slices.SortStableFunc(joined.all, byVersion)
	return joined, nil
}

func byVersion(a, b *programme.Programme) int { return a.Version - b.Version }

// whole returns an error for a number with a fraction. Every number in a programme is a whole number, and the YAML
// decoder would truncate a fraction without an error.
func whole(n *yaml.Node) error {
	if n.ShortTag() == "!!float" {
		return explained(fmt.Sprintf("line %d: cannot unmarshal !!float `%s` into int", n.Line, n.Value))
	}
	for _, child := range n.Content {
		if err := whole(child); err != nil {
			return err
		}
	}
	return nil
}

// All returns all programmes, older versions first.
func (s *Set) All() []*programme.Programme { return s.all }

// Find returns one version of a programme.
func (s *Set) Find(id string, version int) (*programme.Programme, error) {
	for _, p := range s.all {
		if p.ID == id && p.Version == version {
			return p, nil
		}
	}
	return nil, fmt.Errorf("programme %s has no version %d", id, version)
}

// At returns the newest version of a programme that is in force on a date.
func (s *Set) At(id string, day calendar.Date) (*programme.Programme, error) {
	for _, p := range slices.Backward(s.all) {
		if p.ID == id && !p.Effective.After(day) {
			return p, nil
		}
	}
	return nil, fmt.Errorf("programme %s has no version in force on %s", id, day)
}
