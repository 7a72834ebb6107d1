package negative

import (
	"net/url"
	"strings"
)

// targets generates URLs with an invalid value in the path.
func (m *maker) targets() {
	path, query, asked := strings.Cut(m.base.Target, "?")
	if asked {
		query = "?" + query
	}
	at := func(target string) request {
		r := m.request()
		r.target = target + query
		return r
	}
	steps, concrete := strings.Split(m.Path, "/"), strings.Split(path, "/")
	for i, step := range steps {
		name, ok := strings.CutPrefix(step, "{")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		for _, value := range append([]string{
			"x", "0", "-1", "null", "%7Bid%7D", ".", "..", "..;", "a%2Fb", "a%2f..%2fb", ".git", "index.php",
			strings.ToUpper(concrete[i]) + "G", concrete[i] + "%00", concrete[i] + "%20", concrete[i] + ".", concrete[i] + "%2F..", "%20" + concrete[i], concrete[i] + "%0a",
			concrete[i] + ";v=1", strings.Repeat("a", 121), strings.Repeat("a", 9000),
		}, escaped...) {
			changed := append(append(append([]string{}, concrete[:i]...), value), concrete[i+1:]...)
			m.bad(name+" in the path is "+brief(value), "", at(strings.Join(changed, "/")))
		}
	}
	for _, tail := range []string{
		"/", "//", "/.", "/..%2f", "/%2e%2e", "%00", "/%00", "%20", ";a=1", ".json", ".php", "/" + strings.Repeat("a/", 2000), "/" + strings.Repeat("a", 9000), "/*", "/~", "%2F", "%ff",
	} {
		m.add(Case{Name: "the path ends with " + brief(tail), Elsewhere: true}, at(path+tail))
	}
	for _, other := range []string{strings.ToUpper(path) + "X", "//x" + path, "/v1/..%2f.." + path, "/v0" + path, "/v1/v1" + path, "/api" + path, "/v1%2F" + path, "/." + path} {
		m.add(Case{Name: "the path is " + brief(other), Elsewhere: true}, at(other))
	}
}

// queries generates URLs with an invalid query.
func (m *maker) queries() {
	known := map[string]bool{}
	for _, p := range m.Parameters {
		if p.In == "query" {
			known[p.Name] = true
			m.query(p)
		}
	}
	for _, text := range []string{
		"x=1", "limit[]=1", "Limit=1", "LIMIT=1", "limit%00=1", "__proto__=1", "id=1", "callback=alert", "debug=true", "admin=1", "_method=DELETE", "access_token=" + m.base.Token,
		"q=" + strings.Repeat("a", 9000), strings.Repeat("a", 200) + "=1", "%E6%9D%91=1", "%F0%AA%9A%A5=1", "%ff=1", "%27%20OR%201=1", "a[b][c]=1", "%3Cscript%3E=1", "=1", "x", "sort=-id", "fields=*",
		"x=" + url.QueryEscape(hostile[m.random.IntN(len(hostile)-3)]),
	} {
		m.bad("the query "+brief(text), "", m.asking(text))
	}
	for _, text := range []string{"%zz=1", "a=%", "a=%2", "x=%u6751", "a;b", "a=1;b=2"} {
		m.bad("the query "+brief(text)+", which is none", "", m.asking(text))
	}
	many := make([]string, 900)
	for i := range many {
		many[i] = "a" + string(rune('a'+i%26)) + "=1"
	}
	m.bad("900 parameters", "", m.asking(strings.Join(many, "&")))
}

// asking returns a request with text appended to its query.
func (m *maker) asking(text string) request {
	r := m.request()
	separator := "?"
	if strings.Contains(r.target, "?") {
		separator = "&"
	}
	r.target += separator + text
	return r
}

// replacing returns a request with one query parameter set to a raw value.
func (m *maker) replacing(name, value string) request {
	r := m.request()
	path, query, _ := strings.Cut(r.target, "?")
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && !strings.HasPrefix(part, name+"=") {
			kept = append(kept, part)
		}
	}
	r.target = path + "?" + strings.Join(append(kept, name+"="+value), "&")
	return r
}

func (m *maker) query(p Parameter) {
	field := "query." + p.Name
	values := append([]string{
		"0", "1.5", "1e3", "1000000000", "99999999999999999999", "0x10", "%2B1", "true", "abc", "%D9%A1", "%EF%BC%91", "1,2", "1%202", "-2147483649", "2018-02-30", "2018-06-15", "json%20", "JSON",
		"eyJhIjoxfQ", "AAAA", strings.Repeat("A", 201), strings.Repeat("A", 199), "not-a-stage", "620825000000000", "51620825MJDEM0030O", "00000000-0000-0000-0000-000000000000", "2018-06-15T25:00:00Z",
	}, escaped...)
	for _, value := range values {
		text, err := url.QueryUnescape(value)
		r := m.replacing(p.Name, value)
		if err == nil && m.takes(p, text) {
			m.harmless(p.Name+" is "+brief(value), r)
			continue
		}
		m.bad(p.Name+" is "+brief(value), field, r)
	}
	twice := m.replacing(p.Name, "1")
	twice.target += "&" + p.Name + "=2"
	m.bad(p.Name+" appears twice", field, twice)
	same := m.replacing(p.Name, "1")
	same.target += "&" + p.Name + "=1"
	m.bad(p.Name+" appears twice with the same value", field, same)
	if p.Required {
		missing := m.request()
		missing.target, _, _ = strings.Cut(missing.target, "?")
		m.bad("no "+p.Name, "", missing)
	}
}
