package negative

import (
	"strconv"
	"strings"
)

// wire generates bytes that are not a valid request, or only part of one.
func (m *maker) wire() {
	whole := string(m.request().bytes())
	line, rest, _ := strings.Cut(whole, "\r\n")
	raw := func(name, text string) {
		m.all = append(m.all, Case{Name: name, Method: m.Method, Request: []byte(text), Wire: true})
	}
	raw("no version", strings.TrimSuffix(line, " HTTP/1.1")+"\r\n"+rest)
	raw("a version that is none", strings.Replace(line, "HTTP/1.1", "HTTP/x", 1)+"\r\n"+rest)
	raw("no host", strings.Replace(whole, "Host: terrace\r\n", "", 1))
	raw("two hosts", strings.Replace(whole, "Host: terrace\r\n", "Host: terrace\r\nHost: other\r\n", 1))
	raw("a header without a colon", line+"\r\nnonsense\r\n"+rest)
	raw("a header with a space in its name", line+"\r\nBad Name: x\r\n"+rest)
	raw("a header with NUL", line+"\r\nX-Nul: a\x00b\r\n"+rest)
	raw("a space in the path", strings.Replace(line, " HTTP", "a b HTTP", 1)+"\r\n"+rest)
	raw("a control character in the path", strings.Replace(line, " HTTP", "\x01 HTTP", 1)+"\r\n"+rest)
	raw("a broken escape in the path", strings.Replace(line, " HTTP", "%zz HTTP", 1)+"\r\n"+rest)
	raw("two lengths", line+"\r\nContent-Length: 3\r\nContent-Length: 4\r\n"+rest)
	raw("a length below nothing", line+"\r\nContent-Length: -1\r\n"+rest)
	raw("a length that is no number", line+"\r\nContent-Length: 1e3\r\n"+rest)
	raw("headers of 40 kB", line+"\r\nX-Long: "+strings.Repeat("a", 40_000)+"\r\n"+rest)
	raw("an address of 40 kB", strings.Replace(line, " HTTP", "?"+strings.Repeat("a", 40_000)+" HTTP", 1)+"\r\n"+rest)
	if m.Body == nil || len(m.base.Body) == 0 {
		return
	}
	cut := m.request()
	cut.header = append(cut.header, [2]string{"Content-Length", strconv.Itoa(len(cut.body) + 1)})
	m.add(Case{Name: "a byte less than announced", Half: true}, cut)
	cut.body = cut.body[:len(cut.body)/2]
	m.add(Case{Name: "half of what is announced", Half: true}, cut)
	chunked := m.request()
	chunked.header = append(chunked.header, [2]string{"Transfer-Encoding", "chunked"})
	for _, body := range [][2]string{
		{"a chunk without an end", strconv.FormatInt(int64(len(m.base.Body)), 16) + "\r\n" + string(m.base.Body) + "\r\n"},
		{"a chunk that is too short", "ffff\r\n{}\r\n"},
		{"a chunk whose size is none", "zz\r\n{}\r\n0\r\n\r\n"},
		{"a chunk of a size beyond 64 bits", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"},
	} {
		chunked.body = []byte(body[1])
		m.add(Case{Name: body[0], Half: true}, chunked)
	}
}
