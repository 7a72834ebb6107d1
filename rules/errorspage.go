package rules

import (
	"fmt"
	"go/ast"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"terrace/domain"
)

// errorsPage returns docs/errors.md: what each error code means and what to do next.
func (b Book) errorsPage() (string, error) {
	statuses, err := b.Source.statuses()
	if err != nil {
		return "", err
	}
	ofHTTP, err := b.Source.Meanings()
	if err != nil {
		return "", err
	}
	p := begin("Errors 错误代码",
		"Every refusal is an `application/problem+json` with a `code` that never changes once published, the `field` it is about, and what to do next in both languages. "+
			"Nothing was written. `{…}` stands for what the answer fills in.",
		"每次拒绝都带有固定的代码、所涉字段以及下一步建议；未写入任何内容。")
	p.line("## The rules' refusals 业务规则\n")
	p.table("Code", "Status", "What 原因", "Next 下一步", "Rules 规则")
	for _, code := range slices.Sorted(maps.Keys(b.Codes)) {
		m := b.Codes[code]
		p.row(named(code), status(code, statuses, ofKind[m.Kind]), both(m.What), both(m.Next), b.speaking(code))
	}
	p.line("\n## The requests' refusals 请求格式\n")
	p.table("Code", "Status", "What 原因", "Next 下一步")
	for _, code := range slices.Sorted(maps.Keys(ofHTTP)) {
		p.row(named(code), status(code, statuses, ofKind[domain.Invalid]), both(ofHTTP[code].What), both(ofHTTP[code].Next))
	}
	return p.String(), nil
}

var ofKind = map[domain.Kind]int{
	domain.Invalid: http.StatusUnprocessableEntity, domain.Forbidden: http.StatusForbidden,
	domain.NotFound: http.StatusNotFound, domain.Conflict: http.StatusConflict,
}

func named(code domain.Code) string { return fmt.Sprintf(`<a id="%s"></a>%s`, code, mono(code)) }

func status(code domain.Code, own map[domain.Code]int, usual int) string {
	if s, ok := own[code]; ok {
		usual = s
	}
	return fmt.Sprintf("%d %s", usual, http.StatusText(usual))
}

func (b Book) speaking(code domain.Code) string {
	var links []string
	for _, r := range b.Rules {
		if slices.Contains(r.Codes, code) {
			links = append(links, fmt.Sprintf("[%s](rules.md#%s)", r.ID, r.ID))
		}
	}
	return strings.Join(links, "<br>")
}

// entries returns the expressions in a map that the code declares as a variable, by key.
func (s *Source) entries(variable string) (map[string]ast.Expr, error) {
	part := symbolName.FindStringSubmatch(variable)
	found, err := s.find(part[1], part[2])
	if err != nil {
		return nil, err
	}
	rows := map[string]ast.Expr{}
	if spec, ok := found.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
		if table, ok := spec.Values[0].(*ast.CompositeLit); ok {
			for _, element := range table.Elts {
				if row, ok := element.(*ast.KeyValueExpr); ok {
					rows[text(row.Key)] = row.Value
				}
			}
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is not a map with rows", variable)
	}
	return rows, nil
}

func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			return s
		}
	}
	return ""
}

// Meanings returns what the error codes of HTTP requests mean. The API declares these codes; those of the rules are in domain.Codes.
func (s *Source) Meanings() (map[domain.Code]domain.Meaning, error) {
	rows, err := s.entries("api.meanings")
	if err != nil {
		return nil, err
	}
	all := map[domain.Code]domain.Meaning{}
	for code, row := range rows {
		says, ok := row.(*ast.CallExpr)
		if !ok || len(says.Args) != 4 {
			return nil, fmt.Errorf("api.meanings: the words of %s are not four texts", code)
		}
		all[domain.Code(code)] = domain.Meaning{What: t(text(says.Args[0]), text(says.Args[1])), Next: t(text(says.Args[2]), text(says.Args[3]))}
	}
	return all, nil
}

// statuses returns the HTTP status of every code that does not have the usual status of its kind.
func (s *Source) statuses() (map[domain.Code]int, error) {
	rows, err := s.entries("api.statuses")
	if err != nil {
		return nil, err
	}
	numbers := map[string]int{}
	for n := range 600 {
		if words := http.StatusText(n); words != "" {
			numbers["Status"+strings.NewReplacer(" ", "", "-", "", "'", "").Replace(words)] = n
		}
	}
	all := map[domain.Code]int{}
	for code, row := range rows {
		constant, ok := row.(*ast.SelectorExpr)
		if !ok || numbers[constant.Sel.Name] == 0 {
			return nil, fmt.Errorf("api.statuses: %s has no status of net/http", code)
		}
		all[domain.Code(code)] = numbers[constant.Sel.Name]
	}
	return all, nil
}
