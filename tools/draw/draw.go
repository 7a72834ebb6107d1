package main

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/rules"
)

// Text is a doc comment or a refusal (the message of a domain error).
type Text struct {
	At    string // file:line and the declared name of a comment, or the code of a refusal
	Words string
}

// each is the number of doc comments, and of refusals, to draw.
const each = 30

// draw draws some of the texts at random. The same seed always draws the same texts.
func draw(seed string, from []Text) []Text {
	random := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(seed)))) //nolint:gosec // everyone must be able to repeat the draw
	var drawn []Text
	for _, i := range random.Perm(len(from))[:min(each, len(from))] {
		drawn = append(drawn, from[i])
	}
	return drawn
}

// refusals returns every refusal's statement of what is wrong and what to do next, in both languages, sorted by code.
func refusals(root string) ([]Text, error) {
	all, err := rules.NewSource(root).Meanings()
	if err != nil {
		return nil, err
	}
	maps.Copy(all, domain.Codes)
	var texts []Text
	for _, code := range slices.Sorted(maps.Keys(all)) {
		m := all[code]
		texts = append(texts, Text{string(code), fmt.Sprintf("%s。%s。\n%s. %s.", m.What.ZH, m.Next.ZH, m.What.EN, m.Next.EN)})
	}
	return texts, nil
}

// comments returns the doc comments on the module's packages, declarations and fields, in file order. It omits tests,
// generated files, and nested modules.
func comments(root string) (all []Text, err error) {
	files := token.NewFileSet()
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && apart(name):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if ast.IsGenerated(file) {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		for _, d := range docs(file) {
			at := fmt.Sprintf("%s:%d %s", filepath.ToSlash(relative), files.Position(d.comment.Pos()).Line, d.name)
			all = append(all, Text{at, strings.TrimSpace(d.comment.Text())})
		}
		return err
	})
	return all, err
}

// apart reports whether a folder holds a nested module, or nothing written for this module.
func apart(folder string) bool {
	switch filepath.Base(folder) {
	case ".git", "bin", "node_modules", "testdata":
		return true
	}
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// doc is the comment on a declared name.
type doc struct {
	name    string
	comment *ast.CommentGroup
}

// docs returns the doc comments in a file. A comment at the end of a field's or value's line counts as one.
func docs(file *ast.File) (all []doc) {
	add := func(name string, comments ...*ast.CommentGroup) {
		for _, comment := range comments {
			if strings.TrimSpace(comment.Text()) != "" {
				all = append(all, doc{name, comment})
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.File:
			add("package "+n.Name.Name, n.Doc)
		case *ast.FuncDecl:
			add(n.Name.Name, n.Doc)
			return false // what is declared inside is not documented for others
		case *ast.GenDecl:
			add(firstName(n), n.Doc)
		case *ast.TypeSpec:
			add(n.Name.Name, n.Doc, n.Comment)
		case *ast.ValueSpec:
			add(n.Names[0].Name, n.Doc, n.Comment)
		case *ast.Field:
			add(fieldName(n), n.Doc, n.Comment)
		}
		return true
	})
	return all
}

// firstName returns the first name in a declaration, or an empty string for imports.
func firstName(d *ast.GenDecl) string {
	if len(d.Specs) > 0 {
		switch spec := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return spec.Name.Name
		case *ast.ValueSpec:
			return spec.Names[0].Name
		}
	}
	return ""
}

// fieldName returns the first name of a field, or its type if it is embedded.
func fieldName(f *ast.Field) string {
	if len(f.Names) > 0 {
		return f.Names[0].Name
	}
	return types.ExprString(f.Type)
}
