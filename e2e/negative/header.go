package negative

import (
	"slices"
	"strings"
)

// headers modifies the header parameters and HTTP's own headers.
func (m *maker) headers() {
	for _, p := range m.Parameters {
		if p.In == "header" {
			m.header(p)
		}
	}
	for _, accept := range []string{
		"image/png", "text/html", "application/xml", "application/problem+json;q=0.5", "application/json;q=0", "application/json; q=0.000", "text/*", "*", "json",
		"application", "/", ";", "audio/*;q=1, image/*", "application/jsonp", "*/json",
	} {
		if group := strings.TrimSuffix(accept, "*"); !slices.ContainsFunc(m.produces, func(t string) bool {
			return t == accept || strings.HasPrefix(t, group) && strings.HasSuffix(group, "/") && group != "/"
		}) {
			m.bad("Accept: "+accept, "header.Accept", m.request().with("Accept", accept))
		}
	}
	long := strings.Repeat("长", 7000)
	m.bad("a header of 21 kB", "", m.request().with("X-Long", long))
	m.bad("a cookie of 21 kB", "", m.request().with("Cookie", "a="+long))
	m.bad("headers of 20 kB in all", "", m.request().with("X-Many", manyValues(2000)...))
	m.bad("an agent of 21 kB", "", m.request().with("User-Agent", long))
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Range", "Expect", "Origin", "Accept-Language", "Accept-Encoding"} {
		if name != "Expect" { // Expect asks for an interim response
			m.harmless(name, m.request().with(name, hostile[m.random.IntN(30)]))
		}
	}
}

func manyValues(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = "a"
	}
	return values
}

func (m *maker) header(p Parameter) {
	field := "header." + p.Name
	if p.Required {
		m.bad("no "+p.Name, field, m.request().with(p.Name))
		m.bad("an empty "+p.Name, field, m.request().with(p.Name, ""))
		m.bad("a blank "+p.Name, field, m.request().with(p.Name, "   "))
	}
	if most, ok := whole(p.schema, "maxLength"); ok {
		m.bad("a long "+p.Name, field, m.request().with(p.Name, strings.Repeat("a", most+1)))
		m.bad("a very long "+p.Name, field, m.request().with(p.Name, strings.Repeat("a", 12000)))
	}
	for _, value := range append([]string{"a b", "键", "\xff", "é", "7", "W/\"7\"", "\"0\"", "\"-1\"", "\"1.5\"", "\"1\", \"2\"", "\"9999999999\"", "\"abc\"", "\"1", "'1'", "**"}, hostile[:20]...) {
		if value == "" || strings.ContainsAny(value, "\r\n") {
			continue
		}
		if legal(p.judge, value) {
			m.harmless(p.Name+": "+brief(value), m.request().with(p.Name, value))
		} else {
			m.bad(p.Name+": "+brief(value), field, m.request().with(p.Name, value))
		}
	}
	example := "a"
	if p.Name == "If-Match" {
		example = `"1"`
	}
	m.bad("two of "+p.Name, field, m.request().with(p.Name, example, example+example))
}
