// Package house_test checks the code's structure: who may import whom, how large a package of the domain may get, and
// that only the catalogue distinguishes between kinds of aggregates.
package house_test

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

//go:embed layers.txt
var layersText string

// mostLines limits a domain package, without its tests, to what a reader can keep in mind.
const mostLines = 4000

// source is a Go file that is not a test.
type source struct {
	folder string // relative to the root, with slashes
	file   *ast.File
	lines  int
}

// sources returns the non-test files of the root module.
func sources(t *testing.T) (all []source) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(name, "go.mod")); name != root && (err == nil || entry.Name() == "node_modules" || entry.Name() == "testdata" || entry.Name() == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(name))
		all = append(all, source{filepath.ToSlash(folder), file, strings.Count(string(text), "\n")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// own returns the folder of one of Terrace's own imports; false for any other import.
func own(spec *ast.ImportSpec) (string, bool) {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil || name != "terrace" && !strings.HasPrefix(name, "terrace/") {
		return "", false
	}
	return path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(name, "terrace"), "/")), true
}

// layers returns the folders of each layer, from the foundation up.
func layers(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if folders := strings.Fields(line); len(folders) > 0 {
			all = append(all, folders)
		}
	}
	return all
}

// layerOf returns the index of a folder's layer, or -1.
func layerOf(all [][]string, folder string) int {
	return slices.IndexFunc(all, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(each string) bool {
			above, whole := strings.CutSuffix(each, "/...")
			return folder == each || whole && (folder == above || strings.HasPrefix(folder, above+"/"))
		})
	})
}

// against returns why the folder may not import the other; empty if it may.
func against(all [][]string, folder, imported string) string {
	from, to := layerOf(all, folder), layerOf(all, imported)
	switch {
	case from < 0:
		return folder + " is in no layer: add it to layers.txt"
	case to < 0:
		return imported + " is in no layer: add it to layers.txt"
	case to >= from:
		return folder + " imports " + imported + ", which is in no layer above its own"
	}
	return ""
}

func TestNoPackageImportsAgainstTheLayers(t *testing.T) {
	t.Parallel()
	all := layers(layersText)
	for _, s := range sources(t) {
		if layerOf(all, s.folder) < 0 {
			t.Errorf("%s is in no layer: add it to layers.txt", s.folder)
		}
		for _, spec := range s.file.Imports {
			if imported, ours := own(spec); ours {
				if why := against(all, s.folder, imported); why != "" {
					t.Error(why)
				}
			}
		}
	}
}

func TestImportsAgainstTheLayersAreFound(t *testing.T) {
	t.Parallel()
	all := layers("domain # values\n\ndomain/flow\nproject payment\ncmd/... tools/...\n")
	for name, test := range map[string]struct {
		folder, imported string
		allowed          bool
	}{
		"a layer above":                      {"payment", "domain/flow", true},
		"the program imports what it starts": {"cmd/terrace", "payment", true},
		"a folder inside a listed one":       {"tools/house", "payment", true},
		"a layer below":                      {"domain/flow", "payment", false},
		"its own layer":                      {"payment", "project", false},
		"a package in no layer":              {"payment", "pilot", false},
		"from a package in no layer":         {"pilot", "payment", false},
	} {
		if got := against(all, test.folder, test.imported); (got == "") != test.allowed {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDomainPackagesStaySmall(t *testing.T) {
	t.Parallel()
	lines := map[string]int{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.folder, "domain") {
			lines[s.folder] += s.lines
		}
	}
	if len(lines) < 10 {
		t.Errorf("found only %d packages", len(lines))
	}
	for folder, n := range lines {
		if n >= mostLines {
			t.Errorf("%s has %d lines: move a noun into a package of its own", folder, n)
		}
	}
}

// aggregates returns the packages that the catalogue lists.
func aggregates(t *testing.T, all []source) (packages []string) {
	t.Helper()
	for _, s := range all {
		if s.folder != "domain/catalogue" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if of, ok := n.(*ast.SelectorExpr); ok && of.Sel.Name == "Aggregate" {
				packages = append(packages, of.X.(*ast.Ident).Name)
			}
			return true
		})
	}
	if len(packages) < 5 {
		t.Fatalf("the catalogue lists %v", packages)
	}
	return packages
}

// Whatever differs from kind to kind belongs in the aggregate's description. Only the catalogue and code that supports
// tests may distinguish between kinds.
func TestNothingSwitchesOnAKind(t *testing.T) {
	t.Parallel()
	all := sources(t)
	packages := aggregates(t, all)
	for _, s := range all {
		if s.folder == "domain/catalogue" || strings.HasSuffix(s.folder, "test") {
			continue
		}
		for _, what := range tellsKindsApart(s.file, packages) {
			t.Errorf("%s/%s: %s", s.folder, s.file.Name, what)
		}
	}
}

// tellsKindsApart finds switches over kinds, switches over the types of states, and tables by kind.
func tellsKindsApart(file *ast.File, packages []string) (found []string) {
	of := func(e ast.Expr) string { // the aggregate whose Kind or state the expression names
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		selector, ok := e.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		x, ok := selector.X.(*ast.Ident)
		if ok && slices.Contains(packages, x.Name) && (selector.Sel.Name == "Kind" || strings.EqualFold(selector.Sel.Name, x.Name)) {
			return x.Name
		}
		return ""
	}
	ast.Inspect(file, func(n ast.Node) bool {
		named := map[string]bool{}
		what := ""
		switch n := n.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt:
			what = "switches over the kinds"
			ast.Inspect(n, func(inner ast.Node) bool {
				if clause, ok := inner.(*ast.CaseClause); ok {
					for _, e := range clause.List {
						if kind := of(e); kind != "" {
							named[kind] = true
						}
					}
				}
				return true
			})
		case *ast.CompositeLit:
			what = "has a table by kind"
			for _, e := range n.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok {
					if kind := of(pair.Key); kind != "" {
						named[kind] = true
					}
				}
			}
		}
		if len(named) > 1 {
			found = append(found, fmt.Sprintf("%s %v", what, named))
		}
		return true
	})
	return found
}

func TestASwitchOnAKindIsFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"over kinds":       {"switch k { case pilot.Kind: case project.Kind: }", 1},
		"over states":      {"switch s.(type) { case *pilot.Pilot: case *project.Project: }", 1},
		"a table":          {"_ = map[flow.Kind]int{pilot.Kind: 1, project.Kind: 2}", 1},
		"of one kind":      {"if k == pilot.Kind { }", 0},
		"over their parts": {"switch e.(type) { case *pilot.Approved: case *project.Opened: }", 0},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() { "+test.text+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := tellsKindsApart(file, []string{"pilot", "project"}); len(got) != test.want {
			t.Errorf("%s: found %v", name, got)
		}
	}
}
