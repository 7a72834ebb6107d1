package api

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"terrace/domain"
)

// docsFiles holds the documentation page, which embeds Redoc (docs/vendor.sh). The page works offline: its content
// security policy forbids requests to any other host.
//
//go:embed docs/index.html docs/problem.html docs/redoc.standalone.js docs/docs.css
var docsFiles embed.FS

const (
	docsPolicy = "default-src 'none'; script-src 'self'; worker-src blob:; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func (s *server) docsPage(c echo.Context) error {
	page, err := docsFiles.ReadFile("docs/index.html")
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", docsPolicy)
	return c.HTMLBlob(http.StatusOK, page)
}

func (s *server) docsFile(c echo.Context) error {
	types := map[string]string{"redoc.standalone.js": "text/javascript; charset=utf-8", "docs.css": "text/css; charset=utf-8"}
	name := c.Param("file")
	mediaType, known := types[name]
	if !known {
		return echo.ErrNotFound
	}
	file, err := fs.ReadFile(docsFiles, "docs/"+name)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.Blob(http.StatusOK, mediaType, file)
}

func (s *server) openAPIJSON(c echo.Context) error {
	return written(c, "application/openapi+json", s.asJSON)
}

func (s *server) openAPIYAML(c echo.Context) error {
	return written(c, "application/openapi+yaml", s.asYAML)
}

func written(c echo.Context, mediaType string, document func() ([]byte, error)) error {
	text, err := document()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, mediaType, text)
}

var problemPage = template.Must(template.ParseFS(docsFiles, "docs/problem.html"))

// ProblemInfo explains a problem code.
type ProblemInfo struct {
	Code   domain.Code `json:"code" example:"wrong-stage"`
	Title  string      `json:"title" example:"Wrong stage"`
	Status int         `json:"status" doc:"its HTTP status; 400 instead of 422 if a header, path or query is wrong" example:"409"`
	ZH     Advice      `json:"zh" doc:"in Chinese; in each problem, … is replaced by a value"`
	EN     Advice      `json:"en"`
}

type codeInput struct {
	Code string `path:"code" maxLength:"60" pattern:"^[a-z][a-z0-9-]*$" patternDescription:"a code" example:"wrong-stage"`
}

// problemInfos lists every problem code that the API can return.
func (s *server) problemInfos(context.Context, *struct{}) (*listOutput[ProblemInfo], error) {
	out := &listOutput[ProblemInfo]{}
	for _, code := range codes() {
		out.Body.Items = append(out.Body.Items, infoOf(code))
	}
	return out, nil
}

func infoOf(code domain.Code) ProblemInfo {
	m, _ := meaningOf(code)
	return ProblemInfo{
		Code: code, Title: titleOf(code), Status: statusOf(code, ""),
		ZH: Advice{gaps(m.What.ZH), gaps(m.Next.ZH)}, EN: Advice{gaps(m.What.EN), gaps(m.Next.EN)},
	}
}

// gaps replaces each placeholder in a text with “…”, because the values differ from one problem to the next.
func gaps(text string) string { return placeholders.ReplaceAllString(text, "…") }

var placeholders = regexp.MustCompile(`\{[a-z-]+\}`)

// problemInfo explains a problem code, as an HTML page for browsers or as JSON for programs.
//
// Errors: not-found.
func (s *server) problemInfo(_ context.Context, in *codeInput) (*huma.StreamResponse, error) {
	code := domain.Code(in.Code)
	if _, known := meaningOf(code); !known {
		return nil, domain.Refuse("not-found", "", "kind", "problem", "id", in.Code)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		info := infoOf(code)
		if !strings.Contains(c.Header("Accept"), "text/html") {
			c.SetHeader("Content-Type", "application/json")
			_ = strictJSON.Marshal(c.BodyWriter(), info) // the client may have disconnected
			return
		}
		c.SetHeader("Content-Security-Policy", pagePolicy)
		c.SetHeader("Content-Type", "text/html; charset=utf-8")
		_ = problemPage.Execute(c.BodyWriter(), info) // likewise
	}}, nil
}
