package api

import "testing"

func TestTypesOfFilesAreNamedInWords(t *testing.T) {
	t.Parallel()
	want := text("PDF、Excel（xlsx）、Word（docx）、XML、JPEG、PNG、CSV、文本", "PDF, Excel (xlsx), Word (docx), XML, JPEG, PNG, CSV, text")
	if got := typeNames(); got != want {
		t.Errorf("%+v", got)
	}
}
