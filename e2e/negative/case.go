package negative

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Base is a request that an operation accepts. Every case is such a request with one error in it.
type Base struct {
	Target   string      // path and query
	Header   [][2]string // other headers that the operation requires
	Body     []byte
	Token    string // token of a user who is allowed to send it
	Stranger string // token of a user who is not allowed to, or may only read
}

// Case is one request as sent over the wire, with what is wrong with it.
type Case struct {
	Name    string
	Method  string
	Request []byte
	Legal   bool   // well-formed, so whether it is rejected depends on the rules
	Field   string // the part at fault; empty if it is the whole request, or nothing
	Half    bool   // the client closes its side of the connection after the request

	Wire      bool // not valid HTTP, so the server rejects it before the program sees it
	Elsewhere bool // its path may match another operation
}

// Cases returns the bad requests for an operation, at most mostBodies of which are derived from the body's schema.
func (o *Operation) Cases(base Base, seed uint64, mostBodies int) []Case {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(o.Method + o.Path))        // writing to a hash does not fail
	random := rand.New(rand.NewPCG(seed, sum.Sum64())) //nolint:gosec // the same seed makes the same cases
	m := &maker{o, base, random, mostBodies, nil}
	m.methods()
	m.persons()
	m.headers()
	m.targets()
	m.queries()
	m.bodies()
	m.wire()
	if o.Streams {
		m.all = slices.DeleteFunc(m.all, func(c Case) bool { return c.Legal })
	}
	return m.all
}

type maker struct {
	*Operation
	base   Base
	random *rand.Rand
	most   int
	all    []Case
}

// request is a copy of the base request, to be modified.
type request struct {
	method, target string
	header         [][2]string
	body           []byte
}

func (m *maker) request() request {
	r := request{method: m.Method, target: m.base.Target, body: m.base.Body}
	if !m.Open {
		r.header = append(r.header, [2]string{"Authorization", "Bearer " + m.base.Token})
	}
	r.header = append(r.header, m.base.Header...)
	return r
}

// with sets a header, or removes it if no value is given.
func (r request) with(name string, values ...string) request {
	r.header = slices.DeleteFunc(slices.Clone(r.header), func(h [2]string) bool { return strings.EqualFold(h[0], name) })
	for _, value := range values {
		r.header = append(r.header, [2]string{name, value})
	}
	return r
}

func (r request) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: terrace\r\n", r.method, r.target)
	sized := r.body == nil
	for _, h := range r.header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
		sized = sized || strings.EqualFold(h[0], "Content-Length") || strings.EqualFold(h[0], "Transfer-Encoding")
	}
	if !sized {
		b.WriteString("Content-Length: " + strconv.Itoa(len(r.body)) + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(r.body)
	return b.Bytes()
}

func (m *maker) add(c Case, r request) {
	c.Method, c.Request = r.method, r.bytes()
	m.all = append(m.all, c)
}

func (m *maker) bad(name, field string, r request) { m.add(Case{Name: name, Field: field}, r) }

// harmless adds a well-formed request. If it could change anything, it is sent by a user who is not allowed to.
func (m *maker) harmless(name string, r request) {
	if m.Method != "GET" && m.Method != "HEAD" {
		r = r.with("Authorization", "Bearer "+m.base.Stranger)
	}
	m.add(Case{Name: name, Legal: true}, r)
}

func (m *maker) methods() {
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LOCK", "BREW", "get", "Post"} {
		if m.document.Find(method, m.Path) != nil {
			continue
		}
		r := m.request()
		r.method = method
		m.bad("the method "+method, "", r)
	}
	r := m.request()
	r.method = "OPTIONS"
	m.harmless("the method OPTIONS", r)
	for _, header := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		m.harmless(header, m.request().with(header, "DELETE"))
	}
}

func (m *maker) persons() {
	if m.Open {
		return
	}
	const field = "header.Authorization"
	token := m.base.Token
	m.bad("no token", field, m.request().with("Authorization"))
	for _, value := range []string{
		"", "Bearer", "Bearer ", "Bearer  ", "Basic " + token, "Digest " + token, token, "Bearer" + token, "Bearer x" + token, "Bearer " + token + "x",
		"Bearer " + strings.ToUpper(token), "Bearer " + token + " " + token, "Bearer \"" + token + "\"", "Bearer " + token + ",", "Token " + token,
		"Bearer null", "Bearer undefined", "Bearer ' OR '1'='1", "Bearer ../" + token, "Bearer " + token + "%00", "Bearer *",
		"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhdWRpdG9yIn0.", "Bearer " + strings.Repeat("a", 4000), "Bearer 令牌", "Bearer \xff\xfe",
	} {
		m.bad("the authorization "+brief(value), field, m.request().with("Authorization", value))
	}
	m.bad("two tokens", field, m.request().with("Authorization", "Bearer "+token, "Bearer "+m.base.Stranger))
	m.bad("two tokens, the stranger's first", field, m.request().with("Authorization", "Bearer "+m.base.Stranger, "Bearer "+token))
	m.bad("the token in a cookie", field, m.request().with("Authorization").with("Cookie", "token="+token+"; Authorization=Bearer "+token))
	m.bad("the token of a proxy", field, m.request().with("Authorization").with("Proxy-Authorization", "Bearer "+token))
	if slices.Contains(m.Codes[403], "wrong-role") || slices.Contains(m.Codes[404], "not-found") {
		m.bad("a stranger", "", m.request().with("Authorization", "Bearer "+m.base.Stranger))
	}
}

// brief truncates a text for use in the name of a case.
func brief(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40]) + "… of " + strconv.Itoa(len(runes))
	}
	return strconv.Quote(text)
}
