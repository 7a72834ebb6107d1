package rules

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Source is the Go code of a module, read package by package as it is asked for.
type Source struct {
	root     string // folder of go.mod
	files    *token.FileSet
	packages map[string]*declarations
	domain   []string // folders of the domain's packages, once a name asked for them
}

// declarations are a package's symbols, its tests among them.
type declarations struct {
	symbols map[string]ast.Node // "inTime", "(*Object).check", "Who.admits"
	parsed  []*ast.File
}

// NewSource reads the code under root.
func NewSource(root string) *Source {
	return &Source{root: root, files: token.NewFileSet(), packages: map[string]*declarations{}}
}

// Place is the location of a symbol or a test case.
type Place struct {
	File string // from the module's root, with slashes
	Line int
}

// Packages begin in lower case, and so does no type that a rule names.
var (
	symbolName = regexp.MustCompile(`^(?:([a-z][a-z0-9/]*)\.)?(.+)$`)
	caseName   = regexp.MustCompile(`^(?:([a-z][a-z0-9/]*)\.)?(Test\w*)(?:/(.+))?$`)
)

// Symbol finds a declaration, as in "postgres.(*Store).Execute". A name without a package, such as "inTime", is of the domain.
func (s *Source) Symbol(name string) (Place, error) {
	part := symbolName.FindStringSubmatch(name)
	found, err := s.find(part[1], part[2])
	if err != nil {
		return Place{}, err
	}
	return s.place(found), nil
}

// Case finds a test, and its case after the slash where there is one; says tells
// whether a string literal stands in it.
func (s *Source) Case(name string) (at Place, says func(literal string) bool, err error) {
	part := caseName.FindStringSubmatch(name)
	if part == nil {
		return Place{}, nil, fmt.Errorf("%q names no test", name)
	}
	found, err := s.find(part[1], part[2])
	if err != nil {
		return Place{}, nil, err
	}
	if part[3] != "" {
		if found = row(found, part[3]); found == nil {
			return Place{}, nil, fmt.Errorf("%s has no case %q", part[2], part[3])
		}
	}
	return s.place(found), func(literal string) bool { return row(found, literal) != nil }, nil
}

func (s *Source) place(n ast.Node) Place {
	at := s.files.Position(n.Pos())
	file, err := filepath.Rel(s.root, at.Filename)
	if err != nil {
		file = at.Filename
	}
	return Place{File: filepath.ToSlash(file), Line: at.Line}
}

func (s *Source) find(folder, symbol string) (ast.Node, error) {
	if folder == "" {
		return s.search(symbol)
	}
	d, err := s.read(folder)
	if err != nil {
		return nil, err
	}
	found := d.symbols[symbol]
	if found == nil {
		return nil, fmt.Errorf("package %s declares no %s", folder, symbol)
	}
	return found, nil
}

// search finds a symbol that one package of the domain declares.
func (s *Source) search(symbol string) (found ast.Node, err error) {
	if s.domain == nil {
		files, err := filepath.Glob(filepath.Join(s.root, "domain", "*", "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			s.domain = append(s.domain, path.Join("domain", filepath.Base(filepath.Dir(file))))
		}
		s.domain = slices.Compact(s.domain)
	}
	var in []string
	for _, folder := range s.domain {
		d, err := s.read(folder)
		if err != nil {
			return nil, err
		}
		if here := d.symbols[symbol]; here != nil {
			found, in = here, append(in, folder)
		}
	}
	switch len(in) {
	case 0:
		return nil, fmt.Errorf("the domain declares no %s", symbol)
	case 1:
		return found, nil
	}
	return nil, fmt.Errorf("%s is declared in %s: say which package is meant", symbol, strings.Join(in, ", "))
}

func (s *Source) read(folder string) (*declarations, error) {
	if d := s.packages[folder]; d != nil {
		return d, nil
	}
	names, err := filepath.Glob(filepath.Join(s.root, filepath.FromSlash(folder), "*.go"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no Go package in %s", path.Join("/", folder))
	}
	d := &declarations{symbols: map[string]ast.Node{}}
	for _, name := range names {
		file, err := parser.ParseFile(s.files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		d.parsed = append(d.parsed, file)
		for _, decl := range file.Decls {
			d.declare(decl)
		}
	}
	s.packages[folder] = d
	return d, nil
}

func (d *declarations) declare(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		d.symbols[receiver(decl)+decl.Name.Name] = decl
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				d.symbols[spec.Name.Name] = spec
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					d.symbols[name.Name] = spec
				}
			}
		}
	}
}

// receiver is "(*T)." or "T." of a method, nothing of a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	switch of := f.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		if t, ok := of.X.(*ast.Ident); ok {
			return "(*" + t.Name + ")."
		}
	case *ast.Ident:
		return of.Name + "."
	}
	return ""
}

// row is the part of a test that a string literal names: its row of the table, or
// the call it is given to.
func row(test ast.Node, title string) (found ast.Node) {
	var above []ast.Node
	ast.Inspect(test, func(n ast.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		if lit, ok := n.(*ast.BasicLit); ok && found == nil && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && text == title {
				found = enclosing(above, lit)
			}
		}
		above = append(above, n)
		return true
	})
	return found
}

// enclosing is the row whose name the literal is.
func enclosing(above []ast.Node, lit *ast.BasicLit) ast.Node {
	for _, n := range slices.Backward(above) {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if n.Key == lit {
				return n
			}
		case *ast.CompositeLit, *ast.CallExpr:
			return n
		}
	}
	return lit
}
