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

// Source is the Go source code of a module. It parses each package when it is first needed.
type Source struct {
	root     string // folder that contains go.mod
	files    *token.FileSet
	packages map[string]*declarations
	domain   []string // folders of the domain's packages; set when a name without a package is first looked up
}

// declarations holds the symbols declared by a package and its tests.
type declarations struct {
	symbols map[string]ast.Node // declaration of each symbol, such as "inTime", "(*Object).check" or "Who.admits"
	parsed  []*ast.File
}

// NewSource returns the source code of the module in the folder root.
func NewSource(root string) *Source {
	return &Source{root: root, files: token.NewFileSet(), packages: map[string]*declarations{}}
}

// Place is the position at which a symbol or a test case is declared.
type Place struct {
	File string // slash-separated path relative to the module's root
	Line int
}

// In symbol names used by rules, a package begins with a lower-case letter and a type with a capital.
var (
	symbolName = regexp.MustCompile(`^(?:([a-z][a-z0-9/]*)\.)?(.+)$`)
	caseName   = regexp.MustCompile(`^(?:([a-z][a-z0-9/]*)\.)?(Test\w*)(?:/(.+))?$`)
)

// Symbol returns the position of the declaration of a symbol such as “postgres.(*Store).Execute”. A name without a package, such as
// “inTime”, is looked up in the domain.
func (s *Source) Symbol(name string) (Place, error) {
	part := symbolName.FindStringSubmatch(name)
	found, err := s.find(part[1], part[2])
	if err != nil {
		return Place{}, err
	}
	return s.place(found), nil
}

// Case returns the position of a test or, if the name continues with a slash and a case, of that case. The function says reports
// whether the test or the case contains a string literal.
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

// search finds a symbol that is declared in exactly one package of the domain.
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

// receiver returns “(*T).” or “T.” for a method, and an empty string for a function without a receiver.
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

// row returns the part of a test that a string literal identifies: a row of its table, or a call with the literal as an argument.
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

// enclosing returns the innermost node around the literal that is either a table row or a call.
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
