package rules

import (
	"errors"
	"fmt"
	"go/ast"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// errorsPage returns docs/errors.md, which explains each error code and what to do next.
func (b Book) errorsPage() (string, error) {
	status, err := b.statusOf()
	if err != nil {
		return "", err
	}
	ofHTTP, err := b.Source.Meanings()
	if err != nil {
		return "", err
	}
	p := begin("Errors 错误代码",
		"Every refusal is an `application/problem+json` with a `code` that never changes once published, the `field` it is about, and what to do next in both languages. If there are several faults, `errors` lists up to 50 of them, and the first is the problem itself. "+
			"A refused request has written nothing; after `fault` or `database-away`, send the same request with the same `Idempotency-Key` again to make sure. `{…}` stands for a value that the response fills in. "+
			"If a code has two statuses, 400 is for a header, the path or the query. "+
			"A request that is not valid HTTP, such as one with a broken `%` escape in its path, a negative `Content-Length` or headers of more than 32 KiB, is answered by the HTTP server itself, with a line of text and status 400 or 431.",
		"每次拒绝都是 `application/problem+json`，含公布后不再改变的代码 `code`、所涉字段 `field`，以及中英文的下一步建议。问题不止一项的，`errors` 逐项列出（最多 50 项），首项即该问题本身。被拒绝的请求未写入任何内容；返回 `fault` 或 `database-away` 的，以同一 `Idempotency-Key` 重新提交同一请求即可确认。"+
			"`{…}` 表示响应中填入的具体内容。一个代码有两个状态的，400 用于请求头、路径或查询参数。"+
			"不符合 HTTP 规范的请求（如路径中的 `%` 转义有误、`Content-Length` 为负数、请求头超过 32 KiB），由 HTTP 服务器自行以一行文字答复，状态码为 400 或 431。")
	p.line("## The rules' refusals 业务规则\n")
	p.table("Code", "Status", "What 原因", "Next 下一步", "Rules 规则")
	for _, code := range slices.Sorted(maps.Keys(b.Codes)) {
		m := b.Codes[code]
		p.row(named(code), status(code, m.Kind), both(m.What), both(m.Next), b.speaking(code))
	}
	p.line("\n## Requests and the service 请求与服务\n")
	p.table("Code", "Status", "What 原因", "Next 下一步")
	for _, code := range slices.Sorted(maps.Keys(ofHTTP)) {
		p.row(named(code), status(code, domain.Invalid), both(ofHTTP[code].What), both(ofHTTP[code].Next))
	}
	return p.String(), nil
}

var ofKind = map[domain.Kind]int{
	domain.Invalid: http.StatusUnprocessableEntity, domain.Forbidden: http.StatusForbidden,
	domain.NotFound: http.StatusNotFound, domain.Conflict: http.StatusConflict,
}

func named(code domain.Code) string { return fmt.Sprintf(`<a id="%s"></a>%s`, code, mono(code)) }

// statusOf returns a function that lists the HTTP statuses with which the API sends a code. The status is 400 for a fault in a
// header, the path or the query, unless the code has a status of its own.
func (b Book) statusOf() (func(domain.Code, domain.Kind) string, error) {
	own, err := b.Source.statuses()
	if err != nil {
		return nil, err
	}
	ofParameters, err := b.Source.refusedParameters()
	if err != nil {
		return nil, err
	}
	inBody := func(code domain.Code) bool {
		_, ofRules := b.Codes[code]
		return !ofRules || slices.ContainsFunc(catalogue.All.Commands(), func(d *flow.Declaration) bool { return slices.Contains(d.Refuses, code) })
	}
	words := func(status int) string { return fmt.Sprintf("%d %s", status, http.StatusText(status)) }
	return func(code domain.Code, kind domain.Kind) string {
		status, single := own[code]
		switch {
		case single:
			return words(status)
		case kind != domain.Invalid || !ofParameters[code]:
			return words(ofKind[kind])
		case inBody(code):
			return words(ofKind[kind]) + "<br>" + words(http.StatusBadRequest)
		default:
			return words(http.StatusBadRequest)
		}
	}, nil
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

// entries returns the entries of a map variable declared in the code, as expressions by key.
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

// Meanings returns the meanings of the error codes that concern HTTP requests, which the API declares. The codes of the rules are in
// domain.Codes.
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

// statuses returns the HTTP status of every code whose status differs from the usual one for its kind.
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

// refusedParameters returns the codes that the API can return for a header, the path or the query, which are listed in the params
// field of its operations.
func (s *Source) refusedParameters() (map[domain.Code]bool, error) {
	api, err := s.read("api")
	if err != nil {
		return nil, err
	}
	all := map[domain.Code]bool{}
	var collect func(ast.Node) bool
	collect = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			all[domain.Code(text(n))] = true
		case *ast.Ident: // a list with a name
			if list, ok := api.symbols[n.Name].(*ast.ValueSpec); ok {
				for _, value := range list.Values {
					ast.Inspect(value, collect)
				}
			}
		}
		return true
	}
	for _, file := range api.parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.KeyValueExpr); ok {
				if name, ok := field.Key.(*ast.Ident); ok && name.Name == "params" {
					ast.Inspect(field.Value, collect)
				}
			}
			return true
		})
	}
	if len(all) == 0 {
		return nil, errors.New("no operation of the API says how it refuses parameters")
	}
	return all, nil
}
