package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// fullWidth maps ASCII punctuation marks to the full-width marks of Chinese texts (GB/T 15834).
var fullWidth = map[rune]rune{',': '\uff0c', ':': '\uff1a', ';': '\uff1b', '?': '\uff1f', '!': '\uff01', '(': '\uff08', ')': '\uff09'}

// opaque replaces whatever is not part of a text's wording, such as a value, a placeholder or code.
const opaque = '\x00'

// placeholders matches placeholders and formatting, such as {name}, %s and **emphasis**.
var placeholders = regexp.MustCompile(`\{[a-z-]+\}|%%|%(\[\d+\])?[0-9.]*[a-z]|\*\*`)

// codes matches the parts of a Markdown page that are not prose: code, and link targets.
var codes = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|\\]\\([^)\n]*\\)")

// comments matches comments in YAML.
var comments = regexp.MustCompile(`(?m)(^|\s)#.*$`)

// piece is a byte range in a file.
type piece struct{ from, to int }

// astray returns the positions of ASCII marks that should be full-width: those with a Chinese character on at least one
// side and no space on either, not counting values and quotation marks in between. A closing bracket follows its
// opening one. Brackets around a Chinese term in an English sentence have a space outside them and are left alone.
func astray(text []rune) (at []int) {
	var open []int // brackets that are not closed yet
	chinese := map[int]bool{}
	for i, r := range text {
		switch r {
		case '(':
			chinese[i] = touches(text, i)
			open = append(open, i)
		case ')':
			if len(open) > 0 {
				chinese[i] = chinese[open[len(open)-1]]
				open = open[:len(open)-1]
			}
		case ',', ':', ';', '?', '!':
			chinese[i] = touches(text, i)
		}
		if chinese[i] {
			text[i] = fullWidth[r] // now a Chinese mark, which the next one may touch
			at = append(at, i)
		}
	}
	for _, i := range open { // unpaired
		at = slices.DeleteFunc(at, func(each int) bool { return each == i })
	}
	return at
}

func touches(text []rune, at int) bool {
	before, after := beside(text, at, -1), beside(text, at, 1)
	return !strings.ContainsRune(" \n", before) && !strings.ContainsRune(" \n", after) && (isChinese(before) || isChinese(after))
}

// beside returns the nearest rune in a direction, skipping values and quotation marks and any space beyond them. It
// returns 0 at either end of the text.
func beside(text []rune, at, step int) rune {
	first := at + step
	for at = first; at >= 0 && at < len(text); at += step {
		r := text[at]
		if r != opaque && !strings.ContainsRune("“”‘’", r) && (r != ' ' || at == first) {
			return r
		}
	}
	return 0
}

func isChinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= '\u3000' && r <= '\u303f' || r >= '\uff00' && r <= '\uffef'
}

// correct replaces the marks of a file that should be full-width, and returns their byte offsets.
func correct(name, content string) (corrected string, at []int) {
	for _, pieces := range texts(name, content) {
		at = append(at, astrayIn(content, pieces)...)
	}
	slices.Sort(at)
	var b strings.Builder
	last := 0
	for _, i := range at {
		b.WriteString(content[last:i])
		b.WriteRune(fullWidth[rune(content[i])])
		last = i + 1
	}
	b.WriteString(content[last:])
	return b.String(), at
}

// astrayIn returns the byte offsets of such marks in one text, whose pieces are separated by values.
func astrayIn(content string, pieces []piece) (at []int) {
	var runes []rune
	var bytes []int // the offset of each rune in the file
	for n, p := range pieces {
		if n > 0 {
			runes, bytes = append(runes, opaque), append(bytes, p.from)
		}
		values := placeholders.FindAllStringIndex(content[p.from:p.to], -1)
		for i, r := range content[p.from:p.to] {
			if slices.ContainsFunc(values, func(v []int) bool { return i >= v[0] && i < v[1] }) {
				r = opaque
			}
			runes, bytes = append(runes, r), append(bytes, p.from+i)
		}
	}
	for _, i := range astray(runes) {
		at = append(at, bytes[i])
	}
	return at
}

// texts returns the texts of a file, each as a list of pieces.
func texts(name, content string) [][]piece {
	switch filepath.Ext(name) {
	case ".go":
		return literals(content)
	case ".md":
		return [][]piece{between(content, codes)}
	default:
		return [][]piece{between(content, comments)}
	}
}

// between returns the pieces of a text that the pattern does not match.
func between(content string, pattern *regexp.Regexp) (pieces []piece) {
	last := 0
	for _, m := range pattern.FindAllStringIndex(content, -1) {
		pieces = append(pieces, piece{last, m[0]})
		last = m[1]
	}
	return append(pieces, piece{last, len(content)})
}

// literals returns the texts of a Go file: its string literals, and concatenations of literals and values. It omits
// import paths and arguments of regexp functions.
func literals(content string) (all [][]piece) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", content, parser.SkipObjectResolution)
	if err != nil {
		return nil // gofmt reports it
	}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.CallExpr:
			of, ok := n.Fun.(*ast.SelectorExpr)
			return !ok || !isRegexp(of.X)
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				all = append(all, nil)
				last := len(all) - 1
				for _, term := range sum(n) {
					if l, ok := term.(*ast.BasicLit); ok {
						all[last] = append(all[last], within(files, l)...)
					} else {
						ast.Inspect(term, visit)
					}
				}
				return false
			}
		case *ast.BasicLit:
			all = append(all, within(files, n))
		}
		return true
	}
	ast.Inspect(file, visit)
	return all
}

// within returns the piece between the quotes of a string literal, and none for other literals.
func within(files *token.FileSet, l *ast.BasicLit) []piece {
	if l.Kind != token.STRING {
		return nil
	}
	from := files.Position(l.Pos()).Offset
	return []piece{{from + 1, from + len(l.Value) - 1}}
}

func isRegexp(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	return ok && name.Name == "regexp"
}

// sum returns the operands of a concatenation, in order.
func sum(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(sum(b.X), sum(b.Y)...)
	}
	return []ast.Expr{e}
}
