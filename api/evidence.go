package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"terrace/desk"
	"terrace/domain"
	"terrace/postgres"
)

const (
	evidenceBytes = 20 << 20         // maximum file size (20 MiB)
	uploadTime    = 5 * time.Minute  // time limit for an upload, long enough for a slow rural connection
	downloadTime  = 10 * time.Minute // time limit for a download, long enough for a slow rural connection
	nameLength    = 120              // maximum length of a stored file name, in characters
)

func allowedTypes() []string { return slices.Sorted(maps.Keys(domain.MediaTypes)) }

// typeNames returns the names of the accepted media types.
func typeNames() domain.Text {
	var zh, en []string
	for _, mediaType := range allowedTypes() {
		name := domain.MediaTypes[mediaType].Name
		zh, en = append(zh, name.ZH), append(en, name.EN)
	}
	return text(strings.Join(zh, "、"), strings.Join(en, ", "))
}

// vault stores each file under its SHA-256 digest, so that a stored file never changes.
type vault struct{ bucket *blob.Bucket }

// put stores a file and returns its size in bytes. It stores nothing if the file does not match its digest or media
// type, is empty or too large, or does not fit in the store.
//
// Errors: digest-mismatch, empty-file, body-too-large, content-differs, storage-full.
func (v vault) put(ctx context.Context, sha, mediaType string, file io.Reader) (size int64, err error) {
	defer func() { err = room(ctx, err) }()
	there, err := v.bucket.Exists(ctx, sha)
	if err != nil {
		return 0, fmt.Errorf("look for evidence %s: %w", sha, err)
	}
	if there {
		whole, err := v.open(ctx, sha)
		if err == nil {
			_ = whole.Close() // opened for reading only
			return v.compare(sha, mediaType, io.Discard, file)
		}
		if refused, damaged := domain.Refused(err); !damaged || refused.Code != "evidence-damaged" {
			return 0, err
		}
	}
	writing, abandon := context.WithCancel(ctx) // closing a writer whose context is cancelled discards the file
	defer abandon()
	w, err := v.bucket.NewWriter(writing, sha, &blob.WriterOptions{ContentType: mediaType, DisableContentTypeDetection: true})
	if err != nil {
		return 0, fmt.Errorf("store evidence %s: %w", sha, err)
	}
	size, err = v.compare(sha, mediaType, w, file)
	if err != nil {
		abandon()
		_ = w.Close() // reports the cancellation
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, fmt.Errorf("store evidence %s: %w", sha, err)
	}
	return size, nil
}

// room returns the refusal storage-full if the error means that the store is full or its quota is used up. It returns
// any other error unchanged.
//
// Errors: storage-full.
func room(ctx context.Context, err error) error {
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return err
	}
	logger(ctx).ErrorContext(ctx, "evidence store is full", "request", requestID(ctx), "error", err)
	return domain.Refuse("storage-full", "")
}

// compare copies a file while checking that it matches its digest and media type.
func (v vault) compare(sha, mediaType string, to io.Writer, file io.Reader) (int64, error) {
	head := make([]byte, domain.SignatureBytes)
	n, err := io.ReadFull(file, head)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return 0, domain.Refuse("empty-file", "")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, broken(err)
	case !domain.IsMediaType(mediaType, head[:n]):
		return 0, domain.Refuse("content-differs", "header.Content-Type", "got", mediaType)
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(hash, to), io.MultiReader(bytes.NewReader(head[:n]), incoming{file}))
	if err != nil {
		return 0, fmt.Errorf("keep evidence: %w", err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != sha {
		return 0, domain.Refuse("digest-mismatch", "header.Content-Digest")
	}
	return size, nil
}

// incoming wraps a request body and converts its read errors into refusals, to distinguish them from errors in writing
// to the store.
type incoming struct{ io.Reader }

func (i incoming) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(err)
	}
	return n, err
}

// broken returns the refusal for a request whose body could not be read completely.
func broken(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLargeFor(tooLarge.Limit)
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return domain.Refuse("slow-request", "")
	}
	return domain.Refuse("bad-request", "")
}

// open opens a stored file, after checking that its content still matches its digest.
//
// Errors: not-found, evidence-damaged.
func (v vault) open(ctx context.Context, sha string) (*blob.Reader, error) {
	r, err := v.bucket.NewReader(ctx, sha, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, desk.NoSuchFile(sha)
	}
	if err != nil {
		return nil, fmt.Errorf("read evidence %s: %w", sha, err)
	}
	hash := sha256.New()
	if _, err = io.Copy(hash, r); err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read evidence %s: %w", sha, err), r.Close())
	}
	if hex.EncodeToString(hash.Sum(nil)) != sha {
		return nil, errors.Join(domain.Refuse("evidence-damaged", ""), r.Close())
	}
	return r, nil
}

// File describes an uploaded file.
type File struct {
	SHA256    string    `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"identifies the file in commands that take evidence"`
	MediaType string    `json:"media_type" example:"application/pdf"`
	Size      int64     `json:"size" minimum:"1" doc:"bytes"`
	Name      string    `json:"name,omitempty" maxLength:"120"`
	At        time.Time `json:"at" doc:"when it was first uploaded, by you if you have uploaded it"`
}

// Upload is a request to upload a file. Its body is read as a stream.
type Upload struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Digest      string `header:"Content-Digest" required:"true" pattern:"^sha-256=:[A-Za-z0-9+/]{43}=:$" patternDescription:"sha-256=:base64:" doc:"SHA-256 of the file (RFC 9530)" example:"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"`
	Disposition string `header:"Content-Disposition" maxLength:"600" doc:"may give the file's name" example:"attachment; filename=\"attendance.pdf\""`

	request *http.Request
	writer  http.ResponseWriter
}

// Resolve keeps the request context so that the handler can read the body as a stream.
func (u *Upload) Resolve(c huma.Context) []error {
	e := echoOf(c)
	u.request, u.writer = e.Request(), e.Response().Writer
	return nil
}

type uploadOutput struct {
	Status   int
	Location string `header:"Location" doc:"where the file can be read"`
	Body     File
}

// upload stores a file. It responds with 201 if the caller is uploading the file for the first time, and otherwise with
// 200.
//
// Errors: bad-digest, media-type, unsupported-charset, content-differs, body-too-large, empty-file, digest-mismatch, storage-full.
func (s *server) upload(ctx context.Context, in *Upload) (*uploadOutput, error) {
	sha, err := in.sha()
	if err != nil {
		return nil, err
	}
	mediaType, err := in.mediaType()
	if err != nil {
		return nil, err
	}
	if in.request.ContentLength > evidenceBytes {
		return nil, tooLargeFor(evidenceBytes)
	}
	control := http.NewResponseController(in.writer) // test recorders do not support deadlines
	_ = control.SetReadDeadline(time.Now().Add(uploadTime))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime + drainTime + writeTime)) // the server's own runs from the start of the request
	size, err := s.vault.put(ctx, sha, mediaType, http.MaxBytesReader(in.writer, in.request.Body, evidenceBytes))
	if err != nil {
		return nil, err
	}
	out := &uploadOutput{Status: http.StatusOK, Location: fileAt(sha)}
	actor := actorOf(ctx).ID
	known, own, err := s.uploaded(ctx, sha, actor)
	if err == nil && !own {
		out.Status = http.StatusCreated
		err = s.Store.SaveEvidence(ctx, postgres.Evidence{SHA256: sha, MediaType: mediaType, Size: size, Name: fileName(in.Disposition), UploadedBy: actor})
		if err == nil {
			known, _, err = s.uploaded(ctx, sha, actor)
		}
	}
	if err != nil {
		return nil, err
	}
	out.Body = fileOf(known)
	return out, nil
}

// uploaded returns a stored file with the name and type that the actor gave when uploading it, and reports whether the
// actor has uploaded it at all.
func (s *server) uploaded(ctx context.Context, sha, actor string) (postgres.Evidence, bool, error) {
	file, err := s.Store.Evidence(ctx, sha)
	if desk.NotThere(err) {
		return postgres.Evidence{}, false, nil
	}
	if err != nil {
		return postgres.Evidence{}, false, err
	}
	uploads, err := s.Store.Uploads(ctx, sha)
	own, found := postgres.UploadBy(actor, uploads)
	return file.As(own), found, err
}

func (u *Upload) sha() (string, error) {
	digest, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(u.Digest, "sha-256=:"), ":"))
	if err != nil || len(digest) != sha256.Size {
		return "", domain.Refuse("bad-digest", "header.Content-Digest")
	}
	return hex.EncodeToString(digest), nil
}

// charsets lists the character sets that an upload may declare, in lower case: those in which bank statements are read.
var charsets = []string{"", "utf-8", "us-ascii", "gb18030", "gbk", "gb2312"}

func (u *Upload) mediaType() (string, error) {
	mediaType, params, err := mime.ParseMediaType(u.ContentType)
	if _, allowed := domain.MediaTypes[mediaType]; err != nil || !allowed || u.request.Header.Get("Content-Encoding") != "" {
		return "", domain.Refuse("media-type", "header.Content-Type", "got", u.ContentType, "allowed", typeNames().EN, "allowed-zh", typeNames().ZH)
	}
	if charset := params["charset"]; !slices.Contains(charsets, strings.ToLower(charset)) {
		return "", domain.Refuse("unsupported-charset", "header.Content-Type", "got", charset)
	}
	return mediaType, nil
}

// fileName returns the file name in a browser's Content-Disposition header, without any path and without characters
// that are invisible or change the direction of the text.
func fileName(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	name := params["filename"]
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > nameLength {
		return string(runes[len(runes)-nameLength:]) // the extension is at the end
	}
	return name
}

func fileOf(e postgres.Evidence) File {
	return File{SHA256: e.SHA256, MediaType: e.MediaType, Size: e.Size, Name: e.Name, At: e.UploadedAt}
}

type fileInput struct {
	SHA256 string `path:"sha256" pattern:"^[0-9a-f]{64}$" patternDescription:"64 hexadecimal digits, small letters" doc:"SHA-256 of the file" example:"5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1"`
}

// download sends a file to a caller who may read it: its uploader, an auditor, or anyone who can see a record that
// refers to it.
//
// Errors: not-found, evidence-damaged.
func (s *server) download(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	file, err := s.desk(ctx).Evidence(ctx, in.SHA256)
	if err != nil {
		return nil, err
	}
	content, err := s.vault.open(ctx, in.SHA256)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer func() { _ = content.Close() }() // opened for reading only
		writeFile(c, file, content)
	}}, nil
}

func writeFile(c huma.Context, file postgres.Evidence, content io.Reader) {
	name := file.Name
	if name == "" {
		name = file.SHA256
	}
	digest, _ := hex.DecodeString(file.SHA256)
	c.SetHeader("Content-Type", file.MediaType)
	c.SetHeader("Content-Length", itoa(file.Size))
	c.SetHeader("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.SetHeader("ETag", `"`+file.SHA256+`"`)
	if w, ok := c.BodyWriter().(http.ResponseWriter); ok {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime)) // test recorders do not support deadlines
	}
	c.SetStatus(http.StatusOK)
	if c.Method() != http.MethodHead {
		_, _ = io.Copy(c.BodyWriter(), content) // the client may disconnect
	}
}
