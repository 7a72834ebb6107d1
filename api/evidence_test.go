package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gocloud.dev/blob/fileblob"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
	"terrace/postgres"
)

func TestAFileIsKeptUnderItsHash(t *testing.T) {
	t.Parallel()
	d := open(t)
	content, who := "%PDF-1.4 签到表", zhuanglang.OrganizationPerson("ZL-2017-01")
	header := []string{"Content-Type", "application/pdf", "Content-Digest", digest(content), "Content-Disposition", `attachment; filename*=UTF-8''..%2F%E7%AD%BE%E5%88%B0%E8%A1%A8%E2%80%AE.pdf`}
	first := d.post(who, "/v1/evidence", content, header...)
	self := "/v1/evidence/" + shaOf(content)
	if first.status != http.StatusCreated || first.header.Get("Location") != self {
		t.Fatalf("first: %d %s", first.status, first.header.Get("Location"))
	}
	if !strings.Contains(string(first.body), `"name":"签到表.pdf"`) {
		t.Errorf("name: %s", first.body)
	}
	again := d.post(who, "/v1/evidence", content, header...)
	if again.status != http.StatusOK || string(again.body) != string(first.body) || d.files() != 1 {
		t.Errorf("again: %d %s, %d files", again.status, again.body, d.files())
	}
	got := d.send(request{method: "GET", path: self, who: who})
	if got.status != http.StatusOK || string(got.body) != content {
		t.Fatalf("download: %d %q", got.status, got.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Digest": digest(content), "X-Content-Type-Options": "nosniff",
		"Content-Disposition":     "attachment; filename*=utf-8''%E7%AD%BE%E5%88%B0%E8%A1%A8.pdf",
		"Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	head := d.send(request{method: "HEAD", path: self, who: who})
	if head.status != http.StatusOK || len(head.body) != 0 || head.header.Get("Content-Length") != "18" {
		t.Errorf("head: %d, %d bytes, length %s", head.status, len(head.body), head.header.Get("Content-Length"))
	}
}

// The server's time limit for writing a response runs from the start of the request, and would end before a slow upload.
func TestASlowUploadIsAnswered(t *testing.T) {
	t.Parallel()
	d := open(t)
	server := httptest.NewUnstartedServer(nil)
	server.Config = api.HTTPServer("", d.handler)
	server.Config.WriteTimeout = time.Nanosecond
	server.Start()
	defer server.Close()
	hurried := *d
	hurried.server = server
	hurried.post(zhuanglang.CountyFinance, "/v1/evidence", "slow", "Content-Type", "text/plain", "Content-Digest", digest("slow"))
}

func TestConcurrentUploadsOfOneFileAreStoredOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	content := strings.Repeat("收据", 100_000)
	var hands sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		hands.Go(func() {
			statuses[i] = d.send(request{
				method: "POST", path: "/v1/evidence", who: zhuanglang.CountyFinance, body: content,
				header: []string{"Content-Type", "text/plain", "Content-Digest", digest(content)},
			}).status
		})
	}
	hands.Wait()
	for _, status := range statuses {
		if status != http.StatusOK && status != http.StatusCreated {
			t.Errorf("statuses %v", statuses)
		}
	}
	if d.files() != 1 || d.rows()[3] != 1 {
		t.Errorf("%d files, %d descriptions", d.files(), d.rows()[3])
	}
}

func TestADamagedFileIsNotHandedOut(t *testing.T) {
	t.Parallel()
	d := open(t)
	sha := d.uploaded(zhuanglang.CountyFinance, "voucher 2018-0001")
	must(t, d.evidence.WriteAll(t.Context(), sha, []byte("voucher 2018-9999"), nil))
	a := d.send(request{method: "GET", path: "/v1/evidence/" + sha, who: zhuanglang.CountyFinance})
	if a.status != http.StatusInternalServerError || a.problem.Code != "evidence-damaged" {
		t.Errorf("%d %s", a.status, a.body)
	}
	d.uploaded(zhuanglang.CountyFinance, "voucher 2018-0001")
	if a := d.send(request{method: "GET", path: "/v1/evidence/" + sha, who: zhuanglang.CountyFinance}); a.status != http.StatusOK || string(a.body) != "voucher 2018-0001" {
		t.Errorf("uploaded again: %d %s", a.status, a.body)
	}
}

// small mounts a file system of the given size, or skips the test if mounting is not permitted.
func small(t *testing.T, bytes int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("mounting a file system is not permitted here: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

// fill writes a file that uses up the remaining space and returns its path.
func fill(t *testing.T, folder string) (filler string) {
	t.Helper()
	filler = filepath.Join(folder, "filler")
	file := ok(os.Create(filler))(t)
	var err error
	for page := make([]byte, 4096); err == nil; {
		_, err = file.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	must(t, file.Close())
	return filler
}

func TestOnAFullDiskAnUploadIsRefusedAndNothingIsKept(t *testing.T) {
	t.Parallel()
	folder := small(t, 1<<20)
	d := open(t, func(c *api.Config) {
		c.Evidence = ok(fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true}))(t)
	})
	uploading := func(content string) answer {
		return d.send(request{
			method: "POST", path: "/v1/evidence", who: zhuanglang.CountyFinance, body: content,
			header: []string{"Content-Type", "text/plain", "Content-Digest", digest(content)},
		})
	}
	full := strings.Repeat("收据", 10_000)
	for name, content := range map[string]string{"no room at all": full, "room for a part": strings.Repeat("x", 2<<20)} {
		filler := ""
		if content == full {
			filler = fill(t, folder)
		}
		a := uploading(content)
		a.isProblem(t)
		if a.status != http.StatusInsufficientStorage || a.problem.Code != "storage-full" || a.problem.ZH.Next == "" || a.problem.EN.Next == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if filler != "" {
			must(t, os.Remove(filler))
		}
		if left := ok(os.ReadDir(folder))(t); len(left) > 0 || d.rows()[3] != 0 {
			t.Errorf("%s: left behind %v and %d descriptions", name, left, d.rows()[3])
		}
	}
	if !strings.Contains(d.log.String(), "evidence store is full") {
		t.Error("the log does not warn the operator")
	}
	if a := uploading(full); a.status != http.StatusCreated {
		t.Errorf("after space was freed: %d %s", a.status, a.body)
	}
}

// A user who uploads a file that another user has already uploaded learns nothing about that user, and gets a file
// description of their own.
func TestASecondUploaderGetsAFileOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := open(t)
	content := "姓名与病情"
	upload := func(who, name string) answer {
		return d.post(who, "/v1/evidence", content, "Content-Type", "text/plain", "Content-Digest", digest(content), "Content-Disposition", `attachment; filename="`+name+`"`)
	}
	upload(zhuanglang.CountyOfficer, "theirs.txt")
	other := zhuanglang.OrganizationPerson("ZL-2017-01")
	if got := upload(other, "mine.txt"); got.status != http.StatusCreated || !strings.Contains(string(got.body), `"name":"mine.txt"`) {
		t.Errorf("the second uploader: %d %s", got.status, got.body)
	}
	for _, who := range []string{zhuanglang.CountyOfficer, other} {
		if got := d.send(request{method: "GET", path: "/v1/evidence/" + shaOf(content), who: who}); got.status != http.StatusOK {
			t.Errorf("%s: %d", who, got.status)
		}
	}
}

// A command cannot refer to a file that its sender may not see. Otherwise knowing the file's hash would be enough to
// open it.
func TestAHashOpensNobodysFile(t *testing.T) {
	t.Parallel()
	d := open(t)
	secret := d.uploaded(zhuanglang.CountyOfficer, "邻县看不到的材料")
	naming := func(sha string) pilot.Draft {
		draft := d.draft()
		draft.Attachments = []string{sha}
		return draft
	}
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	known := d.send(request{"POST", "/v1/pilots", "neighbour", naming(secret), key("1")})
	unknown := d.send(request{"POST", "/v1/pilots", "neighbour", naming(shaOf("nothing")), key("2")})
	for _, got := range []answer{known, unknown} {
		if got.status != http.StatusUnprocessableEntity || got.problem.Code != "no-such-file" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if got := d.send(request{method: "GET", path: "/v1/evidence/" + secret, who: "neighbour"}); got.status != http.StatusNotFound {
		t.Errorf("it was opened: %d", got.status)
	}
	if got := d.send(request{"POST", "/v1/pilots", zhuanglang.CountyOfficer, naming(secret), key("3")}); got.status != http.StatusCreated {
		t.Errorf("the uploader's office: %d %s", got.status, got.body)
	}
	second := d.people[zhuanglang.CountyOfficer]
	second.ID, second.Name.EN = "colleague", "Colleague"
	must(t, d.store.Register(t.Context(), postgres.Registry{People: []postgres.Person{{Actor: second, Token: "token-of-colleague"}}}))
	if got := d.send(request{"POST", "/v1/pilots", "colleague", naming(secret), key("4")}); got.status != http.StatusCreated {
		t.Errorf("a colleague: %d %s", got.status, got.body)
	}
}

// A reader of a record gets a file under the name and type given by an uploader who can see the record, even if other
// users uploaded the same file earlier.
func TestAFileHasTheNameOfThoseWhoSeeTheRecord(t *testing.T) {
	t.Parallel()
	d := open(t)
	content := "%PDF-1.4 same bytes"
	upload := func(who, mediaType, name string) {
		d.post(who, "/v1/evidence", content, "Content-Type", mediaType, "Content-Digest", digest(content), "Content-Disposition", `attachment; filename="`+name+`"`)
	}
	upload("neighbour", "text/plain", "complaint-about-wang.txt")
	upload(zhuanglang.CountyOfficer, "application/pdf", "plan.pdf")
	draft := d.draft()
	draft.Attachments = []string{shaOf(content)}
	if got := d.send(request{"POST", "/v1/pilots", zhuanglang.CountyOfficer, draft, []string{"Idempotency-Key", "1"}}); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for _, who := range []string{zhuanglang.CountyOfficer, zhuanglang.CountyApprover} {
		got := d.send(request{method: "GET", path: "/v1/evidence/" + shaOf(content), who: who})
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/pdf" || !strings.Contains(got.header.Get("Content-Disposition"), "plan.pdf") {
			t.Errorf("%s: %d %v", who, got.status, got.header)
		}
	}
}

// A file belongs to the office for which it was uploaded, even after the uploader has moved to another office.
func TestAFileStaysWithItsOffice(t *testing.T) {
	t.Parallel()
	d := open(t)
	sha := d.uploaded(zhuanglang.CountyFinance, "the county's own")
	moved := d.people[zhuanglang.CountyFinance]
	moved.Place = d.people["neighbour"].Place
	must(t, d.store.Register(t.Context(), postgres.Registry{People: []postgres.Person{{Actor: moved}}}))
	draft := d.draft()
	draft.Attachments = []string{sha}
	for who, want := range map[string]int{zhuanglang.CountyOfficer: http.StatusCreated, "neighbour": http.StatusUnprocessableEntity} {
		if got := d.send(request{"POST", "/v1/pilots", who, draft, []string{"Idempotency-Key", "1"}}); got.status != want {
			t.Errorf("%s: %d %s", who, got.status, got.body)
		}
	}
}
