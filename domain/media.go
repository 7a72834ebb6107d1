package domain

import "bytes"

// MediaType is a type of file that is accepted as evidence (佐证材料).
type MediaType struct {
	Name      Text
	Signature []byte // start of every file of the type; nil if the type has none
}

// SignatureBytes is the length of the longest signature.
const SignatureBytes = 8

// MediaTypes lists the accepted types of files by their names on the wire.
var MediaTypes = map[string]MediaType{
	"application/pdf": {Text{"PDF", "PDF"}, []byte("%PDF-")},
	"image/png":       {Text{"PNG", "PNG"}, []byte("\x89PNG\r\n\x1a\n")},
	"image/jpeg":      {Text{"JPEG", "JPEG"}, []byte("\xff\xd8\xff")},
	"text/csv":        {Text{"CSV", "CSV"}, nil},
	"text/plain":      {Text{"文本", "text"}, nil},
	"application/xml": {Text{"XML", "XML"}, nil}, // bank statements (camt.053)
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       {Text{"Excel（xlsx）", "Excel (xlsx)"}, []byte("PK\x03\x04")},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": {Text{"Word（docx）", "Word (docx)"}, []byte("PK\x03\x04")},
}

// IsMediaType reports whether a file that starts with head can be of the given type, which must be an accepted one.
func IsMediaType(name string, head []byte) bool {
	t, accepted := MediaTypes[name]
	return accepted && bytes.HasPrefix(head, t.Signature)
}
