package negative

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Answer is the response to a case; status 0 means that there was none.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// everywhere lists the error codes that may be returned for any path, whatever the operation.
var everywhere = []string{"no-such-route", "method-not-allowed"}

// Judge returns what is wrong with the response to a bad request, or nothing if it is as documented. codes are the
// published error codes.
func (o *Operation) Judge(c Case, a Answer, codes map[string]bool) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	switch {
	case c.Wire && a.Status == 0: // the connection was closed
		return nil
	case a.Status == 0:
		fault("nobody answered")
		return faults
	case a.Status >= 500 || a.Status < 400 && !c.Legal:
		fault("answered with %d: %s", a.Status, bytes.TrimSpace(a.Body[:min(len(a.Body), 300)]))
		return faults
	case c.Wire || c.Legal && a.Status < 400:
		return nil
	}
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		fault("%d comes as %q: %.200s", a.Status, kind, a.Body)
		return faults
	}
	if c.Method == http.MethodHead {
		if len(a.Body) > 0 {
			fault("an answer to HEAD has a body")
		}
		return faults
	}
	return o.judgeProblem(c, a, codes)
}

var unfilled = regexp.MustCompile(`\{[a-z-]+\}`)

func (o *Operation) judgeProblem(c Case, a Answer, codes map[string]bool) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	problem, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.Body))
	if err != nil {
		fault("%d is no JSON: %v", a.Status, err)
		return faults
	}
	if err := o.document.problem.Validate(problem); err != nil {
		fault("%d is not the problem of the document: %v", a.Status, err)
	}
	told := object(problem)
	code, _ := told["code"].(string)
	if !codes[code] {
		fault("%s is no published code", code)
	}
	if fmt.Sprint(told["status"]) != fmt.Sprint(a.Status) {
		fault("%s is sent as %d and says %v", code, a.Status, told["status"])
	}
	if !slices.Contains(o.Codes[a.Status], code) && !slices.Contains(everywhere, code) && !c.Elsewhere {
		fault("%s with %d is not among the documented answers", code, a.Status)
	}
	if told["instance"] != "urn:uuid:"+a.Header.Get("X-Request-Id") {
		fault("%s does not say which answer it is", code)
	}
	for _, part := range []string{"what", "next"} {
		zh, _ := object(told["zh"])[part].(string)
		en, _ := object(told["en"])[part].(string)
		if !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.TrimSpace(en) == "" {
			fault("%s does not say in both languages %s: %q, %q", code, part, zh, en)
		}
		if left := unfilled.FindString(strings.ReplaceAll(zh+en, c.Field, "")); left != "" {
			fault("%s leaves %s to be filled in", code, left)
		}
	}
	if !blames(told, c.Field) {
		fault("%s blames %v, not %s", code, told["field"], c.Field)
	}
	return faults
}

// blames reports whether a problem, or one of its findings, names a field or something within it.
func blames(told map[string]any, field string) bool {
	names := func(finding any) bool {
		named, _ := object(finding)["field"].(string)
		return named == field || strings.HasPrefix(named, field+"[") || strings.HasPrefix(named, field+".")
	}
	return field == "" || names(told) || slices.ContainsFunc(list(told["errors"]), names)
}
