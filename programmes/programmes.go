// Package programmes reads the rules of programmes (资助计划) from YAML files, including those that ship with Terrace. It
// is strict: an unknown key, a missing source or contradictory rules cause an error that names the file.
package programmes

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/programme"
)

//go:embed *.yaml
var builtin embed.FS

// Set holds programmes, each in one or more versions.
type Set struct {
	all   []*programme.Programme
	files map[*programme.Programme]string // the name of the file that each was read from
}

// Builtin returns the programmes that ship with Terrace.
func Builtin() (*Set, error) { return Read(builtin) }

// Read reads every *.yaml file in a folder. No two may hold the same version of a programme.
func Read(folder fs.FS) (*Set, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	set := &Set{files: map[*programme.Programme]string{}}
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
		if other, err := set.Find(p.ID, p.Version); err == nil {
			errs = append(errs, twice(p, name, domain.T(set.files[other], set.files[other])))
			continue
		}
		set.all, set.files[p] = append(set.all, p), name
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

// With returns the programmes that ship with Terrace, which are s, together with an operator's own. It returns an error
// that names both files if both sets contain the same version of a programme.
func (s *Set) With(own *Set) (*Set, error) {
	joined := &Set{all: slices.Concat(s.all, own.all), files: maps.Clone(s.files)}
	maps.Copy(joined.files, own.files)
	var errs []error
	for _, p := range own.all {
		if shipped, err := s.Find(p.ID, p.Version); err == nil {
			errs = append(errs, twice(p, own.files[p], domain.T("系统自带的"+s.files[shipped], s.files[shipped]+", which ships with Terrace")))
		}
	}
	slices.SortStableFunc(joined.all, byVersion)
	return joined, errors.Join(errs...)
}

// twice is the error of a file whose version of a programme is also in another file.
func twice(p *programme.Programme, file string, other domain.Text) error {
	return fmt.Errorf("%s: %w", file, inWords(domain.T(
		fmt.Sprintf("资助计划“%s”第%d版也在%s中，请更改“id”或“version”", p.ID, p.Version, other.ZH),
		fmt.Sprintf("version %d of the programme “%s” is also in %s; give it another id or version", p.Version, p.ID, other.EN))))
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
